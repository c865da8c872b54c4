// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/plain_multistart.hpp"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_multiroots.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <memory>

namespace stillpoint::tests {
namespace {

Vector residual(const Matrix& W, const Vector& x) { return W * x.array().tanh().matrix() - x; }

Matrix jacobian(const Matrix& W, const Vector& x) {
  const Vector slope = 1.0 - x.array().tanh().square();
  return W * slope.asDiagonal() - Matrix::Identity(x.size(), x.size());
}

Vector random_start(Index n, double scale, std::mt19937_64& engine) {
  std::normal_distribution<double> normal(0.0, scale);
  return Vector::NullaryExpr(n, [&] { return normal(engine); });
}

/// Newton steps until the residual is at rounding. True if they got there.
bool iterate(const Matrix& W, Vector& x, bool damped, int most) {
  Vector F = residual(W, x);
  for (int k = 0; k < most; ++k) {
    if (F.norm() < 1e-11) return true;
    const Vector p = jacobian(W, x).partialPivLu().solve(-F);
    double length = 1.0;
    Vector trial = x + p, value = residual(W, trial);
    if (damped)
      for (int halving = 0; halving < 6 && !(value.norm() < F.norm()); ++halving) {
        length *= 0.5;
        trial = x + length * p;
        value = residual(W, trial);
      }
    if (!value.allFinite() || (damped && !(value.norm() < F.norm()))) return false;
    x = trial;
    F = value;
  }
  return false;
}

int gsl_residual(const gsl_vector* x, void* weights, gsl_vector* value) {
  const Matrix& W = *static_cast<const Matrix*>(weights);
  const Eigen::Map<const Vector> point(x->data, W.rows());
  Eigen::Map<Vector>(value->data, W.rows()) = residual(W, point);
  return GSL_SUCCESS;
}

int gsl_jacobian(const gsl_vector* x, void* weights, gsl_matrix* value) {
  const Matrix& W = *static_cast<const Matrix*>(weights);
  const Eigen::Map<const Vector> point(x->data, W.rows());
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<RowMajor>(value->data, W.rows(), W.rows()) = jacobian(W, point);
  return GSL_SUCCESS;
}

int gsl_both(const gsl_vector* x, void* weights, gsl_vector* value, gsl_matrix* slope) {
  gsl_residual(x, weights, value);
  return gsl_jacobian(x, weights, slope);
}

}  // namespace

bool PointSet::contains(const Vector& x) const {
  return std::any_of(points_.begin(), points_.end(), [&x](const Vector& point) {
    return (point - x).lpNorm<Eigen::Infinity>() < 1e-6;
  });
}

void PointSet::add(const Vector& x) {
  if (!contains(x)) points_.push_back(x);
}

Matrix random_weights(Index n, double gain, std::mt19937_64& engine) {
  std::normal_distribution<double> normal(0.0, gain / std::sqrt(static_cast<double>(n)));
  return Matrix::NullaryExpr(n, n, [&] { return normal(engine); });
}

void newton_multistart(const Matrix& W, Index starts, double scale, bool damped,
                       std::mt19937_64& engine, PointSet& found) {
  for (Index k = 0; k < starts; ++k) {
    Vector x = random_start(W.rows(), scale, engine);
    if (iterate(W, x, damped, 60)) found.add(x);
  }
}

void powell_multistart(const Matrix& W, Index starts, double scale, std::mt19937_64& engine,
                       PointSet& found) {
  const auto n = static_cast<std::size_t>(W.rows());
  gsl_error_handler_t* const handler = gsl_set_error_handler_off();
  const std::unique_ptr<gsl_multiroot_fdfsolver, decltype(&gsl_multiroot_fdfsolver_free)> solver(
      gsl_multiroot_fdfsolver_alloc(gsl_multiroot_fdfsolver_hybridsj, n),
      gsl_multiroot_fdfsolver_free);
  const std::unique_ptr<gsl_vector, decltype(&gsl_vector_free)> start(gsl_vector_alloc(n),
                                                                      gsl_vector_free);
  gsl_multiroot_function_fdf function{gsl_residual, gsl_jacobian, gsl_both, n,
                                      const_cast<Matrix*>(&W)};
  for (Index k = 0; k < starts; ++k) {
    Eigen::Map<Vector>(start->data, W.rows()) = random_start(W.rows(), scale, engine);
    gsl_multiroot_fdfsolver_set(solver.get(), &function, start.get());
    for (int step = 0; step < 300; ++step)
      if (gsl_multiroot_fdfsolver_iterate(solver.get()) != GSL_SUCCESS ||
          gsl_multiroot_test_residual(solver->f, 1e-9) == GSL_SUCCESS)
        break;
    // A stall near a minimum of the residual is no root: Newton's method must agree.
    Vector x = Eigen::Map<const Vector>(solver->x->data, W.rows());
    if (gsl_multiroot_test_residual(solver->f, 1e-7) == GSL_SUCCESS && iterate(W, x, true, 6))
      found.add(x);
  }
  gsl_set_error_handler(handler);
}

}  // namespace stillpoint::tests
