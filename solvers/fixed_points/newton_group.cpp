// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fixed_points/newton_group.hpp"

#include <cmath>

namespace stillpoint::fixed_points {

NewtonGroup::NewtonGroup(const Map& map)
    : map_(map),
      kernels_(group_kernels(instruction_set())),
      points_(doubles()),
      residual_(doubles()),
      right_(2 * doubles()),
      work_(2 * doubles()),
      matrix_(side_by_side() ? padded(map.size) * doubles() : 0),
      singly_(side_by_side() ? 0 : group_size) {}

void NewtonGroup::set_point(Index lane, const Vector& y) {
  for (Index i = 0; i < map_.size; ++i) points_.get()[i * group_size + lane] = y(i);
}

Vector NewtonGroup::point(Index lane) const {
  return Vector::NullaryExpr(map_.size,
                             [&](Index i) { return points_.get()[i * group_size + lane]; });
}

void NewtonGroup::evaluate_singly(bool with_matrix) {
  const Index n = map_.size, rows = padded(n);
  if (with_matrix && jacobian_.size() == 0) jacobian_.resize(n, n);
  for (Index lane = 0; lane < group_size; ++lane) {
    point_ = point(lane);
    image_.resize(n);
    map_.evaluate(point_, image_, with_matrix ? &jacobian_ : nullptr);
    for (Index i = 0; i < n; ++i) residual_.get()[i * group_size + lane] = image_(i) - point_(i);
    if (!with_matrix) continue;
    if (!side_by_side()) {
      singly_[static_cast<std::size_t>(lane)].compute(Matrix::Identity(n, n) - jacobian_);
      continue;
    }
    for (Index j = 0; j < rows; ++j)
      for (Index i = 0; i < rows; ++i) {
        const double slope = i < n && j < n ? jacobian_(i, j) : 0.0;
        matrix_.get()[entry(n, i, j) * group_size + lane] = (i == j ? 1.0 : 0.0) - slope;
      }
  }
}

void NewtonGroup::evaluate_residual() {
  if (map_.evaluate_group) {
    map_.evaluate_group(points_.get(), residual_.get(), nullptr, work_.get());
  } else {
    evaluate_singly(false);
  }
}

void NewtonGroup::evaluate() {
  if (map_.evaluate_group && side_by_side()) {
    map_.evaluate_group(points_.get(), residual_.get(), matrix_.get(), work_.get());
  } else {
    evaluate_singly(true);
  }
  if (side_by_side()) kernels_.factor(map_.size, matrix_.get());
}

void NewtonGroup::solve(int count) {
  if (side_by_side()) {
    kernels_.solve(map_.size, matrix_.get(), count, right_.get());
    return;
  }
  using Columns = Eigen::Map<Eigen::Matrix<double, group_size, Eigen::Dynamic>>;
  for (int which = 0; which < count; ++which) {
    Columns columns(right(which), group_size, map_.size);
    for (Index lane = 0; lane < group_size; ++lane) {
      point_ = columns.row(lane).transpose();
      columns.row(lane) = singly_[static_cast<std::size_t>(lane)].solve(point_).transpose();
    }
  }
}

PerPoint dot(const double* a, const double* b, Index doubles) {
  PerPoint sum{};
  for (Index i = 0; i < doubles; i += group_size)
    for (Index lane = 0; lane < group_size; ++lane)
      sum[static_cast<std::size_t>(lane)] += a[i + lane] * b[i + lane];
  return sum;
}

PerPoint largest(const double* a, Index doubles) {
  PerPoint most{}, zero{};
  for (Index i = 0; i < doubles; i += group_size)
    for (std::size_t lane = 0; lane < group_size; ++lane) {
      const double x = a[i + static_cast<Index>(lane)], size = std::abs(x);
      most[lane] = size > most[lane] ? size : most[lane];
      zero[lane] += 0.0 * x;  // NaN from then on if x is not finite
    }
  for (std::size_t lane = 0; lane < group_size; ++lane) most[lane] += zero[lane];
  return most;
}

}  // namespace stillpoint::fixed_points
