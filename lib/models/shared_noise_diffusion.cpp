// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/models/shared_noise_diffusion.hpp"

#include <cmath>
#include <utility>
#include <variant>
#include <vector>

#include "lib/activations/gauss_hermite.hpp"
#include "lib/core/require.hpp"

namespace stillpoint::models {
namespace {

constexpr std::string_view where = "SharedNoiseDiffusion";
constexpr Index most_nodes = 4096;

/// The noise of each unit with its part of the shared noise inside, as if that were its own.
networks::NoiseSpec with_shared(networks::NoiseSpec noise, const Matrix& argument, Index n) {
  if (argument.cols() == 0) return noise;
  require(argument.rows() == n && argument.allFinite(), where, "argument has ", argument.rows(),
          " rows or is not finite, expected ", n);
  const Vector sd = argument.rowwise().norm();
  noise.push_back({.where = networks::NoiseSource::inside, .sigma = {sd.begin(), sd.end()}});
  return noise;
}

}  // namespace

SharedNoiseDiffusion::SharedNoiseDiffusion(const networks::Network& network,
                                           const networks::NoiseSpec& noise, SharedNoise shared,
                                           const Vector& input)
    : chain_(network, noise),
      marginal_({network, with_shared(noise, shared.argument, network.units())}, input),
      argument_offset_(chain_.argument_offset(input)) {
  const Index n = chain_.units(), m = chain_.state_size();
  const Index sources = shared.argument.cols(), columns = shared.state.cols();
  require(columns == 0 || (shared.state.rows() == n && shared.state.allFinite()), where,
          "state has ", shared.state.rows(), " rows or is not finite, expected ", n);
  require(shared.nodes >= 2, where, "nodes = ", shared.nodes, ", expected >= 2");
  for (Index i = 0; i < n; ++i)
    if (chain_.argument_sd()(i) > 0.0) own_.push_back(i);

  const NoisyDiffusion independent(chain_, input);
  Matrix C;
  independent.diffusion(0.0, Vector::Zero(m), C);
  const Index outside = independent.noise_size() - static_cast<Index>(own_.size());
  additive_ = Matrix::Zero(m, outside + columns);
  additive_.leftCols(outside) = C.rightCols(outside);
  if (columns > 0) additive_.block(0, outside, n, columns) = shared.state;

  if (sources == 0) return;
  Index total = 1;
  for (Index j = 0; j < sources; ++j) {
    total *= shared.nodes;
    require(total <= most_nodes, where, "argument has ", sources, " columns: ", shared.nodes,
            " nodes each are more than ", most_nodes, " together, ask for fewer");
  }
  const auto rule = activations::gauss_hermite(shared.nodes);
  weights_ = Vector::Ones(total);
  shifts_ = Matrix::Zero(n, total);
  for (Index k = 0; k < total; ++k)
    for (Index j = 0, rest = k; j < sources; ++j, rest /= shared.nodes) {
      weights_(k) *= rule.weights(rest % shared.nodes);
      shifts_.col(k) += rule.nodes(rest % shared.nodes) * shared.argument.col(j);
    }
}

void SharedNoiseDiffusion::diffusion(double, const Vector& y, Matrix& diffusion) const {
  const auto own = static_cast<Index>(own_.size());
  const Index first = own + additive_.cols(), nodes = weights_.size();
  const double root = std::sqrt(chain_.leak());
  diffusion.setZero(state_size(), noise_size());
  diffusion.middleCols(own, additive_.cols()) = additive_;
  std::visit(
      [&](const auto& f) {
        for (Index i = 0, column = 0; i < chain_.units(); ++i) {
          const double u = chain_.argument_weights().row(i).dot(y) + argument_offset_(i);
          const double s = chain_.argument_sd()(i);
          const auto gain = chain_.gain().col(i);
          double variance = 0.0, mean = 0.0;
          for (Index k = 0; k < nodes; ++k) {
            if (s > 0.0) {
              const auto averages = f.averages(u + shifts_(i, k), s);
              variance += weights_(k) * averages.variance;
              mean += weights_(k) * averages.mean;
              diffusion.col(first + k) += (std::sqrt(weights_(k)) * averages.mean / root) * gain;
            } else {
              const double value = f(u + shifts_(i, k));
              mean += weights_(k) * value;
              diffusion.col(first + k) += (std::sqrt(weights_(k)) * value / root) * gain;
            }
          }
          for (Index k = 0; k < nodes; ++k)
            diffusion.col(first + k) -= (std::sqrt(weights_(k)) * mean / root) * gain;
          if (nodes == 0 && s > 0.0) variance = f.averages(u, s).variance;
          if (s > 0.0) diffusion.col(column++) = (std::sqrt(variance) / root) * gain;
        }
      },
      chain_.activation());
}

}  // namespace stillpoint::models
