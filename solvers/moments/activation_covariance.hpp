// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/activations/activation.hpp"
#include "lib/core/types.hpp"

namespace stillpoint::moments {

/// @brief Cov(fᵢ(aᵢ), fⱼ(aⱼ)), (n, n), for Gaussian arguments a ~ N(mean, covariance), all pairs.
///
/// With R the correlation of a pair, q its sds and ĉ_ik = E f(aᵢ + qᵢ z) he_k(z), he_k orthonormal,
///
///     Cov = Σ_{k ≥ 1} ĉ_ik ĉ_jk R^k   (Mehler),
///
/// up to k = 40, with what is left bounded by |R|^{41} √(tᵢ tⱼ), tᵢ = v_q − Σ_k ĉ_ik² (Parseval).
/// Where that bound exceeds 1e-10 √(vᵢ vⱼ), strong correlations of kinked f, one integral over aᵢ
/// with the closed average of fⱼ given aᵢ, cut at the kinks, takes its place. Exact to about 1e-10
/// of √(vᵢ vⱼ). The diagonal is v_q.
/// @throws std::invalid_argument for a wrong shape, a negative variance or a non-finite number.
Matrix activation_covariance(const activations::Activation& f, const Vector& mean,
                             const Matrix& covariance);

}  // namespace stillpoint::moments
