// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "lib/intervals/matrix.hpp"

namespace stillpoint::fixed_points {

/// @brief The number of eigenvalues outside the unit circle, if it is proved to be the same for
/// every matrix in M and none of them has an eigenvalue on the circle.
///
/// Proof: a symmetric P with S = P − Mᵀ P M positive definite. An eigenvector on the circle would
/// have v* S v = 0. On the invariant subspace inside, xᵀ P x = Σ_{k≥0} (Mᵏx)ᵀ S Mᵏx > 0; outside,
/// xᵀ P x = −Σ_{k≥1} (M⁻ᵏx)ᵀ S M⁻ᵏx < 0; so P has as many negative eigenvalues as M has outside.
/// P comes from floating-point eigenvectors; that S is definite and the signs of P are shown by
/// congruence to nearly diagonal matrices in outward-rounded arithmetic (Sylvester, Gershgorin).
/// Fails where eigenvalues come near the circle or eigenvectors near each other.
/// @param[in] M  (n, n). Cost: O(n³), most of it for the eigenvectors.
std::optional<Index> eigenvalues_outside_circle(const intervals::IntervalMatrix& M);

}  // namespace stillpoint::fixed_points
