// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/algebraic/arnoldi.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string_view>
#include <unsupported/Eigen/MatrixFunctions>

#include "lib/core/require.hpp"

namespace stillpoint::algebraic {

Arnoldi arnoldi(const LinearMap& A, const Vector& v, Index dimension) {
  constexpr std::string_view where = "arnoldi";
  require(static_cast<bool>(A), where, "the map is empty");
  require(v.size() > 0 && v.allFinite() && v.squaredNorm() > 0.0, where,
          "v is empty, zero or not finite");
  require(dimension >= 1, where, "dimension = ", dimension, ", expected >= 1");
  const Index m = std::min(dimension, v.size());
  Arnoldi space{
      .basis = Matrix(v.size(), m + 1), .hessenberg = Matrix::Zero(m, m), .start_norm = v.norm()};
  space.basis.col(0) = v / space.start_norm;
  Vector w(v.size());
  for (Index j = 0; j < m; ++j) {
    A(space.basis.col(j), w);
    const double before = w.norm();
    const auto known = space.basis.leftCols(j + 1);
    for (int pass = 0; pass < 2; ++pass) {
      const Vector parts = known.transpose() * w;
      w.noalias() -= known * parts;
      space.hessenberg.col(j).head(j + 1) += parts;
    }
    space.next = w.norm();
    if (!(space.next > 1e-14 * before) || j + 1 == v.size()) {  // invariant
      space.next = 0.0;
      space.basis.conservativeResize(Eigen::NoChange, j + 2);
      space.basis.col(j + 1).setZero();
      space.hessenberg.conservativeResize(j + 1, j + 1);
      return space;
    }
    space.basis.col(j + 1) = w / space.next;
    if (j + 1 < m) space.hessenberg(j + 1, j) = space.next;
  }
  return space;
}

ExponentialAction exponential_action(const LinearMap& A, const Vector& v, double time,
                                     const ExponentialOptions& options) {
  constexpr std::string_view where = "exponential_action";
  require(std::isfinite(time) && time >= 0.0, where, "time = ", time, ", expected >= 0");
  require(options.tolerance > 0.0 && options.dimension >= 2 && options.max_steps > 0, where,
          "tolerance = ", options.tolerance, ", dimension = ", options.dimension,
          ", max_steps = ", options.max_steps, ", expected > 0, >= 2, > 0");
  ExponentialAction answer{.value = v};
  double done = 0.0, step = 0.0;
  for (Index steps = 0; done < time; ++steps) {
    if (answer.value.squaredNorm() == 0.0) return answer;
    if (steps == options.max_steps || !answer.value.allFinite()) {
      std::ostringstream text;
      text << (steps == options.max_steps ? "max_steps used up" : "the state is not finite")
           << " at t = " << done << " of " << time;
      answer.report.status =
          steps == options.max_steps ? Status::step_limit : Status::non_finite_state;
      answer.report.message = text.str();
      return answer;
    }
    const Arnoldi space = arnoldi(A, answer.value, options.dimension);
    const Index m = space.hessenberg.rows();
    answer.report.iterations += m;
    // H with a row for the part that leaves the space and a column for the integral of it: the
    // entries below e^{τH} are the first two terms of the error.
    Matrix extended = Matrix::Zero(m + 2, m + 2);
    extended.topLeftCorner(m, m) = space.hessenberg;
    extended(m, m - 1) = space.next;
    extended(m + 1, m) = 1.0;
    const double allowed = options.tolerance * v.norm() / time;  // a unit of time
    if (step == 0.0) step = 1.0 / std::max(space.hessenberg.norm(), 1e-300);
    step = std::min(step, time - done);
    Vector column;
    for (;;) {
      column = Matrix((step * extended).exp()).col(0);
      const double error = space.next == 0.0 ? 0.0 : space.start_norm * std::abs(column(m));
      const double ratio = error / (allowed * step);
      const double factor =
          ratio > 0.0 ? 0.9 * std::pow(ratio, -1.0 / static_cast<double>(m)) : 5.0;
      if (ratio <= 1.0 || space.next == 0.0) {
        answer.value = space.start_norm *
                       (space.basis.leftCols(m) * column.head(m) + space.basis.col(m) * column(m));
        done = step >= time - done ? time : done + step;
        step *= std::clamp(factor, 0.2, 5.0);
        break;
      }
      step *= std::clamp(factor, 0.1, 0.9);
    }
  }
  return answer;
}

}  // namespace stillpoint::algebraic
