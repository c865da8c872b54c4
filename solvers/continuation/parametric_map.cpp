// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/continuation/parametric_map.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "lib/core/require.hpp"
#include "solvers/continuation/closure_map.hpp"

namespace stillpoint::continuation {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// ∂Φ/∂p_k: four points around p, closer together near an end of the domain, one-sided at the end.
Vector by_parameter(const ParametricMap& map, const Vector& y, const Vector& p, Index k) {
  const auto image = [&](double shift) {
    Vector shifted = p, value(map.size);
    shifted(k) += shift;
    map.map(shifted).evaluate(y, value, nullptr);
    return value;
  };
  const double below = p(k) - map.lower(k), above = map.upper(k) - p(k);
  const double room = std::min(below, above);
  double h = 1e-3 * std::max(1.0, std::abs(p(k)));
  if (room < 2.0 * h) {
    h = std::min(h, 0.05 * room);
    if (h < 1e-6) {
      h = below < above ? 1e-5 : -1e-5;
      return (-3.0 * image(0.0) + 4.0 * image(h) - image(2.0 * h)) / (2.0 * h);
    }
  }
  return (image(-2.0 * h) - 8.0 * image(-h) + 8.0 * image(h) - image(2.0 * h)) / (12.0 * h);
}

}  // namespace

ParametricMap parametric_map(Index size, std::function<fixed_points::Map(double)> map,
                             std::string name) {
  require(static_cast<bool>(map), "parametric_map", "the map is empty, expected a function");
  return {.size = size,
          .map = [map = std::move(map)](const Vector& p) { return map(p(0)); },
          .lower = Vector::Constant(1, -infinity),
          .upper = Vector::Constant(1, infinity),
          .names = {std::move(name)}};
}

ParametricResidual residual(const ParametricMap& map, const Vector& y, const Vector& p) {
  ParametricResidual result{Vector(map.size), Matrix(map.size, map.size),
                            Matrix(map.size, map.parameters())};
  map.map(p).evaluate(y, result.value, &result.by_state);
  result.value -= y;
  result.by_state.diagonal().array() -= 1.0;
  for (Index k = 0; k < map.parameters(); ++k)
    result.by_parameter.col(k) = by_parameter(map, y, p, k);
  return result;
}

std::string to_string(const Parameter& parameter) {
  const auto numbered = [](const char* name, Index i) { return name + std::to_string(i); };
  switch (parameter.kind) {
    case Parameter::Kind::noise_level:
      return "noise_level";
    case Parameter::Kind::weight:
      return numbered("weight_", parameter.row) + numbered("_", parameter.column);
    case Parameter::Kind::gain:
      return "gain";
    case Parameter::Kind::bias:
      return numbered("bias_", parameter.row);
    case Parameter::Kind::leak:
      return "leak";
    case Parameter::Kind::input:
      return "input";
  }
  return "unknown";
}

models::NoisyChain chain_at(const Subject& subject, const std::vector<Parameter>& parameters,
                            const Vector& values) {
  networks::Network network = subject.network;
  double level = subject.level;
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    const Parameter& parameter = parameters[k];
    const double value = values(static_cast<Index>(k));
    switch (parameter.kind) {
      case Parameter::Kind::noise_level:
        level = std::abs(value);
        break;
      case Parameter::Kind::weight:
        network.W(parameter.row, parameter.column) = value;
        break;
      case Parameter::Kind::gain:
        network.W *= value;
        break;
      case Parameter::Kind::bias:
        network.b(parameter.row) = value;
        break;
      case Parameter::Kind::leak:
        network.leak = value;
        break;
      case Parameter::Kind::input:
        network.b += network.W_in * (value * parameter.direction);
        break;
    }
  }
  return {std::move(network), networks::scaled(subject.noise, level)};
}

ParametricMap network_map(const Subject& subject, const std::vector<Parameter>& parameters,
                          moments::Rung rung) {
  constexpr auto where = "network_map";
  const auto count = static_cast<Index>(parameters.size());
  require(count == 1 || count == 2, where, count, " parameters, expected one or two");
  Subject made = subject;
  made.network = networks::make_network(made.network);  // b and W_in of the right shape
  const models::NoisyChain chain(made.network, made.noise);
  const Index n = chain.units();
  require(made.input.size() == chain.inputs() && made.input.allFinite(), where, "input has ",
          made.input.size(), " entries, expected ", chain.inputs(), " finite numbers");
  require(made.level >= 0.0 && std::isfinite(made.level), where, "level = ", made.level,
          ", expected >= 0");
  const bool kinked = !activations::kinks(chain.activation()).empty();
  ParametricMap map{.lower = Vector::Constant(count, -infinity),
                    .upper = Vector::Constant(count, infinity)};
  for (Index k = 0; k < count; ++k) {
    const Parameter& parameter = parameters[static_cast<std::size_t>(k)];
    const bool has_row = parameter.row >= 0 && parameter.row < n;
    const bool has_column = parameter.column >= 0 && parameter.column < n;
    require(has_row && has_column, where, "unit ", has_row ? parameter.column : parameter.row,
            " does not exist, expected 0 to ", n - 1);
    map.names.push_back(to_string(parameter));
    if (parameter.kind == Parameter::Kind::input)
      require(parameter.direction.size() == chain.inputs() && parameter.direction.allFinite(),
              where, "the direction of the input has ", parameter.direction.size(),
              " entries, expected ", chain.inputs(), " finite numbers");
    if (parameter.kind == Parameter::Kind::leak) {
      map.lower(k) = 0.0;
      map.upper(k) = 1.0;
    }
    // Smoothing rounds a kink off: even in the level, but not smooth at 0.
    if (parameter.kind == Parameter::Kind::noise_level && kinked) map.lower(k) = 0.0;
  }
  require(rung != moments::Rung::smoothed || moments::smoothing_applies(chain), where,
          "the smoothed rung is ", moments::smoothing_note, "; use the closure");
  const Index m = chain.state_size();
  if (rung == moments::Rung::closure) {
    map.size = closure_map(chain, made.input).size;
    map.admissible = [m](const Vector& y) { return has_covariance(m, y); };
  } else {
    map.size = n;
    map.has_flow = true;
  }
  map.map = [made, parameters, rung](const Vector& values) {
    const models::NoisyChain at = chain_at(made, parameters, values);
    if (rung == moments::Rung::closure) return closure_map(at, made.input);
    return fixed_points::chain_map(
        at, made.input, rung == moments::Rung::smoothed ? moments::smoothing_sd(at) : Vector());
  };
  return map;
}

}  // namespace stillpoint::continuation
