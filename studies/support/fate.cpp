// SPDX-License-Identifier: GPL-3.0-or-later
#include "studies/support/fate.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "lib/statistics/estimate.hpp"
#include "lib/statistics/laws.hpp"
#include "solvers/continuation/closure_map.hpp"
#include "solvers/ensemble/stationary.hpp"
#include "solvers/moments/closure_error.hpp"
#include "solvers/moments/stationary.hpp"
#include "studies/support/verdict.hpp"

namespace stillpoint::studies {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

Vector values_of(const std::vector<statistics::Estimate>& estimates, Index n, bool error = false) {
  Vector values = Vector::Constant(n, not_a_number);
  for (Index i = 0; i < n && i < static_cast<Index>(estimates.size()); ++i)
    values(i) = error ? estimates[i].standard_error : estimates[i].value;
  return values;
}

void append(std::string& text, const std::string& more) {
  if (more.empty()) return;
  text += (text.empty() ? "" : "; ") + more;
}

/// The noise level at which a state ends, or NaN.
double survival(const NoiseQuestion& question, const Vector& state, moments::Rung rung,
                std::string& end, std::string& note) {
  using continuation::SurvivalEnd;
  const auto survived = continuation::survival_noise(
      {.network = question.network, .noise = question.noise, .input = question.input}, state, rung,
      {.upper = question.largest_ratio});
  end = to_string(survived.end);
  if (survived.end == SurvivalEnd::unknown)
    append(note, "survival, " + std::string(to_string(rung)) + ": " + survived.report.message);
  const bool ended = survived.end != SurvivalEnd::unknown && survived.end != SurvivalEnd::survives;
  return ended ? survived.level : not_a_number;
}

}  // namespace

Fate::Fate(Index n) : ends_smoothed(not_a_number), ends_closure(not_a_number) {
  for (Vector* values :
       {&smoothed, &closure, &closure_sd, &monte_carlo, &standard_error, &simulated_sd})
    *values = Vector::Constant(n, not_a_number);
}

double Fate::smoothed_shift(const Vector& from) const { return rms(smoothed - from); }
double Fate::closure_shift(const Vector& from) const { return rms(closure - from); }
double Fate::monte_carlo_shift(const Vector& from) const { return rms(monte_carlo - from); }

double Fate::monte_carlo_shift_error(const Vector& from) const {
  const Vector shift = monte_carlo - from;
  if (shift.isZero(0.0)) return rms(standard_error);
  return shift.cwiseProduct(standard_error).norm() /
         (rms(shift) * static_cast<double>(shift.size()));
}

double Fate::closure_gap() const {
  constexpr double settled = 1e-6;  // of a state that no noise reaches
  const Vector allowed = 5.0 * standard_error.array() + 0.1 * rms(simulated_sd) +
                         settled * (1.0 + monte_carlo.array().abs());
  return worst((closure - monte_carlo).cwiseAbs().cwiseQuotient(allowed));
}

double rms(const Vector& values) {
  return values.norm() / std::sqrt(static_cast<double>(values.size()));
}

Fate fate_of(const NoiseQuestion& question, const fixed_points::FixedPoint& point,
             const continuation::Shift& moved, bool follow, std::uint32_t stream) {
  const models::NoisyChain chain = question.chain();
  const Index n = point.state.size();
  Fate fate(n);
  const bool smoothing = moments::smoothing_applies(chain);
  if (smoothing && moved.survives) fate.smoothed = moved.to.state;
  fate.note = smoothing ? moved.report.message : std::string(moments::smoothing_note);
  if (point.stability != fixed_points::Stability::stable) return fate;

  const auto closure = moments::solve_closure(chain, question.input, point.state);
  fate.closure = values_of(closure.mean, n);
  fate.closure_sd = values_of(closure.variance, n).cwiseSqrt();
  const auto validity = moments::judge(chain, question.input, closure);
  fate.closure_valid = validity.valid;
  if (!validity.valid) append(fate.note, validity.note);
  if (!follow) return fate;
  if (smoothing)
    fate.ends_smoothed =
        survival(question, point.state, moments::Rung::smoothed, fate.end_smoothed, fate.note);
  if (chain.state_size() <= continuation::closure_limit)
    fate.ends_closure =
        survival(question, point.state, moments::Rung::closure, fate.end_closure, fate.note);
  if (fate.closure_valid && fate.ends_closure <= question.ratio) {
    fate.closure_valid = false;
    append(fate.note, "in the closure the point has ended below this noise");
  }
  auto sampling = question.sampling;
  sampling.stream = stream;
  const Vector start = fate.closure.allFinite() ? fate.closure : point.state;
  const auto law = ensemble::simulate_stationary(chain, question.input, start, sampling);
  fate.simulated = law.valid;
  if (!law.valid) {
    fate.rejected = law.note;
    append(fate.note, "Monte Carlo: " + law.note);
    return fate;
  }
  fate.monte_carlo = values_of(law.mean, n);
  fate.standard_error = values_of(law.mean, n, true);
  fate.simulated_sd = values_of(law.variance, n).cwiseSqrt();
  return fate;
}

}  // namespace stillpoint::studies
