// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/symbolic/model.hpp"
#include "solvers/cumulants/moment_system.hpp"

namespace stillpoint::cumulants {

/// Where a model without its noise comes to rest.
struct RestStates {
  Index stable = 0;  ///< Stable rest states seen, at least one standard deviation apart.
  std::string note;  ///< Why moment closures cannot be judged or trusted; "" for one rest state.
};

/// @brief Follows x' = A(x), or x ← F(x, 0), from `start`, from the mean and from the points 1, 2,
/// 4 and 8 standard deviations away from the mean on either side, one state at a time, and counts
/// the stable states that they end in.
///
/// Two of them make the stationary law a mixture, about which low orders of a closure can agree and
/// be wrong. What lies further away is not seen, nor what multiplicative noise alone makes.
/// @param[in] start, mean, sd  (n).
/// @param[in] duration  Of one run, > 0.
/// @param[in] positive  Start above 0.
/// @throws std::invalid_argument for a wrong shape; Interrupted.
RestStates find_rest_states(const symbolic::Model& model, const Vector& start, const Vector& mean,
                            const Vector& sd, double duration, bool positive = false);

/// Whether an order may be trusted, and the sentence that says why not.
struct MomentVerdict {
  bool valid = true;
  std::string note;
};

/// Whether two solutions agree: means within 0.1 standard deviations of `other`, variances within a
/// tenth where both know them. `name` is what the note calls the other one.
MomentVerdict compare_moments(const MomentSolution& solution, const MomentSolution& other,
                              const std::string& name);

/// @brief Judges a stationary solution by those of higher orders, no simulation needed: valid where
/// its report is ok, there is one rest state, and all of `above`, at least two, agree with it.
///
/// An estimate, no bound: a wrong law that all orders share is not seen.
MomentVerdict judge_moments(const MomentSolution& solution,
                            const std::vector<MomentSolution>& above, const RestStates& rest);

}  // namespace stillpoint::cumulants
