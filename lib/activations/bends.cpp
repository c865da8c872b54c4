// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/activations/bends.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <type_traits>

namespace stillpoint::activations {

std::vector<double> bends(const Activation& f) {
  return std::visit(
      [](const auto& g) -> std::vector<double> {
        using F = std::decay_t<decltype(g)>;
        const auto pair = [](double b) { return std::vector<double>{-b, b}; };
        if constexpr (std::is_same_v<F, Softplus>) return {0.0};
        if constexpr (std::is_same_v<F, Tanh>) return pair(std::atanh(1.0 / std::numbers::sqrt3));
        if constexpr (std::is_same_v<F, Logistic>) return pair(std::log(2.0 + std::numbers::sqrt3));
        if constexpr (std::is_same_v<F, Erf>) return pair(1.0 / std::numbers::sqrt2);
        return g.kinks();
      },
      f);
}

double distance_to_bend(const Activation& f, double u) {
  double nearest = std::numeric_limits<double>::infinity();
  for (const double bend : bends(f))
    if (std::abs(u - bend) < std::abs(nearest)) nearest = u - bend;
  return nearest;
}

}  // namespace stillpoint::activations
