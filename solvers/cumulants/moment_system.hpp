// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "lib/symbolic/tape.hpp"
#include "solvers/cumulants/cumulant_law.hpp"
#include "solvers/cumulants/moment_equations.hpp"

namespace stillpoint::cumulants {

/// What the equations gave: the moments in their own form, and the law as cumulants.
struct MomentSolution {
  Report report;   ///< lost_positivity: the moments are those of no law; message says which.
  Vector moments;  ///< (unknowns), in the order of equations.moments from position 1.
  CumulantLaw law;
  Realizability realizability;
  /// Spectral radius of a step (chain), largest real part of the Jacobian (diffusion): stable below
  /// 1 and 0.
  double stability = 0.0;
};

struct MomentPath {
  Report report;
  Vector times;           ///< Those reached.
  Matrix moments;         ///< (unknowns, times)
  Index first_loss = -1;  ///< Where realisability was lost first, −1: nowhere.
};

/// @brief Closed moment equations with the numbers of their parameters, compiled to a tape with
/// their Jacobian.
///
/// Immutable; safe to share between threads.
class MomentSystem {
 public:
  /// @param[in] equations  Closed; parameters have the values of the model.
  /// @param[in] positive   The states are positive: realisability is that of laws on [0, ∞)ⁿ.
  /// @throws std::invalid_argument for equations that are not closed.
  explicit MomentSystem(MomentEquations equations, bool positive = false);

  Index unknowns() const { return static_cast<Index>(equations_.rates.size()); }
  const MomentEquations& equations() const { return equations_; }

  /// The moments of the certain state x0, (n).
  Vector certain(const Vector& x0) const;
  /// The cumulants that these moments stand for.
  CumulantLaw law(const Vector& moments) const;

  Vector rates(const Vector& moments) const;     ///< Or the moments one step later, (unknowns).
  Matrix jacobian(const Vector& moments) const;  ///< (unknowns, unknowns)

  /// @brief A stationary state near the start by KINSOL, exact Jacobian.
  MomentSolution solve(const Vector& start, double tolerance = 1e-12) const;

  /// @brief Along time, by CVODE with the exact Jacobian; for diffusions.
  /// @throws std::invalid_argument for a chain, a wrong shape, or bad times.
  MomentPath integrate(const Vector& start, const Vector& times) const;

  /// @brief steps steps of a chain; times 0, 1, …, steps.
  MomentPath iterate(const Vector& start, Index steps) const;

 private:
  Realizability realizability(const Vector& moments) const;
  void look(MomentPath& path, Index k) const;

  MomentEquations equations_;
  std::vector<double> parameters_;
  bool chain_;
  Support support_;
  symbolic::Tape rates_, jacobian_;
};

}  // namespace stillpoint::cumulants
