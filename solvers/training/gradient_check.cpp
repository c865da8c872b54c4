// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/training/gradient_check.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "lib/core/require.hpp"

namespace stillpoint::training {

GradientCheck check_gradient(const std::function<double(const Vector&)>& f, const Vector& x,
                             const Vector& gradient, const GradientCheckOptions& options) {
  constexpr std::string_view where = "training::check_gradient";
  require(x.size() > 0 && gradient.size() == x.size(), where, "the gradient has ", gradient.size(),
          " entries, expected ", x.size(), ", above 0");
  require(options.step > 0.0 && options.step < 1.0, where, "step = ", options.step,
          ", expected between 0 and 1");
  require(options.most >= 0, where, "most = ", options.most, ", expected >= 0");
  const double scale = gradient.lpNorm<Eigen::Infinity>();
  require(gradient.allFinite() && scale > 0.0, where,
          "the gradient is 0 or not finite, expected a point where it is not");
  const Index n = x.size(), count = options.most == 0 ? n : std::min(options.most, n);
  GradientCheck check{.looked_at = count};
  Vector y = x;
  for (Index k = 0; k < count; ++k) {
    const Index i = k * n / count;
    const double h = options.step * std::max(1.0, std::abs(x(i)));
    const auto odd_part = [&](double shift) {  // (f(x + s) − f(x − s))/2s
      y(i) = x(i) + shift;
      const double width_above = y(i) - x(i), above = f(y);
      y(i) = x(i) - shift;
      const double width = width_above + (x(i) - y(i)), below = f(y);
      y(i) = x(i);
      require(std::isfinite(above) && std::isfinite(below), where,
              "the function is not finite next to the point");
      return (above - below) / width;
    };
    const double one = odd_part(h), two = odd_part(2.0 * h), three = odd_part(3.0 * h);
    const double fourth = (4.0 * one - two) / 3.0;
    const double sixth = (15.0 * one - 6.0 * two + three) / 10.0;
    check.uncertainty = std::max(check.uncertainty, std::abs(fourth - sixth) / scale);
    const double error = std::abs(sixth - gradient(i)) / scale;
    if (error > check.error) {
      check.error = error;
      check.worst = i;
    }
  }
  return check;
}

}  // namespace stillpoint::training
