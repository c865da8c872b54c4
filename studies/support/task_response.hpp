// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/networks/network_file.hpp"
#include "lib/statistics/laws.hpp"
#include "solvers/moments/closure_error.hpp"

namespace stillpoint::studies {

/// @brief The closure of every condition, with what it says about itself.
///
/// Each condition is judged by the estimated error of its own loss (without targets: of its own
/// output variance), `valid` and `note` of its law; an error below 0.2 % of the outputs' mean
/// square is none. The mean over the conditions has a judgement of its own: a condition near a
/// separatrix can be lost in a mean that holds, and the other way round.
struct ClosureResponse {
  std::vector<statistics::WindowLaw> conditions;
  moments::Validity overall;  ///< Of the mean loss, or the mean variance, over all conditions.
};

/// @brief What a network that came from a file does on its own task, by one method.
///
/// A task with `steps` is run for T steps from h0 and read over its last K; without `steps` the
/// stationary law is meant, which is then a window of one step. Either way the answer is a
/// WindowLaw, so that both kinds of tasks are analysed by the same code.
class TaskResponse {
 public:
  /// @param[in] file  Borrowed; must outlive this object.
  explicit TaskResponse(const networks::NetworkFile& file) : file_(file) {}

  Index conditions() const { return file_.conditions(); }

  /// (inputs, T) or (inputs, 1)
  const Matrix& inputs(Index condition) const { return file_.inputs[condition]; }
  Matrix targets(Index condition) const;  ///< (outputs, K), (outputs, 1) or empty

  statistics::WindowLaw deterministic(Index condition) const;
  statistics::WindowLaw smoothed(Index condition, double level) const;
  ClosureResponse closure(double level, int threads) const;
  /// Conditions draw from streams of their own, levels share them (common random numbers).
  statistics::WindowLaw monte_carlo(Index condition, double level, Index paths, std::uint64_t seed,
                                    int threads) const;

 private:
  statistics::WindowLaw stationary_closure(const models::NoisyChain& chain, Index condition) const;
  bool stationary() const { return file_.steps == 0; }

  const networks::NetworkFile& file_;
};

/// @brief Mean of the conditions' losses; their standard errors are taken as independent.
statistics::Estimate mean_loss(const std::vector<statistics::WindowLaw>& conditions);

}  // namespace stillpoint::studies
