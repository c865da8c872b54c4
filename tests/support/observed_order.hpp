// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

#include "lib/core/types.hpp"
#include "lib/statistics/regression.hpp"

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
  Vector steps(levels);
  for (Index level = 0; level < levels; ++level)
    steps(level) = std::exp2(-static_cast<double>(first + level));
  return statistics::estimate_order(steps, means);
}

}  // namespace stillpoint::tests
