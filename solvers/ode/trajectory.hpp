// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"

namespace stillpoint::ode {

/// Functions whose zeros are events: writes g(t, x), (events). Errors as for Field.
struct Events {
  Index count = 0;
  std::function<void(double t, const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> g)> values;
  bool terminal = false;  ///< The integration ends at the first event.
};

/// A zero of an event function.
struct Event {
  double time;
  Index which;      ///< Component of g.
  bool increasing;  ///< g goes from below zero to above.
  Vector state;     ///< (n)
};

/// What an integrator found.
struct Trajectory {
  /// Those reached: all that were asked for, unless the report or an event says why.
  Vector times;
  Matrix states;  ///< x at the times, (n, times)
  std::vector<Event> events;
  /// iterations: steps; evaluations: of the field, those of difference quotients included. A
  /// failure names the time it happened at.
  Report report;
};

}  // namespace stillpoint::ode
