// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "lib/statistics/estimate.hpp"
#include "lib/symbolic/model.hpp"
#include "solvers/ensemble/process.hpp"

namespace stillpoint::cumulants {

/// @brief A model of formulas as a process in discrete time, evaluated by tapes: a step of a chain,
/// x' = F(x, ξ), or of Euler and Maruyama for a diffusion,
///
///     x' = x + h A(x) + √h C(x) ξ,
///
/// of weak order 1; positive states are cut off at 0 (full truncation, for roots in C). ξ_k has
/// index k. A state outside the formulas' domain becomes NaN.
/// Source: Kloeden & Platen (1992), section 10.2; Lord, Koekkoek & van Dijk (2010), Quant. Finance
/// 10, 177.
class FormulaProcess {
 public:
  /// @param[in] step  h > 0; 1 for a chain.
  FormulaProcess(const symbolic::Model& model, double step, bool positive = false);

  Index state_size() const { return static_cast<Index>(change_.size()); }
  double time_step() const { return h_; }
  void step(const ensemble::StepAddress& address, Vector& x);

 private:
  symbolic::Tape drift_, noise_;  // noise_ of a diffusion
  symbolic::TapeWorkspace<double> drift_slots_, noise_slots_;
  double h_;
  bool positive_, chain_;
  Index noises_;
  std::vector<double> in_;      // x, and ξ of a chain
  std::vector<double> change_;  // A, or F, (n)
  std::vector<double> C_;       // (n, m), by columns
};

struct FormulaSimulationOptions {
  Index paths = 20000;      ///< ≥ 64; fewer are taken where the steps would exceed most_steps.
  Index records = 40;       ///< Times at which moments are kept, besides 0, at most; ≥ 4.
  double most_steps = 4e8;  ///< Of all paths together.
  bool positive = false;    ///< The states are positive.
  std::uint64_t seed = 1;
  int threads = 0;
};

/// Mean and variance of simulated states, with standard errors.
struct SimulatedMoments {
  /// non_finite_state: a path left the numbers; its moments then are NaN. outside_validity: the
  /// last two quarters of the time differ, so that `late` is not stationary.
  Report report;
  Index paths = 0;
  double step = 0.0;                                           ///< h
  Vector times;                                                ///< 0, …, (records + 1)
  std::vector<std::vector<statistics::Estimate>> mean;         ///< By time, then state.
  std::vector<std::vector<statistics::Estimate>> variance;     ///< By time, then state.
  std::vector<statistics::Estimate> late_mean, late_variance;  ///< Over the second half, by state.
};

/// @brief Monte Carlo of the formulas themselves from a certain state x0.
///
/// A diffusion's step is chosen by a small trial ensemble: h ≤ 0.01, h |J| ≤ 0.02 in the root mean
/// square and ≤ 0.5 everywhere, J = ∂A/∂x, so that the error of its moments is about a hundredth.
/// @param[in] start     x0, (n).
/// @param[in] duration  > 0; a chain takes its whole number of steps, 4 at least.
/// @throws std::invalid_argument for a wrong shape or number; Interrupted.
SimulatedMoments simulate_formulas(const symbolic::Model& model, const Vector& start,
                                   double duration, const FormulaSimulationOptions& options = {});

}  // namespace stillpoint::cumulants
