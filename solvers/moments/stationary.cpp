// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/moments/stationary.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>

#include "lib/core/require.hpp"
#include "solvers/moments/exact.hpp"
#include "solvers/moments/moment_map.hpp"

namespace stillpoint::moments {
namespace {

/// Largest change of a moment, relative to 1 + its size.
double distance(const Moments& a, const Moments& b) {
  const auto relative = [](const auto& x, const auto& y) {
    return x.size() == 0 ? 0.0 : ((x - y).array().abs() / (1.0 + y.array().abs())).maxCoeff();
  };
  return std::max(relative(a.mean, b.mean), relative(a.covariance, b.covariance));
}

/// Iterates to the limit. The distance still to go is the last change × ρ/(1 − ρ), ρ the ratio of
/// successive changes, the geometric tail of a linearly convergent sequence; ρ is taken over
/// `stride` steps, so that a spiral does not fool it.
StationaryMoments iterate(MomentMap& map, const Vector& c, const Vector& d, Moments moments,
                          const StationaryOptions& options) {
  constexpr Index stride = 16;
  Moments before = moments, earlier = moments;
  double change = 0.0, earlier_change = 0.0, two_step_change = 0.0;
  double largest = 0.0;  // since the last look
  for (Index k = 1; k <= options.max_iterations; ++k) {
    earlier = before;
    before = moments;
    map.step(c, d, moments);
    change = distance(moments, before);
    two_step_change = distance(moments, earlier);
    if (!std::isfinite(change))
      return {moments, false, "the moments overflowed: the recursion is unstable"};
    largest = std::max(largest, change);
    if (change == 0.0) return {moments, true, ""};
    if (k % stride != 0) continue;
    if (earlier_change > 0.0) {
      const double ratio = std::pow(largest / earlier_change, 1.0 / stride);
      if (ratio < 1.0 && largest * ratio / (1.0 - ratio) < options.tolerance)
        return {moments, true, ""};
      // Rounding keeps the last digits of a contraction moving.
      if (largest < 16.0 * std::numeric_limits<double>::epsilon()) return {moments, true, ""};
    }
    earlier_change = largest;
    largest = 0.0;
  }
  std::ostringstream note;
  note << "no limit after " << options.max_iterations << " steps, last change " << change;
  if (two_step_change < 1e-3 * change) note << ": a cycle of period two";
  return {moments, false, note.str()};
}

void require_arguments(const models::NoisyChain& chain, const Vector& input, const Vector& h0,
                       const StationaryOptions& options) {
  constexpr std::string_view where = "cumulants::solve";
  require(input.size() == chain.inputs(), where, "input has ", input.size(), " entries, expected ",
          chain.inputs());
  require(input.allFinite() && h0.allFinite(), where,
          "input or h0 holds a NaN or an infinity, expected finite numbers");
  require(options.tolerance > 0.0, where, "tolerance = ", options.tolerance, ", expected > 0");
  require(options.max_iterations > 0, where, "max_iterations = ", options.max_iterations,
          ", expected > 0");
}

statistics::StationaryLaw solve(const models::NoisyChain& chain, const Vector& input,
                                const Vector& h0, const StationaryOptions& options, Rung rung) {
  require_arguments(chain, input, h0, options);
  const auto start = std::chrono::steady_clock::now();
  const Index n = chain.units();
  MomentMap map(chain, rung);
  const StationaryMoments limit = iterate(map, chain.argument_offset(input),
                                          chain.state_offset(input), map.certain(h0), options);
  Vector output_mean, output_variance;
  map.read_out(limit.moments, output_mean, output_variance);
  const Vector unknown = Vector::Constant(n, std::numeric_limits<double>::quiet_NaN());
  Vector variance = Vector::Zero(n);
  if (limit.moments.covariance.size() > 0) variance = limit.moments.covariance.diagonal().head(n);
  if (rung == Rung::smoothed) {
    variance = unknown;
    output_variance.setConstant(std::numeric_limits<double>::quiet_NaN());
  }
  statistics::StationaryLaw law{.method = std::string(to_string(rung)),
                                .mean = exact(limit.moments.mean.head(n)),
                                .variance = exact(variance),
                                .skewness = exact(unknown),
                                .output_mean = exact(output_mean),
                                .output_variance = exact(output_variance),
                                .argument_mean = map.argument_mean(),
                                .argument_sd = map.argument_sd(),
                                .valid = limit.reached,
                                .note = limit.note};
  if (limit.moments.covariance.size() > 0)
    law.covariance = limit.moments.covariance.topLeftCorner(n, n);
  law.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return law;
}

}  // namespace

statistics::StationaryLaw solve_deterministic(const models::NoisyChain& chain, const Vector& input,
                                              const Vector& h0, const StationaryOptions& options) {
  return solve(chain, input, h0, options, Rung::deterministic);
}

statistics::StationaryLaw solve_smoothed(const models::NoisyChain& chain, const Vector& input,
                                         const Vector& h0, const StationaryOptions& options) {
  statistics::StationaryLaw law = solve(chain, input, h0, options, Rung::smoothed);
  if (!smoothing_applies(chain)) {
    law.valid = false;
    law.note = smoothing_note;
  }
  return law;
}

statistics::StationaryLaw solve_closure(const models::NoisyChain& chain, const Vector& input,
                                        const Vector& h0, const StationaryOptions& options) {
  return solve(chain, input, h0, options, Rung::closure);
}

statistics::StationaryLaw solve_full_closure(const models::NoisyChain& chain, const Vector& input,
                                             const Vector& h0, const StationaryOptions& options) {
  return solve(chain, input, h0, options, Rung::full_closure);
}

StationaryMoments iterate_moments(const models::NoisyChain& chain, const Vector& input,
                                  const Vector& h0, Rung rung, const StationaryOptions& options) {
  require_arguments(chain, input, h0, options);
  MomentMap map(chain, rung);
  return iterate(map, chain.argument_offset(input), chain.state_offset(input), map.certain(h0),
                 options);
}

}  // namespace stillpoint::moments
