// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"

namespace stillpoint::activations {

/// Nodes and weights of a Gaussian average, E φ(z) ≈ Σ_k weights(k) φ(nodes(k)), z ~ N(0, 1).
struct GaussHermite {
  Vector nodes;    ///< Ascending, (n).
  Vector weights;  ///< > 0, Σ = 1, (n).
};

/// @brief The n-point Gauss–Hermite rule: exact for polynomials of degree 2n − 1, geometric for a
/// smooth φ, of order 1/n and slower for one with a kink.
/// @throws std::invalid_argument unless 1 ≤ n ≤ 200.
/// Source: Golub & Welsch (1969), Math. Comp. 23, 221: nodes are eigenvalues of the matrix of the
/// recurrence, weights the squares of the first entries of its eigenvectors.
GaussHermite gauss_hermite(Index n);

}  // namespace stillpoint::activations
