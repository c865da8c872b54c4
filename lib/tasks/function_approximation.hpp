// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "lib/random/normal.hpp"
#include "lib/tasks/trials.hpp"
#include "lib/tasks/window_task.hpp"

namespace stillpoint::tasks {

/// What is to be computed from a number u ∈ [−1, 1].
enum class Target {
  sine,   ///< sin πu
  cubic,  ///< 2u³ − u
};

inline constexpr std::array all_targets{Target::sine, Target::cubic};

std::string_view to_string(Target target);

/// @brief Function approximation: the input is one number, constant in a trial; the read-out is
/// compared with its function over the last K of T steps. The network starts at 0.
///
/// Task of Eckstein & Srinivasan (2026), whose sizes are not published: these are the recipe's of
/// the theory page, section 12.
struct FunctionApproximation {
  Target target = Target::sine;
  Index steps = 14;  ///< T
  Index window = 6;  ///< K, 1 ≤ K ≤ T

  double value(double u) const;

  /// @brief Trials with u in equal strata, one each: u_k = −1 + 2 (k + U_k)/count.
  /// @param[in] units      n of the networks.
  /// @param[in] iteration  Other trials for another number; stream for uniform().
  /// @throws std::invalid_argument unless count ≥ 1, units ≥ 1, 1 ≤ K ≤ T.
  Trials draw(Index count, Index units, const random::Stream& stream,
              std::uint32_t iteration) const;

  /// The task at `count` ≥ 2 inputs from −1 to 1, equally spaced. @throws as draw().
  std::vector<WindowTask> conditions(Index count, Index units) const;
};

}  // namespace stillpoint::tasks
