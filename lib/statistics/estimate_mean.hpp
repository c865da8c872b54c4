// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

#include "lib/core/require.hpp"
#include "lib/core/types.hpp"
#include "lib/statistics/estimate.hpp"

namespace stillpoint::statistics {

/// @brief Mean of independent samples and its standard error, √(Σ (x − mean)²/(n (n − 1))). For a
/// series with memory there is batch_means().
/// @param[in] samples  n ≥ 2.
/// @throws std::invalid_argument for fewer than two samples.
inline Estimate estimate_mean(const Eigen::Ref<const Vector, 0, Eigen::InnerStride<>>& samples) {
  require(samples.size() >= 2, "estimate_mean", samples.size(), " samples, expected at least two");
  const auto n = static_cast<double>(samples.size());
  const double mean = samples.mean();
  return {mean, std::sqrt((samples.array() - mean).square().sum() / (n * (n - 1.0)))};
}

}  // namespace stillpoint::statistics
