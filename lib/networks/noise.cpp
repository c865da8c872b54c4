// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/networks/noise.hpp"

#include <cmath>
#include <sstream>

#include "lib/core/require.hpp"

namespace stillpoint::networks {
namespace {

Vector per_unit(const NoiseSource& source, Index n) {
  const Index given = static_cast<Index>(source.sigma.size());
  require(given == 1 || given == n, "NoiseSpec", "sigma has ", given, " entries, expected 1 or ", n,
          " (one a unit)");
  const Vector sigma = Eigen::Map<const Vector>(source.sigma.data(), given);
  require(sigma.array().isFinite().all() && (sigma.array() >= 0.0).all(), "NoiseSpec",
          "sigma holds a negative or non-finite number, expected >= 0");
  return given == n ? sigma : Vector::Constant(n, sigma(0));
}

/// Step sd on the state for one unit of sigma.
double state_factor(NoiseConvention convention, double leak) {
  switch (convention) {
    case NoiseConvention::per_step:
      return leak;
    case NoiseConvention::per_sqrt_time:
      return std::sqrt(leak);
    case NoiseConvention::psychrnn:
      return std::sqrt(2.0 * leak);
    case NoiseConvention::stationary_sd:
      return std::sqrt(leak * (2.0 - leak));
    case NoiseConvention::raw_step:
      return 1.0;
  }
  return 1.0;
}

void add_inside(const NoiseSource& source, const Vector& sigma, double leak, StepNoise& step) {
  if (source.correlation_time > 0.0) {
    require(source.convention == NoiseConvention::stationary_sd, "NoiseSpec",
            "coloured noise inside has convention ", to_string(source.convention),
            ", expected stationary_sd");
    const double rate = leak / source.correlation_time;  // −ln of the retention
    require(rate >= 1e-12, "NoiseSource", "correlation_time = ", source.correlation_time,
            ", expected at most ", 1e12 * leak,
            " (1e12 leak); slower noise is a constant, add it to the bias");
    step.coloured.push_back({.sd = sigma,
                             .retention = std::exp(-rate),
                             .step_sd = std::sqrt(-std::expm1(-2.0 * rate))});
    return;
  }
  if (source.convention == NoiseConvention::per_sqrt_time) {
    step.argument_sd = (step.argument_sd.array().square() + sigma.array().square() / leak).sqrt();
    std::ostringstream note;
    note << "per_sqrt_time inside the activation was converted to sigma/sqrt(leak) = "
         << 1.0 / std::sqrt(leak) << " sigma a step; noise inside an activation has no white-noise "
         << "limit, so the answer depends on the step";
    step.notes.push_back(note.str());
    return;
  }
  require(source.convention == NoiseConvention::per_step, "NoiseSpec",
          "noise inside has convention ", to_string(source.convention),
          ", expected per_step, or stationary_sd together with a correlation_time");
  step.argument_sd = (step.argument_sd.array().square() + sigma.array().square()).sqrt();
}

}  // namespace

std::string_view to_string(NoiseConvention convention) {
  switch (convention) {
    case NoiseConvention::per_step:
      return "per_step";
    case NoiseConvention::per_sqrt_time:
      return "per_sqrt_time";
    case NoiseConvention::psychrnn:
      return "psychrnn";
    case NoiseConvention::stationary_sd:
      return "stationary_sd";
    case NoiseConvention::raw_step:
      return "raw_step";
  }
  return "unknown";
}

std::string_view to_string(NoiseSource::Where where) {
  switch (where) {
    case NoiseSource::inside:
      return "inside";
    case NoiseSource::outside:
      return "outside";
    case NoiseSource::state:
      return "state";
  }
  return "unknown";
}

bool StepNoise::silent() const {
  return argument_sd.isZero(0.0) && state_sd.isZero(0.0) && coloured.empty();
}

StepNoise step_noise(const Network& network, const NoiseSpec& noise) {
  const Index n = network.units();
  StepNoise step{.argument_sd = Vector::Zero(n), .state_sd = Vector::Zero(n)};
  for (const NoiseSource& source : noise) {
    require(source.correlation_time >= 0.0 && std::isfinite(source.correlation_time), "NoiseSpec",
            "correlation_time = ", source.correlation_time, ", expected >= 0");
    const Vector sigma = per_unit(source, n);
    if (sigma.isZero(0.0)) continue;
    if (source.where == NoiseSource::inside) {
      add_inside(source, sigma, network.leak, step);
      continue;
    }
    require(source.correlation_time == 0.0, "NoiseSpec", "noise ", to_string(source.where),
            " has correlation_time = ", source.correlation_time,
            ", expected 0; only noise inside the activation may be coloured");
    require(source.where == NoiseSource::outside || source.convention != NoiseConvention::per_step,
            "NoiseSpec",
            "noise on the state has convention per_step, expected raw_step, "
            "per_sqrt_time, psychrnn or stationary_sd");
    const double factor = state_factor(source.convention, network.leak);
    step.state_sd = (step.state_sd.array().square() + (factor * sigma.array()).square()).sqrt();
  }
  return step;
}

NoiseSpec scaled(NoiseSpec noise, double factor) {
  require(factor >= 0.0 && std::isfinite(factor), "scaled", "factor = ", factor, ", expected >= 0");
  for (NoiseSource& source : noise)
    for (double& sigma : source.sigma) sigma *= factor;
  return noise;
}

}  // namespace stillpoint::networks
