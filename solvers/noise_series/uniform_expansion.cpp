// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/noise_series/uniform_expansion.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "lib/activations/activation.hpp"
#include "solvers/moments/stationary.hpp"

namespace stillpoint::noise_series {
namespace {

bool piecewise_linear(const activations::Activation& f) {
  return std::holds_alternative<activations::Relu>(f) ||
         std::holds_alternative<activations::LeakyRelu>(f) ||
         std::holds_alternative<activations::SaturatingLinear>(f);
}

}  // namespace

UniformExpansion solve_uniform_expansion(const models::NoisyChain& chain, const Vector& input,
                                         const Vector& state) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const Index n = chain.units();
  const activations::Activation& f = chain.activation();
  UniformExpansion result{.law = moments::solve_closure(chain, input, state),
                          .kink_shift = Vector::Zero(n),
                          .kink_distance = Vector::Constant(n, infinity)};
  result.law.method = "uniform";
  if (!piecewise_linear(f)) {
    result.report = Report::failure(
        Status::outside_validity, "the uniform expansion is of piecewise linear activations, and " +
                                      std::string(activations::name(f)) +
                                      " is none: use the Taylor series or the closure");
    result.law.valid = false;
    result.law.note = result.report.message;
    return result;
  }
  if (!result.law.valid) {
    result.report = Report::failure(Status::no_convergence, result.law.note);
    return result;
  }
  const std::vector<double> kinks = activations::kinks(f);
  for (Index j = 0; j < n; ++j) {
    const double a = result.law.argument_mean(j), q = result.law.argument_sd(j);
    if (q == 0.0) continue;
    result.kink_shift(j) = activations::averages(f, a, q).mean - activations::value(f, a);
    for (const double kink : kinks)
      result.kink_distance(j) = std::min(result.kink_distance(j), std::abs(a - kink) / q);
  }
  result.law.note = "uniform expansion at the kinks, s psi(u/s), instead of a Taylor series";
  return result;
}

}  // namespace stillpoint::noise_series
