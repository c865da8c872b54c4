// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/continuation/closure_map.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <array>
#include <cmath>

#include "lib/core/require.hpp"
#include "solvers/fixed_points/map.hpp"

namespace stillpoint::continuation {
namespace {

/// Derivatives of f_q, f_q' and v_q by the mean a and the variance Q = q² of the argument, (n)
/// each.
struct AverageDerivatives {
  Vector slope, slope_by_mean, slope_by_variance, variance, variance_by_mean, variance_by_variance;

  AverageDerivatives(const activations::Activation& f, const Vector& a, const Vector& q) {
    const Index n = a.size();
    for (Vector* part : {&slope, &slope_by_mean, &slope_by_variance, &variance, &variance_by_mean,
                         &variance_by_variance})
      part->setZero(n);
    const bool kinked = !activations::kinks(f).empty();
    const auto parameters = activations::parameters(f);
    const auto sharpness = parameters.find("sharpness");
    const double sharp = kinked                          ? 0.0
                         : sharpness == parameters.end() ? 1.0
                                                         : 1.0 / sharpness->second;
    for (Index i = 0; i < n; ++i) {
      const auto here = activations::averages(f, a(i), q(i));
      slope(i) = here.slope;
      variance(i) = here.variance;
      // On what length the averages vary.
      const double length = std::min(1.0, std::max(q(i), sharp));
      if (length > 0.0) {
        const double h = 2.5e-3 * length;
        std::array<activations::GaussianAverages, 4> near;
        for (std::size_t k = 0; k < 4; ++k)
          near[k] = activations::averages(f, a(i) + h * std::array{-2.0, -1.0, 1.0, 2.0}[k], q(i));
        const auto first = [h](double m2, double m1, double p1, double p2) {
          return (m2 - 8.0 * m1 + 8.0 * p1 - p2) / (12.0 * h);
        };
        const auto second = [h](double m2, double m1, double centre, double p1, double p2) {
          return (-m2 + 16.0 * m1 - 30.0 * centre + 16.0 * p1 - p2) / (12.0 * h * h);
        };
        slope_by_mean(i) = first(near[0].slope, near[1].slope, near[2].slope, near[3].slope);
        slope_by_variance(i) =
            0.5 * second(near[0].slope, near[1].slope, here.slope, near[2].slope, near[3].slope);
        variance_by_mean(i) =
            first(near[0].variance, near[1].variance, near[2].variance, near[3].variance);
        variance_by_variance(i) = 0.5 * second(near[0].variance, near[1].variance, here.variance,
                                               near[2].variance, near[3].variance);
      }
      // E f² obeys the heat equation as f_q does: ∂v/∂Q = ½ ∂²v/∂a² + f_q'².
      variance_by_variance(i) += here.slope * here.slope;
    }
  }
};

/// The upper triangle of a symmetric matrix after its mean.
void pack(const Vector& mean, const Matrix& covariance, Eigen::Ref<Vector> y) {
  const Index m = mean.size();
  y.head(m) = mean;
  Index k = m;
  for (Index j = 0; j < m; ++j)
    for (Index i = 0; i <= j; ++i) y(k++) = covariance(i, j);
}

/// ∂Φ/∂y, column by column: the derivative of a step in each direction (δμ, δC).
Matrix jacobian_of(const models::NoisyChain& chain, const Matrix& C, const Vector& a,
                   const Vector& q) {
  const Index m = chain.state_size();
  const Matrix &B = chain.argument_weights(), &G = chain.gain();
  const AverageDerivatives f(chain.activation(), a, q);
  const Matrix BC = B * C;
  Matrix L = G * f.slope.asDiagonal() * B;
  L += Matrix(chain.retention().asDiagonal());
  const Matrix LC = L * C;
  // Variance of the argument that comes with the state; the rest of q² is fresh.
  const Vector carried = q.cwiseAbs2() - chain.argument_sd().cwiseAbs2();
  Matrix jacobian(m * (m + 3) / 2, m * (m + 3) / 2);
  Vector mean(m);
  Matrix covariance(m, m);
  // δQ: change of the argument's variance; L δC Lᵀ is added by the caller.
  const auto finish = [&](const Vector& argument, const Vector& variance, Index column) {
    mean += G * (f.slope.cwiseProduct(argument) + 0.5 * f.slope_by_mean.cwiseProduct(variance));
    const Vector slope =
        f.slope_by_mean.cwiseProduct(argument) + f.slope_by_variance.cwiseProduct(variance);
    const Vector fresh = f.variance_by_mean.cwiseProduct(argument) +
                         f.variance_by_variance.cwiseProduct(variance) -
                         2.0 * f.slope.cwiseProduct(slope).cwiseProduct(carried) -
                         f.slope.cwiseAbs2().cwiseProduct(variance);
    const Matrix tilted = G * slope.asDiagonal() * B * LC.transpose();
    covariance += tilted + tilted.transpose() + G * fresh.asDiagonal() * G.transpose();
    pack(mean, covariance, jacobian.col(column));
  };
  const Vector none = Vector::Zero(a.size());
  for (Index j = 0; j < m; ++j) {
    mean = chain.retention()(j) * Vector::Unit(m, j);
    covariance.setZero();
    finish(B.col(j), none, j);
  }
  Index column = m;
  for (Index j = 0; j < m; ++j)
    for (Index i = 0; i <= j; ++i, ++column) {
      mean.setZero();
      covariance = L.col(i) * L.col(j).transpose();
      Vector variance = B.col(i).cwiseProduct(B.col(j));
      if (i != j) {
        covariance += L.col(j) * L.col(i).transpose();
        variance *= 2.0;
      }
      finish(none, variance, column);
    }
  return jacobian;
}

}  // namespace

Vector closure_state(const moments::Moments& moments) {
  const Index m = moments.mean.size();
  Vector y(m * (m + 3) / 2);
  pack(moments.mean, moments.covariance, y);
  return y;
}

Vector closure_state(const models::NoisyChain& chain, const Vector& state) {
  const Index m = chain.state_size();
  return closure_state({chain.initial_state(state), Matrix::Zero(m, m)});
}

moments::Moments closure_moments(Index m, const Vector& y) {
  require(y.size() == m * (m + 3) / 2, "closure_moments", "y has ", y.size(), " entries, expected ",
          m * (m + 3) / 2);
  moments::Moments moments{.mean = y.head(m), .covariance = Matrix(m, m)};
  Index k = m;
  for (Index j = 0; j < m; ++j)
    for (Index i = 0; i <= j; ++i, ++k) moments.covariance(i, j) = moments.covariance(j, i) = y(k);
  return moments;
}

bool has_covariance(Index m, const Vector& y) {
  const Matrix covariance = closure_moments(m, y).covariance;
  const auto values =
      Eigen::SelfAdjointEigenSolver<Matrix>(covariance, Eigen::EigenvaluesOnly).eigenvalues();
  return values(0) >= -1e-9 * values.cwiseAbs().maxCoeff() - 1e-15;
}

fixed_points::Map closure_map(const models::NoisyChain& chain, const Vector& input) {
  const Index m = chain.state_size();
  require(m <= closure_limit, "closure_map", "the chain has ", m,
          " state variables, expected at most ", closure_limit,
          ": mean and covariance together would be too many unknowns; use the smoothed rung");
  return {.size = m * (m + 3) / 2,
          .evaluate = [chain, m, c = chain.argument_offset(input), d = chain.state_offset(input)](
                          const Vector& y, Vector& image, Matrix* jacobian) {
            moments::MomentMap map(chain, moments::Rung::closure);
            moments::Moments moments = closure_moments(m, y);
            const Matrix covariance = moments.covariance;
            map.step(c, d, moments);
            image = closure_state(moments);
            if (jacobian)
              *jacobian = jacobian_of(chain, covariance, map.argument_mean(), map.argument_sd());
          }};
}

}  // namespace stillpoint::continuation
