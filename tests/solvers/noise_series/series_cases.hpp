// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "lib/models/noisy_diffusion.hpp"
#include "lib/networks/single_unit.hpp"
#include "solvers/moments/stationary.hpp"

/// @file
/// @brief Neurons on which series in the noise are tested, and exact laws of their diffusions.

namespace stillpoint::tests {

/// The stable fixed point that is reached from zero, to rounding.
inline Vector fixed_point_of(const models::NoisyChain& chain) {
  const auto law = moments::solve_deterministic(chain, Vector::Zero(chain.inputs()),
                                                Vector::Zero(chain.units()), {.tolerance = 1e-15});
  Vector state(chain.units());
  for (Index i = 0; i < state.size(); ++i) state(i) = law.mean[static_cast<std::size_t>(i)].value;
  return state;
}

/// One smooth neuron and where its noise enters.
struct NeuronCase {
  std::string name;
  activations::Activation activation;
  networks::NoiseSource::Where where;
  double weight, bias, leak;
  networks::Equation equation = networks::Equation::rate;

  models::NoisyChain chain(double sigma) const {
    const auto convention = where == networks::NoiseSource::state
                                ? networks::NoiseConvention::per_sqrt_time
                                : networks::NoiseConvention::per_step;
    return {networks::single_unit(equation, activation, weight, bias, leak),
            networks::white_noise(where, sigma, convention)};
  }
  Vector fixed_point() const { return fixed_point_of(chain(1.0)); }
};

inline std::vector<NeuronCase> smooth_neurons() {
  using networks::Equation, networks::NoiseSource;
  using namespace activations;
  return {{"tanh inside", Tanh{}, NoiseSource::inside, 0.5, 0.5, 0.3},
          {"tanh outside", Tanh{}, NoiseSource::outside, 0.5, 0.5, 0.3},
          {"tanh inhibited", Tanh{}, NoiseSource::inside, -2.0, 0.9, 0.6},
          {"softplus inside", Softplus{}, NoiseSource::inside, 0.5, 0.0, 0.5},
          {"softplus outside", Softplus{2.0}, NoiseSource::outside, 0.6, 0.2, 0.2},
          {"logistic inside, current", Logistic{}, NoiseSource::inside, -1.5, 0.7, 0.4,
           Equation::current},
          {"logistic outside, g = 1", Logistic{}, NoiseSource::outside, 2.0, -0.3, 1.0},
          {"tanh state, current", Tanh{}, NoiseSource::state, 0.8, 0.5, 0.05, Equation::current},
          {"erf state, current", Erf{}, NoiseSource::state, 0.6, 0.7, 0.2, Equation::current}};
}

/// Mean, variance and third central moment of a one-dimensional diffusion in closed form, p =
/// (const/b) exp(2 ∫ A/b), by trapezoid sums over ±12 of the given standard deviation: errors below
/// 1e-13 of it, p being analytic and Gaussian in its tails. The exponent is summed by Simpson's
/// rule.
struct DiffusionLaw {
  double mean = 0.0, variance = 0.0, third = 0.0;
};
inline DiffusionLaw exact_diffusion_law(const models::NoisyDiffusion& diffusion, double centre,
                                        double sd) {
  constexpr Index half = 2400;  // pairs of intervals
  const double step = 24.0 * sd / (2 * half);
  Vector y(1), drift(1);
  Matrix noise;
  const auto at = [&](Index i) {
    y(0) = centre + (static_cast<double>(i) - half) * step;
    diffusion.drift(0.0, y, drift);
    diffusion.diffusion(0.0, y, noise);
    return std::pair{2.0 * drift(0) / noise.squaredNorm(), noise.squaredNorm()};
  };
  std::vector<double> exponent(half + 1), rate(half + 1);
  double sum = 0.0, before = at(0).first, largest = 0.0;
  for (Index k = 0; k <= half; ++k) {
    if (k > 0) {
      const double middle = at(2 * k - 1).first, end = at(2 * k).first;
      sum += step / 3.0 * (before + 4.0 * middle + end);
      before = end;
    }
    exponent[k] = sum;
    rate[k] = at(2 * k).second;
    largest = k == 0 ? sum : std::max(largest, sum);
  }
  double mass = 0.0, first = 0.0, second = 0.0, third = 0.0;
  for (Index k = 0; k <= half; ++k) {
    const double p = std::exp(exponent[k] - largest) / rate[k];
    const double x = (2.0 * static_cast<double>(k) - half) * step;
    mass += p;
    first += p * x;
    second += p * x * x;
    third += p * x * x * x;
  }
  first /= mass;
  second /= mass;
  third /= mass;
  return {centre + first, second - first * first,
          third - 3.0 * first * second + 2.0 * first * first * first};
}

}  // namespace stillpoint::tests
