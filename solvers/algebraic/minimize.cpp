// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/algebraic/minimize.hpp"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_min.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <memory>
#include <vector>

#include "lib/core/require.hpp"

namespace stillpoint::algebraic {
namespace {

/// The user's function behind GSL's C callback, through which no exception may pass.
struct Counted {
  const std::function<double(double)>& f;
  Index evaluations = 0;
  bool finite = true;
  std::exception_ptr error;

  double operator()(double x) noexcept {
    ++evaluations;
    double y = std::numeric_limits<double>::quiet_NaN();
    try {
      if (!error) y = f(x);
    } catch (...) {
      error = std::current_exception();
    }
    finite = finite && std::isfinite(y);
    return y;
  }
  bool usable() const { return finite && !error; }
};

extern "C" double evaluate_counted(double x, void* counted) {
  return (*static_cast<Counted*>(counted))(x);
}

struct Point {
  double x, y;
};

/// Brent's method on a bracket left < middle < right whose middle is the lowest.
Point polish(Counted& f, Point left, Point middle, Point right, double tolerance,
             Index& iterations) {
  const std::unique_ptr<gsl_min_fminimizer, decltype(&gsl_min_fminimizer_free)> minimizer(
      gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent), gsl_min_fminimizer_free);
  gsl_function function{evaluate_counted, &f};
  gsl_error_handler_t* const handler = gsl_set_error_handler_off();  // errors are return values
  int status = gsl_min_fminimizer_set_with_values(minimizer.get(), &function, middle.x, middle.y,
                                                  left.x, left.y, right.x, right.y);
  for (iterations = 0; status == GSL_SUCCESS && f.usable() && iterations < 200; ++iterations) {
    status = gsl_min_fminimizer_iterate(minimizer.get());
    if (gsl_min_test_interval(gsl_min_fminimizer_x_lower(minimizer.get()),
                              gsl_min_fminimizer_x_upper(minimizer.get()), 0.0,
                              tolerance) == GSL_SUCCESS)
      break;
  }
  gsl_set_error_handler(handler);
  return {gsl_min_fminimizer_x_minimum(minimizer.get()),
          gsl_min_fminimizer_f_minimum(minimizer.get())};
}

}  // namespace

Minimum minimize(const std::function<double(double)>& f, double lower, double upper,
                 const MinimizeOptions& options) {
  require(std::isfinite(lower) && std::isfinite(upper) && lower < upper, "minimize", "interval [",
          lower, ", ", upper, "], expected lower < upper");
  require(options.scan >= 2, "minimize", "scan = ", options.scan, ", expected >= 2");
  require(options.tolerance > 0.0 && options.tolerance < 1.0, "minimize",
          "tolerance = ", options.tolerance, ", expected in (0, 1)");
  Counted counted{f};
  const double width = (upper - lower) / static_cast<double>(options.scan);
  std::vector<Point> points;
  for (Index k = 0; k <= options.scan && counted.usable(); ++k) {
    const double x = k == options.scan ? upper : lower + width * static_cast<double>(k);
    points.push_back({x, counted(x)});
  }
  Point best{};
  Report report;
  if (counted.usable()) {
    const auto lowest =
        std::min_element(points.begin(), points.end(), [](Point a, Point b) { return a.y < b.y; });
    best = *lowest;
    Point left = lowest == points.begin() ? best : lowest[-1];
    Point right = lowest + 1 == points.end() ? best : lowest[1];
    // The lowest sample is an end: a valley may still lie between it and its neighbour.
    Point middle = best;
    const Point inner = left.x == best.x ? right : left;
    if (left.x == best.x || right.x == best.x) {
      constexpr double golden = 0.3819660112501051;
      for (double share = golden; share > options.tolerance && counted.usable(); share *= golden) {
        const double x = best.x + share * (inner.x - best.x);
        middle = {x, counted(x)};
        if (middle.y < best.y) break;
      }
    }
    if (middle.x == best.x || middle.y < best.y)
      best = polish(counted, left, middle, right, options.tolerance, report.iterations);
    else
      report.message = "the minimum is at an end of the interval";
  }
  if (counted.error) std::rethrow_exception(counted.error);
  report.evaluations = counted.evaluations;
  if (counted.usable()) return {best.x, best.y, report};
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
