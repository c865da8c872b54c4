// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/statistics/estimate.hpp"
#include "lib/statistics/laws.hpp"
#include "solvers/algebraic/minimize.hpp"
#include "studies/support/task_response.hpp"

namespace stillpoint::studies {

/// Levels of a loss curve relative to the training noise where none are asked for.
inline const std::vector<double> usual_ratios = {0.0, 0.25, 0.5,  0.75, 0.9,
                                                 1.0, 1.1,  1.25, 1.5,  2.0};

bool all_valid(const std::vector<statistics::WindowLaw>& laws);
/// Of the first law that is not valid; empty if all are.
std::string first_note(const std::vector<statistics::WindowLaw>& laws);

/// @brief Loss of a network at one test noise: predicted by the closure, bias² + variance, and
/// simulated.
struct LossPoint {
  double level = 0.0;
  double predicted = 0.0, bias_squared = 0.0, variance = 0.0;
  bool valid = false;  ///< What the closure says of itself.
  std::string note;
  statistics::Estimate simulated;
  bool simulated_valid = false;
  std::string simulated_note;

  bool comparable() const { return valid && simulated_valid; }
  /// |predicted − simulated| in units of what is allowed, share · simulated + 5 standard errors.
  double gap(double share) const;
};

LossPoint loss_point(double level, const ClosureResponse& closure,
                     const std::vector<statistics::WindowLaw>& sampled);

/// @brief The least loss of a curve by one method, among the points where it holds; NaN if there
/// is none.
struct LeastLoss {
  double level, loss;
  bool at_end;  ///< At the largest noise with an answer, which says little.
};

LeastLoss least_predicted(const std::vector<LossPoint>& curve);
LeastLoss least_simulated(const std::vector<LossPoint>& curve);

}  // namespace stillpoint::studies
