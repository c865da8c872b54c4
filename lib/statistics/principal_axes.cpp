// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/statistics/principal_axes.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>

#include "lib/core/require.hpp"

namespace stillpoint::statistics {
namespace {

/// The first entry whose size is the largest, to 1e-6.
double leading_entry(const Vector& axis) {
  const double largest = axis.lpNorm<Eigen::Infinity>();
  for (const double entry : axis)
    if (std::abs(entry) >= (1.0 - 1e-6) * largest) return entry;
  return 0.0;
}

}  // namespace

Matrix PrincipalAxes::project(const Matrix& states) const {
  require(states.rows() == mean.size(), "PrincipalAxes", "states have ", states.rows(),
          " rows, expected ", mean.size());
  return axes.transpose() * (states.colwise() - mean);
}

PrincipalAxes principal_axes(const Matrix& states, Index count) {
  const Index n = states.rows();
  require(states.cols() > 0 && n > 0, "principal_axes", "states have shape (", n, ", ",
          states.cols(), "), expected at least one state");
  require(states.allFinite(), "principal_axes", "states hold a NaN or an infinity");
  require(count >= 1 && count <= n, "principal_axes", "count = ", count, ", expected 1 to ", n);
  PrincipalAxes result{.mean = states.rowwise().mean()};
  const Matrix centred = states.colwise() - result.mean;
  const Matrix covariance = centred * centred.transpose() / static_cast<double>(states.cols());
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(covariance);  // rising eigenvalues
  result.axes = solver.eigenvectors().rightCols(count).rowwise().reverse();
  result.variance = solver.eigenvalues().tail(count).reverse().cwiseMax(0.0);
  result.total_variance = covariance.trace();
  for (Index k = 0; k < count; ++k)
    if (leading_entry(result.axes.col(k)) < 0.0) result.axes.col(k) *= -1.0;
  return result;
}

}  // namespace stillpoint::statistics
