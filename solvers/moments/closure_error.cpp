// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/moments/closure_error.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>
#include <limits>
#include <sstream>
#include <vector>

#include "lib/core/require.hpp"
#include "solvers/moments/recording.hpp"
#include "solvers/moments/soft_path.hpp"
#include "solvers/moments/third_cumulant.hpp"

namespace stillpoint::moments {

namespace {

/// Third cumulants at one step, mean over outputs; the softest path over the window.
ClosureError estimate(const models::NoisyChain& chain, const Recording& run,
                      const ReadOut& read_out, Index step, Index window) {
  ClosureError error;
  const Index outputs = read_out.weights.rows();
  for (Index o = 0; o < outputs; ++o)
    error.third_cumulant +=
        variance_correction(chain, run, step, read_out, o) / static_cast<double>(outputs);
  const PathResponse path = softest_path(chain, run, read_out, window);
  error.higher_orders = path.higher_orders;
  error.steepest = std::abs(path.steepest);
  return error;
}

}  // namespace

ClosureError estimate_closure_error(const models::NoisyChain& chain,
                                    const tasks::WindowTask& task) {
  tasks::require_fits(task, chain.network());
  if (chain.noise().silent() || chain.outputs() == 0) return {};
  const Recording run = record_closure(
      chain, task.inputs, MomentMap(chain, Rung::closure).certain(task.h0), task.steps);
  return estimate(chain, run, own_read_out(chain), task.steps - task.window / 2, task.window);
}

Validity can_estimate(const models::NoisyChain& chain, Index steps) {
  constexpr double limit = 2e9;  // bytes
  const double m = static_cast<double>(chain.state_size());
  const double needed = 3.0 * sizeof(double) * m * m * static_cast<double>(steps);
  if (needed <= limit) return {};
  std::ostringstream note;
  note << "not judged: the estimate of its error would need " << std::ceil(needed / 1e9) << " GB";
  return {.valid = false,
          .relative_error = std::numeric_limits<double>::infinity(),
          .note = note.str()};
}

Validity judge(const models::NoisyChain& chain, const Vector& input,
               const statistics::StationaryLaw& law, double tolerance) {
  const Index n = chain.units();
  require(law.covariance.rows() == n && law.covariance.cols() == n, "moments::judge",
          "the law's covariance has shape (", law.covariance.rows(), ", ", law.covariance.cols(),
          "), expected (", n, ", ", n, ") from solve_closure");
  if (!law.valid) return {.valid = false, .note = law.note};
  if (chain.noise().silent()) return {};
  const Eigen::SelfAdjointEigenSolver<Matrix> modes(law.covariance);
  const double variance = modes.eigenvalues()(n - 1);
  const ReadOut leading{.weights = modes.eigenvectors().col(n - 1).transpose()};
  Vector mean(n);
  for (Index i = 0; i < n; ++i) mean(i) = law.mean[static_cast<std::size_t>(i)].value;

  constexpr Index longest = 4096;
  for (Index steps = 64; steps <= longest; steps *= 2) {
    if (const Validity possible = can_estimate(chain, steps); !possible.valid) return possible;
    const Recording run =
        record_closure(chain, input, MomentMap(chain, Rung::closure).certain(mean), steps);
    const double reached = leading.weights.row(0) * run.end.covariance.topLeftCorner(n, n) *
                           leading.weights.row(0).transpose();
    if (std::abs(reached - variance) > 0.01 * variance) continue;
    return judge(variance, estimate(chain, run, leading, steps, 1), tolerance);
  }
  return {.valid = false,
          .relative_error = std::numeric_limits<double>::infinity(),
          .note = "the law takes more than 4096 steps to settle: too near a bifurcation"};
}

Validity judge(double prediction, const ClosureError& error, double tolerance) {
  Validity validity;
  if (error.total() == 0.0) return validity;
  validity.relative_error = error.total() / prediction;
  validity.valid = validity.relative_error <= tolerance;
  std::ostringstream note;
  note.precision(2);
  note << "estimated error of the closure " << 100.0 * validity.relative_error
       << " % (third cumulant " << 100.0 * std::abs(error.third_cumulant) / prediction
       << " %, beyond " << 100.0 * error.higher_orders / prediction << " %";
  if (error.higher_orders > std::abs(error.third_cumulant))
    note << ", steepest at " << error.steepest << " standard deviations of the noise";
  note << ")" << (validity.valid ? "" : ": not Gaussian enough");
  validity.note = note.str();
  return validity;
}

ClosureError mean(const std::vector<ClosureError>& errors) {
  require(!errors.empty(), "moments::mean", "no errors, expected at least one condition");
  ClosureError result;
  double largest = 0.0;
  for (const ClosureError& error : errors) {
    result.third_cumulant += error.third_cumulant / static_cast<double>(errors.size());
    result.higher_orders += error.higher_orders / static_cast<double>(errors.size());
    if (error.higher_orders < largest) continue;
    largest = error.higher_orders;
    result.steepest = error.steepest;
  }
  return result;
}

}  // namespace stillpoint::moments
