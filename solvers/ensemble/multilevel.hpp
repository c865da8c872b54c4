// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "lib/statistics/estimate.hpp"

namespace stillpoint::ensemble {

/// @brief Draws P_l − P_{l−1} for paths first_path, first_path + 1, … (as many as the vector is
/// long); for level 0, P_0. P_l is the quantity computed on the mesh of level l.
///
/// The two levels of a difference must see the same Brownian path; paths and levels must be
/// independent of one another, which is easily had by giving every level a stream of its own.
/// Called from several threads at once.
using LevelSampler = std::function<void(Index level, Index first_path, Vector& difference)>;

struct MultilevelOptions {
  /// Wanted standard error of the estimate, > 0, in the unit of P. Levels are added until the bias
  /// that is left, by extrapolation, is at most `bias_share` of it.
  double standard_error = 0.0;
  double bias_share = 0.5;  ///< > 0
  Index pilot = 1000;       ///< Samples of a level from which its variance is first known, ≥ 32.
  Index max_level = 12;     ///< ≥ 2
  int threads = 0;          ///< 0: all cores. The result does not depend on it, bit for bit.
};

/// What was drawn on one level.
struct MultilevelLevel {
  Index samples = 0;
  double mean = 0.0;      ///< of P_l − P_{l−1}
  double variance = 0.0;  ///< of P_l − P_{l−1}
  double cost = 0.0;      ///< of one sample, as given
};

/// The answer of multilevel().
struct MultilevelEstimate {
  statistics::Estimate estimate;  ///< E P_L and its standard error; the bias is not in it.
  double bias = 0.0;              ///< Estimated |E P_L − lim E P_l|.
  double weak_order = 0.0;        ///< α of |E(P_l − P_{l−1})| ∝ 2^{−αl}, as observed.
  double variance_order = 0.0;    ///< β of Var(P_l − P_{l−1}) ∝ 2^{−βl}, as observed.
  double cost = 0.0;              ///< Σ samples × cost, all levels.
  std::vector<MultilevelLevel> levels;
  Report report;  ///< step_limit if max_level does not suffice for the bias.
};

/// @brief Multilevel Monte Carlo: the telescoping sum E P_L = E P_0 + Σ_{l=1}^{L} E(P_l − P_{l−1}),
/// each term estimated on its own with N_l ∝ √(V_l/C_l) samples, the allocation with the least cost
/// for the wanted error; levels are added until the bias is small enough.
///
/// Cost O(ε⁻²) if β > γ (γ: cost ∝ 2^{γl}), O(ε⁻² ln² ε) if β = γ. The number of samples of a level
/// is chosen from the samples drawn before, and all are used: a bias of order 1/pilot of the
/// standard error. The extrapolated bias takes the largest of what the last three levels predict.
/// @param[in] sample  See LevelSampler.
/// @param[in] cost    Cost of one sample of a level, > 0, any unit: steps, or seconds.
/// @throws std::invalid_argument if an option is out of range; Interrupted; what `sample` throws.
/// Source: Giles (2008), Operations Research 56, 607, section 5; the floors of V_l and of the bias
/// at sparsely sampled levels as in Giles (2015), Acta Numerica 24, section 3.
MultilevelEstimate multilevel(const LevelSampler& sample, const std::function<double(Index)>& cost,
                              const MultilevelOptions& options);

}  // namespace stillpoint::ensemble
