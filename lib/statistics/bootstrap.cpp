// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/statistics/bootstrap.hpp"

#include <algorithm>
#include <random>
#include <string_view>

#include "lib/core/require.hpp"

namespace stillpoint::statistics {

ConfidenceInterval bootstrap_interval(
    Index count, const std::function<double(const std::vector<Index>&)>& statistic,
    std::uint64_t seed, Index resamples, double level) {
  constexpr std::string_view where = "bootstrap_interval";
  require(count >= 2, where, "count = ", count, ", expected 2 or more members");
  require(resamples >= 100, where, "resamples = ", resamples, ", expected 100 or more");
  require(level > 0.0 && level < 1.0, where, "level = ", level, ", expected between 0 and 1");
  // The bits of this engine are defined by the standard, those of its distributions are not.
  std::mt19937_64 engine(seed);
  std::vector<Index> members(static_cast<std::size_t>(count));
  std::vector<double> values;
  for (Index k = 0; k < resamples; ++k) {
    for (Index& member : members)
      member = static_cast<Index>(engine() % static_cast<std::uint64_t>(count));
    values.push_back(statistic(members));
  }
  std::sort(values.begin(), values.end());
  const double tail = 0.5 * (1.0 - level) * static_cast<double>(resamples - 1);
  const auto at = static_cast<std::size_t>(tail);
  return {values[at], values[values.size() - 1 - at]};
}

}  // namespace stillpoint::statistics
