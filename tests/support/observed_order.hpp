// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/statistics/estimate.hpp"

namespace stillpoint::tests {

/// @brief Slope of log₂ |mean error| against log₂ h over the levels first … last (h = 2^−level),
/// with the standard error of that slope from the scatter of 16 batches of samples.
///
/// error(sample, level) is the error of one sample: its absolute value for a strong order, the
/// difference of a function of the state for a weak one.
template <typename Error>
statistics::Estimate observed_order(Index samples, Index first, Index last, Error&& error) {
  constexpr Index batches = 16;
  const Index levels = last - first + 1, each = samples / batches;
  Matrix means = Matrix::Zero(levels, batches);
  for (Index batch = 0; batch < batches; ++batch)
    for (Index k = 0; k < each; ++k)
      for (Index level = 0; level < levels; ++level)
        means(level, batch) += error(batch * each + k, first + level) / static_cast<double>(each);
  const auto slope = [levels](const Vector& values) {
    double sx = 0.0, sy = 0.0, sxx = 0.0, sxy = 0.0;
    for (Index level = 0; level < levels; ++level) {
      const double x = -static_cast<double>(level), y = std::log2(std::abs(values(level)));
      sx += x;
      sy += y;
      sxx += x * x;
      sxy += x * y;
    }
    const double n = static_cast<double>(levels);
    return (n * sxy - sx * sy) / (n * sxx - sx * sx);
  };
  // Jackknife: the slope is a smooth function of the means.
  const Vector all = means.rowwise().mean();
  Vector without(batches);
  for (Index batch = 0; batch < batches; ++batch)
    without(batch) = slope((all * batches - means.col(batch)) / (batches - 1.0));
  const double variance =
      (without.array() - without.mean()).square().sum() * (batches - 1.0) / batches;
  return {slope(all), std::sqrt(variance)};
}

}  // namespace stillpoint::tests
