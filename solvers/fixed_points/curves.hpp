// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/core/types.hpp"
#include "solvers/fixed_points/map.hpp"

namespace stillpoint::fixed_points {

/// @brief A curve F(y) = s v of F(y) = y − Φ(y), from a point of it towards rising or falling s.
///
/// Every fixed point on it has s = 0. If Φ is bounded the curve through any point leads from
/// s = −∞ to ∞ or is closed, so that it meets fixed points again and again, of either index in
/// turn: it goes on where Newton's method from a start has ended.
struct Curve {
  Vector start;        ///< y, (n)
  Vector direction;    ///< v, (n)
  double level = 0.0;  ///< s at the start.
  double sense = 1.0;  ///< 1: towards rising s, −1: towards falling s.
};

struct CurveOptions {
  Index steps = 256;        ///< Steps from the start of each, each one factorisation.
  double first_step = 0.3;  ///< In (y, s).
  double longest_step = 2.0;
  Vector lower, upper;  ///< (n) each: a curve ends where it leaves this box.
  int threads = 0;
};

struct Crossings {
  std::vector<Vector> points;  ///< Near fixed points; Newton's method leads to them.
  Index steps = 0;             ///< Steps taken, the refused ones included.
};

/// @brief Traces curves, eight side by side, and returns where they cross s = 0.
///
/// Loosely: one step is a prediction along the tangent and one Newton step back; a curve that is
/// lost for a neighbouring one is none the worse. Order and values do not depend on threads.
/// Source: Branin (1972), IBM J. Res. Dev. 16, 504 (the curve); Allgower & Georg (2003), ch. 2.
Crossings trace(const Map& map, const std::vector<Curve>& curves, const CurveOptions& options);

}  // namespace stillpoint::fixed_points
