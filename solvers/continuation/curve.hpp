// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <functional>
#include <optional>

#include "lib/core/types.hpp"

namespace stillpoint::continuation {

/// @brief A curve given implicitly: R(u) = 0, R: ℝᴺ⁺¹ → ℝᴺ, where ∂R/∂u has full rank.
struct Curve {
  /// Writes R(u), (N), and, unless it is null, ∂R/∂u, (N, N + 1). @return False if a number is not
  /// finite or R does not exist at u.
  std::function<bool(const Vector& u, Vector& value, Matrix* jacobian)> evaluate;
  Vector weights;  ///< Of the length ‖v‖² = Σ wᵢ vᵢ², (N + 1), > 0.

  double dot(const Vector& a, const Vector& b) const {
    return (weights.array() * a.array() * b.array()).sum();
  }
  double norm(const Vector& a) const { return std::sqrt(dot(a, a)); }
};

/// @brief A point of a curve.
struct CurvePoint {
  Vector u;        ///< (N + 1)
  Vector tangent;  ///< ∂R/∂u t = 0, ‖t‖ = 1, (N + 1)
  /// sign det (∂R/∂u; tᵀ), ±1. Along a curve whose tangent turns continuously it changes where
  /// another branch crosses.
  int orientation = 0;
  double contraction = 0.0;  ///< Largest ratio of successive Newton steps on the way here.
  double error = 0.0;        ///< Length of the next Newton step, estimated.
};

/// @brief Newton's method in the plane through `guess` across `normal`: the point of the curve with
/// ⟨normal, u − guess⟩ = 0, its tangent on the side of `normal`.
///
/// It gives up when a step is longer than half the one before (Deuflhard 2011, section 5.1).
/// @return Nothing if it does not converge.
std::optional<CurvePoint> correct(const Curve& curve, const Vector& guess, const Vector& normal);

/// The point of the curve at distance s from `from` in the direction of its tangent: predictor
/// u + s t and correct() across t.
std::optional<CurvePoint> advance(const Curve& curve, const CurvePoint& from, double s);

/// True if the curve passes through the point `there` between two neighbouring points of it.
bool passes(const Curve& curve, const CurvePoint& there, const CurvePoint& before,
            const CurvePoint& after);

/// @brief Where a function on a curve changes its sign between advance(from, 0) and
/// advance(from, length): regula falsi (Illinois) safeguarded by bisection, until the interval is
/// at rounding or `steps` are used up.
/// @param[in] test  Continuous along the curve, of opposite signs at the two ends.
struct Crossing {
  CurvePoint point;
  double width = 0.0;  ///< Estimated error in s.
};
std::optional<Crossing> locate(const Curve& curve, const CurvePoint& from, double length,
                               const std::function<double(const CurvePoint&)>& test,
                               int steps = 100);

/// @brief One step of a predictor–corrector along a curve: the two points at half and at full
/// length.
///
/// A step is taken only if Newton contracts, no tangent turns by more than max_angle, and the point
/// reached in one step is the point reached in two: a step that jumps to another branch is refused.
/// @param[in,out] length  Halved until a step is taken; then the length to try next.
/// @param[in] smallest    Nothing is returned once `length` is below it.
struct CurveStep {
  CurvePoint half, full;
  double length = 0.0;  ///< Of the step taken.
};
std::optional<CurveStep> step_along(const Curve& curve, const CurvePoint& from, double& length,
                                    double smallest, double max_angle);

}  // namespace stillpoint::continuation
