// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/random/brownian_path.hpp"

#include <cmath>
#include <string_view>

#include "lib/core/require.hpp"

namespace stillpoint::random {
namespace {
constexpr std::string_view where = "BrownianPath";
}

BrownianPath::BrownianPath(const Stream& stream, std::uint64_t path, Index components,
                           double duration)
    : stream_(stream), path_(path), components_(components), duration_(duration) {
  require(path >> 33 == 0, where, "path = ", path, ", expected < 2^33");
  require(components > 0 && components <= Index{1} << 30, where, "components = ", components,
          ", expected 1 to 2^30");
  require(duration > 0.0 && std::isfinite(duration), where, "duration = ", duration,
          ", expected > 0");
}

BrownianInterval BrownianPath::whole() const {
  const double h = duration_;
  BrownianInterval interval{.length = h, .increment = {Vector(components_), Vector(components_)}};
  for (Index c = 0; c < components_; ++c) {
    // Node 0 is that of the whole's own draws; node k ≥ 1 of what its halving adds.
    const auto index = static_cast<std::uint32_t>(2 * c);
    const double dW = sign_ * std::sqrt(h) * normal(stream_, path_, 0, index);
    const double U = sign_ * std::sqrt(h * h * h / 12.0) * normal(stream_, path_, 0, index + 1);
    interval.increment.dW(c) = dW;
    interval.increment.dZ(c) = U + 0.5 * h * dW;
  }
  return interval;
}

std::array<BrownianInterval, 2> BrownianPath::halves(const BrownianInterval& interval) const {
  require(interval.node >> 31 == 0, where, "an interval after 31 halvings cannot be halved");
  const double h = 0.5 * interval.length;
  const Vector zero = Vector::Zero(components_);
  std::array<BrownianInterval, 2> halves;
  for (std::uint32_t k = 0; k < 2; ++k)
    halves[k] = {interval.start + k * h, h, {zero, zero}, 2 * interval.node + k};
  for (Index c = 0; c < components_; ++c) {
    const auto index = static_cast<std::uint32_t>(2 * c);
    const double dW = interval.increment.dW(c), U = interval.increment.dZ(c) - h * dW;
    // D = dW₁ − dW₂ given U = U₁ + U₂ + (h/2) D: mean 3U/2h, variance h/2. U₁ − U₂ is free.
    const double D =
        1.5 * U / h + sign_ * std::sqrt(0.5 * h) * normal(stream_, path_, interval.node, index);
    const double sum = U - 0.5 * h * D;
    const double difference =
        sign_ * std::sqrt(h * h * h / 6.0) * normal(stream_, path_, interval.node, index + 1);
    const double W[2] = {0.5 * (dW + D), 0.5 * (dW - D)};
    const double areas[2] = {0.5 * (sum + difference), 0.5 * (sum - difference)};
    for (std::uint32_t k = 0; k < 2; ++k) {
      halves[k].increment.dW(c) = W[k];
      halves[k].increment.dZ(c) = areas[k] + 0.5 * h * W[k];
    }
  }
  return halves;
}

}  // namespace stillpoint::random
