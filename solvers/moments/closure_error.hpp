// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/statistics/laws.hpp"
#include "lib/tasks/window_task.hpp"

namespace stillpoint::moments {

/// @brief The closure's own estimate of the error of its output variance, and so of its loss, in
/// units of the squared output. It never looks at a simulation.
struct ClosureError {
  /// δVar by the next order of the hierarchy: third cumulants (variance_correction()).
  double third_cumulant = 0.0;
  /// Variance that neither second nor third cumulants can hold: the response to the softest line
  /// of noise beyond second order (softest_path()). Large where a separatrix is within reach.
  double higher_orders = 0.0;
  /// Distance, in standard deviations of the noise, at which that response is steepest.
  double steepest = 0.0;

  double total() const { return std::abs(third_cumulant) + higher_orders; }
};

/// @brief Error of evolve_closure() on a task, mean over outputs and window.
///
/// The third-cumulant term is taken at the middle of the window. Costs some ten times the closure
/// itself: n³ a step and output for the third cumulants, 21 trajectories three times over for each
/// of two lines of noise.
/// @throws std::invalid_argument for a task that does not fit the network.
ClosureError estimate_closure_error(const models::NoisyChain& chain, const tasks::WindowTask& task);

/// Whether a prediction by the closure is to be trusted, and the sentence that says so.
struct Validity {
  bool valid = true;
  double relative_error = 0.0;  ///< estimated error / prediction
  std::string note;
};

/// @brief Not valid, with a note, if the estimate of the error over so many steps would hold more
/// than 2 GB: three matrices of the state's size a step. Ask before estimate_closure_error().
Validity can_estimate(const models::NoisyChain& chain, Index steps);

/// @brief Valid if the estimated error is at most `tolerance` of the prediction.
///
/// The threshold is the accuracy asked of the prediction itself, not a tuned number. The third
/// cumulant is the leading term of the error for small noise, O(s⁴), with its sign; the higher
/// orders catch what no expansion in the noise sees, escapes over a separatrix, of order e^{−β²/2}
/// at a distance of β standard deviations. Errors of several conditions average like their losses:
/// judge their mean loss by the mean error, and the law of one condition by its own.
/// @param[in] prediction  A loss or a variance > 0, mean over the conditions it is judged for.
/// @param[in] error       The estimate, mean over the same conditions.
Validity judge(double prediction, const ClosureError& error, double tolerance = 0.04);

/// @brief The same for a stationary law of solve_closure(), judged by the variance along the
/// leading direction of its covariance, where it is least Gaussian first: third cumulants and the
/// response to the softest line of noise, for the network started at the law's mean. A law that
/// solve_closure() itself called not valid stays so.
/// @throws std::invalid_argument if the law has no covariance.
Validity judge(const models::NoisyChain& chain, const Vector& input,
               const statistics::StationaryLaw& law, double tolerance = 0.04);

/// Mean of the estimates of several conditions; `steepest` is that of the largest higher_orders.
ClosureError mean(const std::vector<ClosureError>& errors);

}  // namespace stillpoint::moments
