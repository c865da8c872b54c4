// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "lib/core/types.hpp"

namespace stillpoint::fixed_points {

/// @brief Many states, to be asked whether one of them is near another state: O(log k) for k states
/// in general position instead of k comparisons.
///
/// The states are sorted by one number each, Σ cᵢ yᵢ with 1 ≤ cᵢ < 2 that have no common measure,
/// so that states made of few different entries differ in it too. |y − z|∞ ≤ r implies that these
/// numbers differ by Σ cᵢ r at most.
class StateIndex {
 public:
  /// @param[in] states  (n) each, the same n; may be none.
  explicit StateIndex(std::vector<Vector> states) : states_(std::move(states)) {
    for (std::size_t k = 0; k < states_.size(); ++k) order_.emplace_back(key(states_[k]), k);
    std::sort(order_.begin(), order_.end());
  }

  /// True if a state lies within |·|∞ ≤ radius; radius well above the rounding of the states.
  bool holds(const Vector& state, double radius) const {
    const double reach = radius * weights(state.size()).sum(), middle = key(state);
    auto next =
        std::lower_bound(order_.begin(), order_.end(), std::pair(middle - reach, std::size_t{0}));
    for (; next != order_.end() && next->first <= middle + reach; ++next)
      if ((states_[next->second] - state).lpNorm<Eigen::Infinity>() <= radius) return true;
    return false;
  }

 private:
  static Vector weights(Index size) {
    constexpr double golden = 0.6180339887498949;
    return Vector::NullaryExpr(size, [](Index i) {
      const double turns = golden * static_cast<double>(i + 1);
      return 1.0 + turns - std::floor(turns);
    });
  }
  static double key(const Vector& state) { return weights(state.size()).dot(state); }

  std::vector<Vector> states_;
  std::vector<std::pair<double, std::size_t>> order_;  // key, position
};

}  // namespace stillpoint::fixed_points
