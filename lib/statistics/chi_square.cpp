// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/statistics/chi_square.hpp"

#include <cmath>
#include <string_view>

#include "lib/core/require.hpp"

namespace stillpoint::statistics {

double chi_square_deviation(const Vector& counts, const Vector& probabilities) {
  constexpr std::string_view where = "chi_square_deviation";
  constexpr double fewest = 5.0;  // expected in a bin
  require(counts.size() == probabilities.size(), where, counts.size(), " counts and ",
          probabilities.size(), " probabilities, expected as many");
  require(counts.size() > 0 && counts.allFinite() && counts.minCoeff() >= 0.0 && counts.sum() > 0.0,
          where, "counts are empty, negative or not finite");
  require(probabilities.allFinite() && probabilities.minCoeff() >= 0.0, where,
          "a probability is negative or not finite");
  const double samples = counts.sum();
  double sum = 0.0, few_counted = 0.0, few_expected = 0.0;
  Index bins = 0;
  const auto add = [&](double counted, double expected) {
    sum += (counted - expected) * (counted - expected) / expected;
    ++bins;
  };
  for (Index bin = 0; bin < counts.size(); ++bin) {
    const double expected = samples * probabilities(bin);
    if (expected >= fewest) {
      add(counts(bin), expected);
    } else {
      few_counted += counts(bin);
      few_expected += expected;
    }
  }
  if (few_expected >= fewest) add(few_counted, few_expected);
  require(bins >= 2, where, "only ", bins, " bin(s) expect five samples, expected at least two");
  const auto freedom = static_cast<double>(bins - 1);
  return (sum - freedom) / std::sqrt(2.0 * freedom);
}

}  // namespace stillpoint::statistics
