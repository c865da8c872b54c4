// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/require.hpp"
#include "solvers/sde/scheme.hpp"

namespace stillpoint::sde {

/// One simulated path.
struct Path {
  Vector times;   ///< (recorded), ascending; the first is 0.
  Matrix states;  ///< (n, recorded)
  /// iterations: steps taken; non_finite_state if the path left the numbers, step_limit if an
  /// adaptive run met its smallest step. What is recorded ends there.
  Report report;
};

/// What to keep of a path besides its start.
struct Record {
  Index every = 1;  ///< Steps between records; the last state is always kept.
  static Record last() { return {.every = 0}; }
};

struct AdaptiveOptions {
  /// A step is accepted if it and its two halves differ by at most tolerance (1 + |x|∞).
  double tolerance = 1e-3;
  Index first_level = 4;  ///< Largest step: T/2^first_level.
  Index last_level = 20;  ///< Smallest step: T/2^last_level, ≤ 31.
};

namespace detail {

/// States at times, as they come.
class Recorder {
 public:
  explicit Recorder(const Vector& x0) : n_(x0.size()) { add(0.0, x0); }
  void add(double t, const Vector& x) {
    times_.push_back(t);
    states_.insert(states_.end(), x.data(), x.data() + n_);
  }
  Path finish(Report report) const {
    const auto count = static_cast<Index>(times_.size());
    return {Eigen::Map<const Vector>(times_.data(), count),
            Eigen::Map<const Matrix>(states_.data(), n_, count), std::move(report)};
  }

 private:
  Index n_;
  std::vector<double> times_, states_;
};

template <Scheme S>
void require_fits(const S& scheme, const random::BrownianPath& path, const Vector& x0,
                  std::string_view where) {
  require(x0.size() == scheme.state_size() && x0.allFinite(), where, "x0 has ", x0.size(),
          " entries or is not finite, expected ", scheme.state_size());
  require(path.components() == scheme.noise_size(), where, "the Brownian path has ",
          path.components(), " components, expected ", scheme.noise_size());
}

inline Report left_the_numbers(double t) {
  std::ostringstream text;
  text << "the state is not finite at t = " << t << "; a smaller step may help";
  return Report::failure(Status::non_finite_state, text.str());
}

}  // namespace detail

/// @brief Simulates one path on 2^level equal steps of a Brownian path.
/// @param[in,out] scheme  Its workspace is used.
/// @param[in]     x0      (n), finite.
/// @throws std::invalid_argument for a wrong shape or level outside 0 … 31; what the model throws.
template <Scheme S>
Path simulate(S& scheme, const random::BrownianPath& path, Index level, const Vector& x0,
              const Record& record = {}) {
  detail::require_fits(scheme, path, x0, "sde::simulate");
  require(level >= 0 && level <= 31, "sde::simulate", "level = ", level, ", expected 0 to 31");
  require(record.every >= 0, "sde::simulate", "record every ", record.every, ", expected >= 0");
  detail::Recorder recorder(x0);
  Report report;
  Vector x = x0;
  Index steps = 0;
  const Index last = Index{1} << level;
  path.for_each(level, [&](double t, double h, const random::Increment& increment) {
    if (!report.ok()) return;
    scheme.step(t, h, increment, x);
    ++steps;
    if (!x.allFinite()) {
      report = detail::left_the_numbers(t + h);
      return;
    }
    if (steps == last || (record.every > 0 && steps % record.every == 0)) recorder.add(t + h, x);
  });
  report.iterations = steps;
  return recorder.finish(std::move(report));
}

/// @brief Simulates one path with steps that adapt to it: an interval of the Brownian tree is taken
/// in one step if that agrees with two halves (whose result is then kept), else each half is
/// treated in the same way. A rejected step keeps the path: its halves are drawn given what it saw.
/// @throws std::invalid_argument for a wrong shape or option; what the model throws.
template <Scheme S>
Path simulate_adaptive(S& scheme, const random::BrownianPath& path, const Vector& x0,
                       const AdaptiveOptions& options = {}) {
  constexpr auto where = "sde::simulate_adaptive";
  detail::require_fits(scheme, path, x0, where);
  require(options.tolerance > 0.0, where, "tolerance = ", options.tolerance, ", expected > 0");
  require(options.first_level >= 0 && options.first_level < options.last_level &&
              options.last_level <= 31,
          where, "levels ", options.first_level, " to ", options.last_level,
          ", expected 0 <= first < last <= 31");
  detail::Recorder recorder(x0);
  Report report;
  Vector x = x0, full = x0, halved = x0;
  Index steps = 0;
  const auto advance = [&](auto&& self, const random::BrownianInterval& interval,
                           Index level) -> void {
    if (!report.ok() && report.status != Status::step_limit) return;
    const auto halves = path.halves(interval);
    if (level >= options.first_level) {
      full = x;
      scheme.step(interval.start, interval.length, interval.increment, full);
      halved = x;
      for (const auto& half : halves) scheme.step(half.start, half.length, half.increment, halved);
      steps += 3;
      const double error = (full - halved).template lpNorm<Eigen::Infinity>();
      const double allowed = options.tolerance * (1.0 + x.template lpNorm<Eigen::Infinity>());
      const bool accepted = error <= allowed;  // false for a NaN
      if (accepted || level + 1 >= options.last_level) {
        if (!accepted && report.ok())
          report =
              Report::failure(Status::step_limit, "the smallest step does not meet the tolerance");
        x = halved;
        const double end = interval.start + interval.length;
        if (!x.allFinite()) {
          report = detail::left_the_numbers(end);
          return;
        }
        recorder.add(end, x);
        return;
      }
    }
    for (const auto& half : halves) self(self, half, level + 1);
  };
  advance(advance, path.whole(), 0);
  report.iterations = steps;
  return recorder.finish(std::move(report));
}

}  // namespace stillpoint::sde
