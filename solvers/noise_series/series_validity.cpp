// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/noise_series/series_validity.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string_view>
#include <vector>

#include "lib/activations/taylor.hpp"
#include "lib/core/require.hpp"

namespace stillpoint::noise_series {
namespace {

/// (|c_L|/|c_1|)^{1/(L−1)} x, maximum norms; 0 where nothing grows from nothing.
template <typename Terms>
double mean_ratio(const Terms& terms, Index last, double x) {
  const double first = terms[1].cwiseAbs().maxCoeff(), end = terms[last].cwiseAbs().maxCoeff();
  if (end == 0.0) return 0.0;
  return std::pow(end / first, 1.0 / static_cast<double>(last - 1)) * x;
}

/// (R/q)²; see SeriesVerdict::best_order.
double best_order(const activations::Activation& f, double u, double q) {
  const double radius = activations::taylor_radius(f, u);
  // erf is entire, but the series of its average, erf(u/√(1 + 2q²)), ends at 2q² = 1.
  if (std::holds_alternative<activations::Erf>(f) && 2.0 * q * q >= 1.0) return 0.0;
  return (radius / q) * (radius / q);
}

}  // namespace

SeriesVerdict judge_series(const NoiseSeries& series, const activations::Activation& f,
                           double level, Index order, const SeriesLimits& limits) {
  constexpr std::string_view where = "noise_series::judge_series";
  require(std::isfinite(level) && level >= 0.0, where, "level = ", level, ", expected >= 0");
  const Index asked = order < 0 ? series.order : order;
  require(asked % 2 == 0 && asked <= series.order, where, "order = ", asked,
          ", expected an even number up to ", series.order);
  SeriesVerdict verdict;
  if (!series.report.ok()) {
    verdict.valid = false;
    verdict.note = series.report.message;
    return verdict;
  }
  if (level == 0.0) return verdict;
  verdict.fold_distance = series.fold_distance / level;
  verdict.kink_distance = series.kink_distance.minCoeff() / level;
  if (activations::kinks(f).empty())
    for (Index j = 0; j < series.argument.size(); ++j) {
      const double q = level * std::sqrt(series.argument_covariance(j, j));
      verdict.best_order = std::min(verdict.best_order, best_order(f, series.argument(j), q));
    }
  const Index known = static_cast<Index>(series.mean.size()) - 1;
  const Index last = std::max<Index>(2, std::min(known, asked / 2 + 1));
  const double x = level * level;
  verdict.term_ratio =
      std::max(mean_ratio(series.mean, last, x), mean_ratio(series.covariance, last, x));

  std::ostringstream note;
  note.precision(3);
  if (verdict.kink_distance < limits.kink_distance)
    note << "a kink of the activation lies " << verdict.kink_distance
         << " standard deviations of the argument away: the Taylor series misses its effect at "
            "every order, the uniform expansion holds it";
  else if (verdict.fold_distance < limits.fold_distance)
    note << "an unstable state lies about " << verdict.fold_distance
         << " standard deviations from the fixed point: a fold or another state is within reach";
  else if (verdict.term_ratio > limits.term_ratio)
    note << "consecutive terms fall only by a factor " << verdict.term_ratio
         << ": the sum has no digits to rely on";
  else if (verdict.best_order < static_cast<double>(asked + 2))
    note << "the noise on the argument is wide against the activation's curvature: the series is "
            "best cut at order "
         << 2 * static_cast<Index>(verdict.best_order / 2.0);
  verdict.note = note.str();
  verdict.valid = verdict.note.empty();
  return verdict;
}

}  // namespace stillpoint::noise_series
