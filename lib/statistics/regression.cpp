// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/statistics/regression.hpp"

#include <cmath>
#include <limits>

#include "lib/core/require.hpp"

namespace stillpoint::statistics {

double slope(const Vector& x, const Vector& y) {
  require(x.size() == y.size() && x.size() >= 2, "slope", "x and y have ", x.size(), " and ",
          y.size(), " entries, expected the same number, at least 2");
  const Vector d = x.array() - x.mean();
  return d.dot(y) / d.squaredNorm();
}

double observed_order(const Vector& steps, const Vector& errors) {
  const double order = slope(steps.array().log(), errors.array().abs().log());
  return std::isfinite(order) ? order : std::numeric_limits<double>::quiet_NaN();
}

Estimate estimate_order(const Vector& steps, const Matrix& errors) {
  const Index batches = errors.cols();
  require(batches >= 2, "estimate_order", "batches = ", batches, ", expected >= 2");
  const double n = static_cast<double>(batches);
  const Vector all = errors.rowwise().mean();
  Vector without(batches);
  for (Index k = 0; k < batches; ++k)
    without(k) = observed_order(steps, (n * all - errors.col(k)) / (n - 1.0));
  return {observed_order(steps, all),
          std::sqrt((without.array() - without.mean()).square().sum() * (n - 1.0) / n)};
}

}  // namespace stillpoint::statistics
