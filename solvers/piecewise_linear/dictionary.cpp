// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/piecewise_linear/dictionary.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <utility>

namespace stillpoint::piecewise_linear {
namespace {

constexpr double tolerance = 1e-9;  // of numbers that are 1 in size

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// The power of two nearest to 1/x; 1 for 0.
double inverse_power(double x) {
  return x > 0.0 ? std::ldexp(1.0, static_cast<int>(-std::lround(std::log2(x)))) : 1.0;
}

}  // namespace

Dictionary::Dictionary(const Matrix& E, const Vector& r) : rows_(E.rows()) {
  const Index n = E.cols();
  auto frame = std::make_shared<Frame>();
  frame->variables = n;
  frame->row_scale = E.cwiseAbs().rowwise().maxCoeff().unaryExpr(&inverse_power);
  Matrix scaled = frame->row_scale.asDiagonal() * E;
  const Vector column_scale =
      scaled.cwiseAbs().colwise().maxCoeff().transpose().unaryExpr(&inverse_power);
  scaled = scaled * column_scale.asDiagonal();
  const Vector right = frame->row_scale.cwiseProduct(r);
  const double right_scale = inverse_power(right.lpNorm<Eigen::Infinity>());

  // t = r − E x with all of t basic, then t is exchanged for x as far as it goes.
  stride_ = n + 1;
  T_.resize(at(rows_ * stride_));
  for (Index i = 0; i < rows_; ++i) {
    for (Index j = 0; j < n; ++j) entry(i, j) = -scaled(i, j);
    value(i) = right_scale * right(i);
    basic_.push_back(n + i);
  }
  for (Index j = 0; j < n; ++j) nonbasic_.push_back(j);
  row_of_.assign(at(n + rows_), -1);
  for (Index i = 0; i < rows_; ++i) row_of_[at(n + i)] = i;
  fixed_.assign(at(n + rows_), 0);
  std::fill(fixed_.begin() + n, fixed_.end(), 1);
  for (Index step = 0; step < rows_; ++step) {
    Index row = -1, column = -1;
    double largest = tolerance;
    for (Index i = 0; i < rows_; ++i) {
      if (basic_[at(i)] < n) continue;
      for (Index j = 0; j < n; ++j)
        if (nonbasic_[at(j)] < n && std::abs(entry(i, j)) > largest) {
          largest = std::abs(entry(i, j));
          row = i;
          column = j;
        }
    }
    if (row < 0) break;
    pivot(row, column);
  }
  // Columns of t that left the basis are of no use any more.
  Index kept = 0;
  for (Index j = 0; j < n; ++j) {
    if (nonbasic_[at(j)] >= n) continue;
    for (Index i = 0; i < rows_; ++i) entry(i, kept) = entry(i, j);
    nonbasic_[at(kept++)] = nonbasic_[at(j)];
  }
  nonbasic_.resize(at(kept));
  std::vector<double> narrow;
  for (Index i = 0; i < rows_; ++i) {
    for (Index j = 0; j < kept; ++j) narrow.push_back(entry(i, j));
    narrow.push_back(value(i));
  }
  T_ = std::move(narrow);
  stride_ = kept + 1;
  frame->start_basis = basic_;
  Matrix B = Matrix::Zero(rows_, rows_);
  for (Index i = 0; i < rows_; ++i) {
    if (basic_[at(i)] < n) {
      B.col(i) = scaled.col(basic_[at(i)]);
    } else {
      B(basic_[at(i)] - n, i) = 1.0;
    }
  }
  frame->start_inverse = B.partialPivLu().inverse();
  frame_ = std::move(frame);
}

void Dictionary::pivot(Index row, Index column) {
  double* const pivot_row = &entry(row, 0);
  const double inverse = 1.0 / pivot_row[column];
  for (Index j = 0; j < stride_; ++j) pivot_row[j] *= -inverse;
  pivot_row[column] = inverse;
  for (Index i = 0; i < rows_; ++i) {
    if (i == row) continue;
    double* const other = &entry(i, 0);
    const double factor = other[column];
    if (factor == 0.0) continue;
    other[column] = 0.0;
    for (Index j = 0; j < stride_; ++j) other[j] += factor * pivot_row[j];
  }
  std::swap(basic_[at(row)], nonbasic_[at(column)]);
  row_of_[at(basic_[at(row)])] = row;
  row_of_[at(nonbasic_[at(column)])] = -1;
  ++pivots_;
}

/// A variable that is zero leaves the basis, unless its row is zero.
void Dictionary::leave(Index row) {
  Index column = -1;
  double largest = tolerance;
  for (Index j = 0; j < columns(); ++j)
    if (open(j) && std::abs(entry(row, j)) > largest) {
      largest = std::abs(entry(row, j));
      column = j;
    }
  if (column >= 0) pivot(row, column);
}

/// Brings a variable whose value has the given sign to zero, all feasible ones staying feasible.
std::optional<Dictionary::Obstacle> Dictionary::drive(Index variable, double sign) {
  const Index dantzig_steps = rows_, most_steps = 50 * rows_;
  for (Index step = 0; step < most_steps; ++step) {
    const Index row = row_of_[at(variable)];
    if (row < 0) return {};
    if (sign * value(row) <= tolerance) {
      if (sign > 0.0) leave(row);
      return {};
    }
    // The steepest column; later the first one, which cannot cycle.
    Index column = -1;
    double steepest = tolerance;
    for (Index j = 0; j < columns(); ++j) {
      const double slope = -sign * entry(row, j);
      if (slope <= steepest || !open(j)) continue;
      if (step < dantzig_steps) {
        steepest = slope;
        column = j;
      } else if (column < 0 || nonbasic_[at(j)] < nonbasic_[at(column)]) {
        column = j;
      }
    }
    if (column < 0) return Obstacle{row, sign < 0.0};
    Index leaving = row;
    double length = value(row) / -entry(row, column);
    for (Index i = 0; i < rows_; ++i) {
      if (i == row || entry(i, column) >= -tolerance || !open_row(i) || value(i) < -tolerance)
        continue;
      const double limit = std::max(0.0, value(i)) / -entry(i, column);
      if (limit < length) {
        length = limit;
        leaving = i;
      }
    }
    pivot(leaving, column);
  }
  return {};
}

std::optional<Dictionary::Obstacle> Dictionary::start() {
  for (Index i = 0; i < rows_; ++i)
    if (basic_[at(i)] >= frame_->variables && std::abs(value(i)) > tolerance)
      return Obstacle{i, value(i) < 0.0};
  for (Index variable = 0; variable < frame_->variables; ++variable) {
    const Index row = row_of_[at(variable)];
    if (row < 0 || value(row) >= -tolerance) continue;
    if (const auto obstacle = drive(variable, -1.0)) return obstacle;
  }
  return {};
}

std::optional<Dictionary::Obstacle> Dictionary::fix(Index variable) {
  fixed_[at(variable)] = 1;
  return drive(variable, 1.0);
}

double Dictionary::resistance(Index variable) const {
  const Index row = row_of_[at(variable)];
  if (row < 0) return 0.0;
  double up = std::max(0.0, value(row)), down = 1e-3;
  for (Index j = 0; j < columns(); ++j) {
    if (!open(j)) continue;
    const double slope = entry(row, j);
    (slope < 0.0 ? down : up) += std::abs(slope);
  }
  return up / down;
}

std::optional<Dictionary::Obstacle> Dictionary::always_positive(Index variable) const {
  constexpr double rounding = 1e-13;
  const Index row = row_of_[at(variable)];
  if (row < 0 || value(row) <= tolerance) return {};
  for (Index j = 0; j < columns(); ++j)
    if (entry(row, j) < -rounding && open(j)) return {};
  return Obstacle{row, false};
}

Vector Dictionary::multipliers(const Obstacle& obstacle) const {
  // Row i says x_basic − T x_nonbasic = q. The obstacle's row, with this sign, has coefficients ≥ 0
  // and a right-hand side < 0; the sum of the other rows has 1 in front of their basic variables.
  const double sign = obstacle.negative ? 1.0 : -1.0;
  const Index row = obstacle.row;
  std::vector<double> sum(at(stride_), 0.0);
  for (Index i = 0; i < rows_; ++i) {
    if (i == row || !open_row(i)) continue;
    for (Index j = 0; j < stride_; ++j) sum[at(j)] += entry(i, j);
  }
  double share = 1e-3;
  if (sum[at(stride_ - 1)] > 0.0)
    share = std::min(share, 0.5 * std::abs(value(row)) / sum[at(stride_ - 1)]);
  for (Index j = 0; j < columns(); ++j)
    if (open(j) && sum[at(j)] > 0.0)
      share = std::min(share, 0.5 * std::abs(entry(row, j)) / sum[at(j)]);
  // Rounding is all that is left of coefficients below this; they are better taken as zero.
  if (share < 1e-13) share = 0.0;
  const Frame& frame = *frame_;
  Vector coefficients = Vector::Zero(rows_);
  for (Index k = 0; k < rows_; ++k) {
    const Index variable = frame.start_basis[at(k)], at_row = row_of_[at(variable)];
    if (at_row == row) {
      coefficients(k) = sign;
    } else if (at_row >= 0) {
      coefficients(k) = open_row(at_row) ? share : 0.0;
    } else {
      const auto position = std::find(nonbasic_.begin(), nonbasic_.end(), variable);
      const auto j = static_cast<Index>(position - nonbasic_.begin());
      if (position != nonbasic_.end()) coefficients(k) = -sign * entry(row, j) - share * sum[at(j)];
    }
  }
  return frame.row_scale.cwiseProduct(frame.start_inverse.transpose() * coefficients);
}

}  // namespace stillpoint::piecewise_linear
