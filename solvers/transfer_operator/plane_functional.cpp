// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/transfer_operator/plane_functional.hpp"

#include <limits>

#include "solvers/algebraic/gmres.hpp"

namespace stillpoint::transfer_operator {
namespace {

/// A R Bᵀ for the (N) values r as a matrix R.
Vector tensor_product(const std::array<Matrix, 2>& axes, const Eigen::Ref<const Vector>& r) {
  const auto& [A, B] = axes;
  const Eigen::Map<const Matrix> R(r.data(), A.cols(), B.cols());
  Vector result(A.rows() * B.rows());
  Eigen::Map<Matrix>(result.data(), A.rows(), B.rows()).noalias() = (A * R) * B.transpose();
  return result;
}

/// Aᵀ R B.
Vector transposed_product(const std::array<Matrix, 2>& axes, const Eigen::Ref<const Vector>& r) {
  const auto& [A, B] = axes;
  const Eigen::Map<const Matrix> R(r.data(), A.rows(), B.rows());
  Vector result(A.cols() * B.cols());
  Eigen::Map<Matrix>(result.data(), A.cols(), B.cols()).noalias() = (A.transpose() * R) * B;
  return result;
}

}  // namespace

PlaneFunctional::PlaneFunctional(const PlaneChain& chain, const PlaneGrid& fine,
                                 const PlaneGrid& coarse, double refinement,
                                 const PlaneFunctional* guess)
    : operator_(chain, fine, refinement) {
  for (int k = 0; k < 2; ++k) {
    to_fine_[k] = interpolation(coarse[k], fine[k].nodes());
    to_coarse_[k] = interpolation(fine[k], coarse[k].nodes());
  }
  const PlaneOperator coarse_operator(chain, coarse, refinement);
  const Index coarse_size = coarse_operator.size();
  const double share = 1.0 / static_cast<double>(coarse_size);
  Matrix system = -coarse_operator.dense_forward();
  system.diagonal().array() += 1.0;
  system.array() += share;
  coarse_.compute(system);
  const Vector coarse_shift = Vector::Constant(coarse_size, share);
  shift_ = tensor_product(to_coarse_, coarse_shift);

  Vector start;
  if (guess != nullptr) {
    std::array<Matrix, 2> carried;
    for (int k = 0; k < 2; ++k) carried[k] = interpolation(fine[k], guess->grid()[k].nodes());
    start = tensor_product(carried, guess->weights());
  } else {
    start = tensor_product(to_coarse_, coarse_.solve(coarse_shift));
  }
  const auto system_product = [this](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> result) {
    operator_.forward(x, result);
    result = x - result + x.sum() * shift_;
  };
  const auto precondition = [this](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> result) {
    const Vector r = tensor_product(to_fine_, x);
    result = x + tensor_product(to_coarse_, coarse_.solve(r) - r);
  };
  const auto solution = algebraic::gmres(system_product, precondition, shift_, start,
                                         {.tolerance = 1e-13, .dimension = 60, .restarts = 4});
  report_ = solution.report;
  // The last digits of the residual are rounding.
  if (!report_.ok() && report_.residual < 1e-10) report_.status = Status::success;
  weights_ = solution.x / solution.x.sum();
}

Vector PlaneFunctional::marginal(int axis) const {
  const Eigen::Map<const Matrix> pi(weights_.data(), grid()[0].size(), grid()[1].size());
  return axis == 0 ? Vector(pi.rowwise().sum()) : Vector(pi.colwise().sum().transpose());
}

Vector PlaneFunctional::poisson_solution(const Vector& v) const {
  const auto system_product = [this](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> result) {
    operator_.backward(x, result);
    result = (x - result).array() + shift_.dot(x);
  };
  const auto precondition = [this](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> result) {
    const Vector r = transposed_product(to_coarse_, x);
    const Vector solved = coarse_.transpose().solve(r);
    result = x + transposed_product(to_fine_, solved - r);
  };
  const Vector centred = v.array() - weights_.dot(v);
  const auto solution = algebraic::gmres(system_product, precondition, centred, {},
                                         {.tolerance = 1e-8, .dimension = 60, .restarts = 4});
  if (!solution.report.ok() && !(solution.report.residual < 1e-4))
    return Vector::Constant(v.size(), std::numeric_limits<double>::quiet_NaN());
  return solution.x.array() - weights_.dot(solution.x);
}

}  // namespace stillpoint::transfer_operator
