// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/algebraic/minimize.hpp"

#include <algorithm>
#include <boost/math/tools/minima.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "lib/core/require.hpp"

namespace stillpoint::algebraic {

Minimum minimize(const std::function<double(double)>& f, double lower, double upper,
                 const MinimizeOptions& options) {
  require(std::isfinite(lower) && std::isfinite(upper) && lower < upper, "minimize", "interval [",
          lower, ", ", upper, "], expected lower < upper");
  require(options.scan >= 2, "minimize", "scan = ", options.scan, ", expected >= 2");
  require(options.tolerance > 0.0 && options.tolerance < 1.0, "minimize",
          "tolerance = ", options.tolerance, ", expected in (0, 1)");

  Report report;
  bool finite = true;
  const auto counted = [&](double x) {
    ++report.evaluations;
    const double y = f(x);
    finite = finite && std::isfinite(y);
    return y;
  };

  const double width = (upper - lower) / static_cast<double>(options.scan);
  const auto point = [&](Index k) { return k == options.scan ? upper : lower + width * k; };
  std::vector<double> values;
  for (Index k = 0; k <= options.scan; ++k) values.push_back(counted(point(k)));
  if (finite) {
    const Index best = std::min_element(values.begin(), values.end()) - values.begin();
    // Brent never evaluates the ends of its bracket, so an end that is lowest is kept apart.
    const double left = point(std::max<Index>(best - 1, 0));
    const double right = point(std::min(best + 1, options.scan));
    const int bits = std::max(2, static_cast<int>(std::ceil(-std::log2(options.tolerance))));
    std::uintmax_t iterations = 200;
    const auto [x, y] = boost::math::tools::brent_find_minima(
        counted, left, right, std::min(bits, std::numeric_limits<double>::digits / 2), iterations);
    report.iterations = static_cast<Index>(iterations);
    if (finite && y < values[best]) return {x, y, report};
    if (finite) {
      if (best == 0 || best == options.scan)
        report.message = "the minimum is at an end of the interval";
      return {point(best), values[best], report};
    }
  }
  report.status = Status::non_finite_state;
  report.message = "the function is not finite on the interval";
  const double nan = std::numeric_limits<double>::quiet_NaN();
  return {nan, nan, report};
}

Minimum minimum_of_samples(const Vector& x, const Vector& y) {
  const Index count = x.size();
  require(count >= 1 && y.size() == count, "minimum_of_samples", "x and y have ", count, " and ",
          y.size(), " entries, expected the same number, at least 1");
  require(x.array().isFinite().all() && y.array().isFinite().all(), "minimum_of_samples",
          "x or y holds a NaN or an infinity, expected finite numbers");
  for (Index k = 1; k < count; ++k)
    require(x(k) > x(k - 1), "minimum_of_samples", "x does not increase at entry ", k);
  Index best = 0;
  y.minCoeff(&best);
  if (best == 0 || best == count - 1)
    return {x(best), y(best), {.message = "the minimum is at an end of the samples"}};
  // Newton's divided differences on the three points.
  const double left = x(best) - x(best - 1), right = x(best + 1) - x(best);
  const double slope_left = (y(best) - y(best - 1)) / left;
  const double slope_right = (y(best + 1) - y(best)) / right;
  const double curvature = (slope_right - slope_left) / (left + right);  // half of y''
  if (curvature == 0.0) return {x(best), y(best), {}};                   // three equal samples
  const double slope = slope_left + curvature * left;                    // y' at the middle sample
  const double offset = -slope / (2.0 * curvature);
  return {x(best) + offset, y(best) + 0.5 * slope * offset, {}};
}

}  // namespace stillpoint::algebraic
