// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ode/march.hpp"

#include <cmath>

#include "lib/core/require.hpp"

namespace stillpoint::ode {

void require_valid(std::string_view where, const Vector& x0, const Vector& times) {
  require(x0.size() > 0 && x0.allFinite(), where,
          "x0 is empty or not finite, expected n > 0 finite numbers");
  bool ascending = times.size() >= 2 && times.allFinite(), descending = ascending;
  for (Index k = 1; k < times.size(); ++k) {
    ascending = ascending && times(k - 1) < times(k);
    descending = descending && times(k - 1) > times(k);
  }
  require(ascending || descending, where,
          "expected at least two finite times, strictly ascending or descending");
}

void require_valid(std::string_view where, double relative_tolerance, double absolute_tolerance,
                   Index max_steps, double max_step) {
  require(relative_tolerance > 0.0 && absolute_tolerance > 0.0 &&
              std::isfinite(relative_tolerance) && std::isfinite(absolute_tolerance),
          where, "tolerances ", relative_tolerance, " and ", absolute_tolerance,
          ", expected finite numbers > 0");
  require(max_steps > 0, where, "max_steps = ", max_steps, ", expected > 0");
  require(max_step >= 0.0, where, "max_step = ", max_step, ", expected >= 0");
}

void require_valid(std::string_view where, const Events& events) {
  require(events.count >= 0, where, "events.count = ", events.count, ", expected >= 0");
  require(events.count == 0 || events.values, where, events.count, " events without a function");
}

Trajectory march(const Vector& state, const Vector& times, const Events& events,
                 const Integrator& integrator) {
  Trajectory answer{.states = Matrix(state.size(), times.size())};
  answer.states.col(0) = state;
  std::vector<int> directions(static_cast<std::size_t>(events.count));
  Index known = 1;
  double t = times(0);
  while (known < times.size()) {
    const Reached reached = integrator.advance(times(known), t);
    if (reached == Reached::time) {
      answer.states.col(known++) = state;
    } else if (reached == Reached::event) {
      integrator.event_directions(directions);
      for (Index which = 0; which < events.count; ++which)
        if (const int direction = directions[static_cast<std::size_t>(which)]; direction != 0)
          answer.events.push_back({t, which, direction > 0, state});
      if (events.terminal) break;
    } else {
      answer.report = integrator.failure(t);
      break;
    }
  }
  answer.times = times.head(known);
  answer.states.conservativeResize(state.size(), known);
  return answer;
}

}  // namespace stillpoint::ode
