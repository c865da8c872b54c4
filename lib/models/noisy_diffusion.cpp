// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/models/noisy_diffusion.hpp"

#include <cmath>
#include <utility>
#include <variant>
#include <vector>

#include "lib/core/require.hpp"

namespace stillpoint::models {

NoisyDiffusion::NoisyDiffusion(NoisyChain chain, const Vector& input) : chain_(std::move(chain)) {
  require(input.size() == chain_.inputs() && input.allFinite(), "NoisyDiffusion", "input has ",
          input.size(), " entries or is not finite, expected ", chain_.inputs());
  const Index n = chain_.units(), m = state_size();
  const double g = chain_.leak();
  argument_offset_ = chain_.argument_offset(input);
  state_offset_ = chain_.state_offset(input) / g;
  rate_ = Vector::Constant(m, -1.0);
  state_noise_ = chain_.state_sd() / std::sqrt(g);
  Index block = n;
  for (const auto& source : chain_.noise().coloured) {
    const double rate = std::log(source.retention) / g;
    rate_.segment(block, n).setConstant(rate);
    state_noise_.segment(block, n) = std::sqrt(-2.0 * rate) * source.sd;
    block += n;
  }
  const auto positive = [](const Vector& sd) {
    std::vector<Index> places;
    for (Index k = 0; k < sd.size(); ++k)
      if (sd(k) > 0.0) places.push_back(k);
    return Places(Eigen::Map<const Places>(places.data(), static_cast<Index>(places.size())));
  };
  inside_ = positive(chain_.argument_sd());
  outside_ = positive(state_noise_);
}

double NoisyDiffusion::argument(const Vector& y, Index unit) const {
  return chain_.argument_weights().row(unit).dot(y) + argument_offset_(unit);
}

void NoisyDiffusion::drift(double, const Vector& y, Vector& drift) const {
  const Vector& s = chain_.argument_sd();
  drift = rate_.cwiseProduct(y) + state_offset_;
  std::visit(
      [&](const auto& f) {
        for (Index i = 0; i < s.size(); ++i) {
          const double a = argument(y, i);
          const double value = s(i) > 0.0 ? f.averages(a, s(i)).mean : f(a);
          drift += (value / chain_.leak()) * chain_.gain().col(i);
        }
      },
      chain_.activation());
}

void NoisyDiffusion::diffusion(double, const Vector& y, Matrix& diffusion) const {
  diffusion.setZero(state_size(), noise_size());
  const double root = std::sqrt(chain_.leak());
  std::visit(
      [&](const auto& f) {
        for (Index k = 0; k < inside_.size(); ++k) {
          const Index i = inside_(k);
          const auto averages = f.averages(argument(y, i), chain_.argument_sd()(i));
          diffusion.col(k) = (std::sqrt(averages.variance) / root) * chain_.gain().col(i);
        }
      },
      chain_.activation());
  for (Index k = 0; k < outside_.size(); ++k)
    diffusion(outside_(k), inside_.size() + k) = state_noise_(outside_(k));
}

void NoisyDiffusion::drift_jacobian(double, const Vector& y, Matrix& jacobian) const {
  jacobian = rate_.asDiagonal();
  std::visit(
      [&](const auto& f) {
        for (Index i = 0; i < chain_.units(); ++i) {
          const double slope = f.averages(argument(y, i), chain_.argument_sd()(i)).slope;
          jacobian +=
              (slope / chain_.leak()) * chain_.gain().col(i) * chain_.argument_weights().row(i);
        }
      },
      chain_.activation());
}

double third_central_moment(const ThirdMomentTerms& terms) {
  require(terms.slope < 1.0, "third_central_moment", "slope = ", terms.slope, ", expected < 1");
  const double g = terms.leak, V = terms.variance;
  return (terms.curvature * V * V + g * terms.variance_slope * V +
          g * g * terms.third_cumulant / 3.0) /
         (1.0 - terms.slope);
}

}  // namespace stillpoint::models
