// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/models/averaged_diffusion.hpp"

#include <algorithm>
#include <cmath>
#include <variant>

#include "lib/activations/gauss_hermite.hpp"

namespace stillpoint::models {
namespace {

Vector arguments(const NoisyDiffusion& diffusion, const Vector& mean) {
  return diffusion.chain().argument_weights() * mean + diffusion.argument_offset();
}

/// r of all noise on each argument.
Vector total_sd(const NoisyDiffusion& diffusion, const Vector& argument_variance) {
  return (diffusion.chain().argument_sd().array().square() + argument_variance.array().max(0.0))
      .sqrt();
}

}  // namespace

Vector argument_variance(const NoisyDiffusion& diffusion, const Matrix& covariance) {
  const Matrix& B = diffusion.chain().argument_weights();
  return (B * covariance).cwiseProduct(B).rowwise().sum();
}

Vector mean_drift(const NoisyDiffusion& diffusion, const Vector& mean,
                  const Vector& argument_variance) {
  const Vector u = arguments(diffusion, mean), r = total_sd(diffusion, argument_variance);
  Vector f(u.size());
  std::visit(
      [&](const auto& activation) {
        for (Index i = 0; i < u.size(); ++i) f(i) = activation.averages(u(i), r(i)).mean;
      },
      diffusion.chain().activation());
  return diffusion.rate().cwiseProduct(mean) + diffusion.state_offset() +
         diffusion.chain().gain() * f / diffusion.chain().leak();
}

Matrix mean_jacobian(const NoisyDiffusion& diffusion, const Vector& mean,
                     const Vector& argument_variance) {
  const Vector u = arguments(diffusion, mean), r = total_sd(diffusion, argument_variance);
  Vector slope(u.size());
  std::visit(
      [&](const auto& activation) {
        for (Index i = 0; i < u.size(); ++i) slope(i) = activation.averages(u(i), r(i)).slope;
      },
      diffusion.chain().activation());
  const NoisyChain& chain = diffusion.chain();
  Matrix jacobian = chain.gain() * slope.asDiagonal() * chain.argument_weights() / chain.leak();
  jacobian.diagonal() += diffusion.rate();
  return jacobian;
}

Matrix mean_tensor(const NoisyDiffusion& diffusion, const Vector& mean,
                   const Vector& argument_variance) {
  static const auto rule = activations::gauss_hermite(8);
  const NoisyChain& chain = diffusion.chain();
  const Vector u = arguments(diffusion, mean);
  const Vector& s = chain.argument_sd();
  Vector variance = Vector::Zero(u.size());
  std::visit(
      [&](const auto& activation) {
        for (Index i = 0; i < u.size(); ++i) {
          if (!(s(i) > 0.0)) continue;
          const double q = std::sqrt(std::max(argument_variance(i), 0.0));
          if (q == 0.0) {
            variance(i) = activation.averages(u(i), s(i)).variance;
            continue;
          }
          for (Index k = 0; k < rule.nodes.size(); ++k)
            variance(i) +=
                rule.weights(k) * activation.averages(u(i) + q * rule.nodes(k), s(i)).variance;
        }
      },
      chain.activation());
  Matrix tensor = Matrix::Zero(mean.size(), mean.size());
  if ((variance.array() > 0.0).any())
    tensor = 0.5 / chain.leak() * chain.gain() * variance.asDiagonal() * chain.gain().transpose();
  tensor.diagonal() += 0.5 * diffusion.state_noise().cwiseAbs2();
  return tensor;
}

}  // namespace stillpoint::models
