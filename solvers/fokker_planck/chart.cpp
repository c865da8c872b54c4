// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/chart.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <cmath>
#include <string_view>
#include <utility>

#include "lib/core/require.hpp"

namespace stillpoint::fokker_planck {
namespace {

/// s = sinh(a ξ)/a with its derivatives.
double stretched(double a, double xi) { return a > 0.0 ? std::sinh(a * xi) / a : xi; }
double slope(double a, double xi) { return std::cosh(a * xi); }
double curvature(double a, double xi) { return a * std::sinh(a * xi); }

}  // namespace

Chart Chart::identity(Index dimension) {
  return {Vector::Zero(dimension), Matrix::Identity(dimension, dimension), Vector::Zero(dimension)};
}

Vector Chart::position(const Vector& coordinates) const {
  Vector s(coordinates.size());
  for (Index i = 0; i < s.size(); ++i) s(i) = stretched(stretch(i), coordinates(i));
  return centre + axes * s;
}

Vector Chart::coordinates(const Vector& position) const {
  Vector xi = axes.partialPivLu().solve(position - centre);
  for (Index i = 0; i < xi.size(); ++i)
    if (stretch(i) > 0.0) xi(i) = std::asinh(stretch(i) * xi(i)) / stretch(i);
  return xi;
}

Matrix Chart::jacobian(const Vector& coordinates) const {
  Matrix jacobian = axes;
  for (Index i = 0; i < coordinates.size(); ++i)
    jacobian.col(i) *= slope(stretch(i), coordinates(i));
  return jacobian;
}

double Chart::volume_factor(const Vector& coordinates) const {
  return std::abs(jacobian(coordinates).determinant());
}

Chart principal_chart(const Vector& mean, const Matrix& covariance, const Matrix& tensor) {
  constexpr std::string_view where = "principal_chart";
  const Index n = mean.size();
  require(
      covariance.rows() == n && covariance.cols() == n && tensor.rows() == n && tensor.cols() == n,
      where, "mean of ", n, " entries with a covariance of ", covariance.rows(),
      " and a tensor of ", tensor.rows(), " rows");
  require(mean.allFinite() && covariance.allFinite() && tensor.allFinite(), where,
          "mean, covariance or tensor is not finite");
  const Eigen::SelfAdjointEigenSolver<Matrix> own(covariance, Eigen::EigenvaluesOnly);
  require(own.eigenvalues()(0) > 1e-14 * own.eigenvalues()(n - 1), where,
          "the covariance has the eigenvalue ", own.eigenvalues()(0),
          ", expected it to be positive definite: is there a direction without noise?");
  const Eigen::GeneralizedSelfAdjointEigenSolver<Matrix> pair(tensor, covariance);
  // Columns u with uᵀ C u = 1 are rows of the inverse of the axes.
  return {mean, covariance * pair.eigenvectors(), Vector::Zero(n)};
}

Coefficients on_chart(Coefficients coefficients, const Chart& chart) {
  constexpr std::string_view where = "on_chart";
  const Index n = coefficients.dimension;
  require(chart.centre.size() == n && chart.axes.rows() == n && chart.axes.cols() == n &&
              chart.stretch.size() == n && chart.stretch.minCoeff() >= 0.0,
          where, "the chart does not fit coefficients of dimension ", n);
  const Eigen::FullPivLU<Matrix> lu(chart.axes);
  require(lu.isInvertible(), where, "the axes are singular");
  const Matrix inverse = lu.inverse();
  auto tensor_in_s = [coefficients, inverse, chart, D = Matrix(n, n)](const Vector& xi,
                                                                      Matrix& tensor) mutable {
    coefficients.tensor(chart.position(xi), D);
    tensor.noalias() = inverse * D * inverse.transpose();
    tensor = 0.5 * (tensor + tensor.transpose()).eval();
    const double rounding = 1e-14 * tensor.trace();
    tensor = (tensor.array().abs() > rounding).select(tensor, 0.0).eval();
  };
  const bool straight = chart.stretch.isZero(0.0);
  return {n,
          [coefficients, inverse, chart, straight, tensor_in_s, A = Vector(n), Ds = Matrix(n, n)](
              const Vector& xi, Vector& drift) mutable {
            coefficients.drift(chart.position(xi), A);
            drift.noalias() = inverse * A;
            if (straight) return;
            tensor_in_s(xi, Ds);
            for (Index i = 0; i < xi.size(); ++i) {
              const double a = chart.stretch(i), first = slope(a, xi(i));
              drift(i) =
                  drift(i) / first - Ds(i, i) * curvature(a, xi(i)) / (first * first * first);
            }
          },
          [chart, straight, tensor_in_s](const Vector& xi, Matrix& tensor) mutable {
            tensor_in_s(xi, tensor);
            if (straight) return;
            for (Index j = 0; j < xi.size(); ++j)
              for (Index i = 0; i < xi.size(); ++i)
                tensor(i, j) /= slope(chart.stretch(i), xi(i)) * slope(chart.stretch(j), xi(j));
          }};
}

}  // namespace stillpoint::fokker_planck
