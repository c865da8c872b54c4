// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "solvers/fixed_points/map.hpp"

namespace stillpoint::fixed_points {

/// @brief The Newton step of Φ(y) − y = 0 at a point; owns its workspace, one object a thread.
class NewtonStep {
 public:
  /// @param[in] map  Borrowed; must outlive the object.
  explicit NewtonStep(const Map& map);

  /// @brief Evaluates map and Jacobian at y, (n), and solves (I − ∂Φ/∂y) p = Φ(y) − y.
  /// @return False if a number is not finite or the matrix is singular.
  bool evaluate(const Vector& y);

  /// Evaluates the residual at y alone. @return False if a number is not finite.
  bool evaluate_residual(const Vector& y);

  const Vector& residual() const { return residual_; }  ///< Φ(y) − y, (n)
  const Vector& step() const { return step_; }          ///< p, (n)
  const Matrix& jacobian() const { return jacobian_; }  ///< ∂Φ/∂y, (n, n)
  /// sign det(I − ∂Φ/∂y) as the factorisation has it, ±1; says nothing about rounding.
  int determinant_sign() const { return determinant_sign_; }

 private:
  const Map& map_;
  Vector image_, residual_, step_;
  Matrix jacobian_, matrix_;
  int determinant_sign_ = 0;
};

/// How a Newton step is shortened far from a root. Each reaches roots that the others miss.
enum class Damping {
  residual,  ///< Halved, six times at most, while the residual grows; ends if that does not help.
  kinks,  ///< The same, but then taken whole: only that leads from one linear region to the next.
};

struct NewtonOptions {
  Damping damping = Damping::residual;
  Index max_iterations = 60;
  double tolerance = 1e-12;  ///< Largest residual, relative to max(1, |y|∞).
};

struct NewtonResult {
  bool converged = false;
  bool finite = true;  ///< False if the iteration ended at a NaN or an infinity.
  double step = 0.0;   ///< |last step|∞: estimates the error of y.
  Index iterations = 0;
};

/// @brief Damped Newton iteration on y, (n), in place.
///
/// It ends when a step is below 1e-9 (its successor is then below rounding) or the residual is at
/// rounding.
NewtonResult newton(NewtonStep& step, Vector& y, const NewtonOptions& options);

/// max(1, |y|∞), the length that tolerances are relative to.
inline double scale_of(const Vector& y) {
  const double size = y.lpNorm<Eigen::Infinity>();
  return size > 1.0 ? size : 1.0;
}

}  // namespace stillpoint::fixed_points
