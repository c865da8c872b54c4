// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "lib/intervals/matrix.hpp"

namespace stillpoint::certification {

/// @brief The number of eigenvalues outside the unit circle, if it is proved to be the same for
/// every matrix in M and none of them has an eigenvalue on the circle.
///
/// Proof: a symmetric P with S = P − Mᵀ P M positive definite. An eigenvector on the circle would
/// have v* S v = 0. On the invariant subspace inside, xᵀ P x = Σ_{k≥0} (Mᵏx)ᵀ S Mᵏx > 0; outside,
/// xᵀ P x = −Σ_{k≥1} (M⁻ᵏx)ᵀ S M⁻ᵏx < 0; so P has as many negative eigenvalues as M has outside.
/// P = Rᵀ Σ R with Σ = diag ±1 and R near the inverse of a basis T of eigenvectors, both from
/// floating point. With G = R T and K = R M T, near I and near block diagonal, G is shown to be
/// regular, so that P has the signs of Σ (Sylvester), and Tᵀ S T = Gᵀ Σ G − Kᵀ Σ K to be positive
/// definite (Gershgorin), in outward-rounded arithmetic.
/// Fails where eigenvalues come near the circle or eigenvectors near each other.
/// @param[in] M  (n, n). Cost: O(n³), most of it for the eigenvectors.
std::optional<Index> eigenvalues_outside_circle(const intervals::IntervalMatrix& M);

}  // namespace stillpoint::certification
