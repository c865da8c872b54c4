// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "lib/statistics/estimate.hpp"

namespace stillpoint::statistics {

/// @brief Slope of the least-squares line through points (xₖ, yₖ).
/// @param[in] x, y  (k), k ≥ 2; x not all equal.
/// @throws std::invalid_argument for other sizes.
double slope(const Vector& x, const Vector& y);

/// @brief Order p of an error ∝ hᵖ: slope of ln |error| against ln h.
/// @param[in] steps   h > 0, (levels), levels ≥ 2.
/// @param[in] errors  (levels), not 0.
/// @returns NaN if an error is 0 or not a number.
/// @throws std::invalid_argument for other sizes.
double observed_order(const Vector& steps, const Vector& errors);

/// @brief The same for the mean of random errors, with its standard error by the jackknife over
/// independent batches: the order is a smooth function of the means.
/// @param[in] errors  Mean error of each batch, (levels, batches), batches ≥ 2.
Estimate estimate_order(const Vector& steps, const Matrix& errors);

}  // namespace stillpoint::statistics
