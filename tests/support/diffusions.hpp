// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

#include "lib/core/types.hpp"

/// @file
/// @brief Diffusions that know their answer: dX = f dt + G dW.

namespace stillpoint::tests {

/// dX = −θ X dt + σ dW, one component a noise.
struct OrnsteinUhlenbeck {
  static constexpr bool additive_noise = true;
  Vector theta, sigma;

  Index state_size() const { return theta.size(); }
  Index noise_size() const { return theta.size(); }
  void drift(double, const Vector& x, Vector& f) const { f = -theta.cwiseProduct(x); }
  void diffusion(double, const Vector&, Matrix& G) const { G = sigma.asDiagonal(); }
  void drift_jacobian(double, const Vector&, Matrix& J) const { J = (-theta).asDiagonal(); }
  Vector decay() const { return theta; }
  void drift_remainder(double, const Vector&, Vector& r) const { r.setZero(theta.size()); }
};

/// dX = (−X + 2 sin(X + t)) dt + (1 + t/2) σ dW: nonlinear drift, noise that depends on time alone.
struct DrivenOscillator {
  static constexpr bool additive_noise = true;
  double sigma = 0.7;

  Index state_size() const { return 1; }
  Index noise_size() const { return 1; }
  void drift(double t, const Vector& x, Vector& f) const {
    f(0) = -x(0) + 2.0 * std::sin(x(0) + t);
  }
  void diffusion(double t, const Vector&, Matrix& G) const { G(0, 0) = (1.0 + 0.5 * t) * sigma; }
  void drift_jacobian(double t, const Vector& x, Matrix& J) const {
    J(0, 0) = -1.0 + 2.0 * std::cos(x(0) + t);
  }
  Vector decay() const { return Vector::Ones(1); }
  void drift_remainder(double t, const Vector& x, Vector& r) const {
    r(0) = 2.0 * std::sin(x(0) + t);
  }
};

/// dXᵢ = μᵢ Xᵢ dt + σᵢ Xᵢ dWᵢ. Itô: X₀ exp((μ − σ²/2) t + σ W); Stratonovich: X₀ exp(μ t + σ W).
struct GeometricBrownianMotion {
  static constexpr bool diagonal_noise = true;
  Vector mu, sigma;

  Index state_size() const { return mu.size(); }
  Index noise_size() const { return mu.size(); }
  void drift(double, const Vector& x, Vector& f) const { f = mu.cwiseProduct(x); }
  void diffusion(double, const Vector& x, Matrix& G) const {
    G = sigma.cwiseProduct(x).asDiagonal();
  }
  void diffusion_slope(double, const Vector&, Vector& slope) const { slope = sigma; }
  void drift_jacobian(double, const Vector&, Matrix& J) const { J = mu.asDiagonal(); }

  Vector ito(const Vector& x0, double t, const Vector& W) const {
    return x0.array() *
           ((mu.array() - 0.5 * sigma.array().square()) * t + sigma.array() * W.array()).exp();
  }
  Vector stratonovich(const Vector& x0, double t, const Vector& W) const {
    return x0.array() * (mu.array() * t + sigma.array() * W.array()).exp();
  }
};

/// dXᵢ = μ Xᵢ dt + Xᵢ Σ_k B(i, k) dW_k: commutative, not diagonal.
struct SharedGeometricMotion {
  static constexpr bool commutative_noise = true;
  double mu;
  Matrix B;

  Index state_size() const { return B.rows(); }
  Index noise_size() const { return B.cols(); }
  void drift(double, const Vector& x, Vector& f) const { f = mu * x; }
  void diffusion(double, const Vector& x, Matrix& G) const { G = x.asDiagonal() * B; }
  void diffusion_derivative(double, const Vector&, Index k, Matrix& derivative) const {
    derivative = B.col(k).asDiagonal();
  }
  Vector ito(const Vector& x0, double t, const Vector& W) const {
    const Eigen::ArrayXd rate = mu - 0.5 * B.cwiseAbs2().rowwise().sum().array();
    return x0.array() * (rate * t + (B * W).array()).exp();
  }
};

/// dX₁ = dW₁, dX₂ = X₁ dW₂: not commutative; X₂ is a Lévy area and more.
struct Heisenberg {
  Index state_size() const { return 2; }
  Index noise_size() const { return 2; }
  void drift(double, const Vector&, Vector& f) const { f.setZero(2); }
  void diffusion(double, const Vector& x, Matrix& G) const {
    G.setZero(2, 2);
    G(0, 0) = 1.0;
    G(1, 1) = x(0);
  }
};

}  // namespace stillpoint::tests
