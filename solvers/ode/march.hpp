// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "lib/core/types.hpp"
#include "solvers/ode/trajectory.hpp"

namespace stillpoint::ode {

/// @throws std::invalid_argument "where: …" unless x0 is finite and not empty and the times are
///   finite, strictly ascending or descending, and at least two.
void require_valid(std::string_view where, const Vector& x0, const Vector& times);

/// The numbers that all adaptive integrators take. @throws std::invalid_argument "where: …".
void require_valid(std::string_view where, double relative_tolerance, double absolute_tolerance,
                   Index max_steps, double max_step);

/// @throws std::invalid_argument "where: …" if there are events but no function.
void require_valid(std::string_view where, const Events& events);

/// What an integrator met on its way to a time.
enum class Reached { time, event, failure };

/// An integrator as march() sees it.
struct Integrator {
  /// Goes on until target or until an event, and sets t to where it is.
  std::function<Reached(double target, double& t)> advance;
  /// For every event function: 0 no zero, ±1 increasing, decreasing; only called after an event.
  std::function<void(std::vector<int>& directions)> event_directions;
  /// After a failure: throws what a function of the user's threw, or says what happened.
  std::function<Report(double t)> failure;
};

/// @brief Visits the times one after the other and collects states and events.
/// @param[in] state  Where the integrator leaves x; holds x(times(0)).
Trajectory march(const Vector& state, const Vector& times, const Events& events,
                 const Integrator& integrator);

}  // namespace stillpoint::ode
