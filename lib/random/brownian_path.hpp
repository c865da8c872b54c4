// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>

#include "lib/core/types.hpp"
#include "lib/random/normal.hpp"

namespace stillpoint::random {

/// @brief What a Brownian motion W ∈ ℝᵐ does on an interval [a, a + h], relative to its start.
struct Increment {
  Vector dW;  ///< W(a + h) − W(a), (m), variance h.
  Vector
      dZ;  ///< ∫ (W(s) − W(a)) ds over the interval, (m), variance h³/3, covariance h²/2 with dW.
};

/// An interval of the dyadic tree of a BrownianPath with its increment.
struct BrownianInterval {
  double start = 0.0;
  double length = 0.0;
  Increment increment;
  std::uint32_t node = 1;  ///< 1: the whole; 2k and 2k + 1: the halves of k.
};

/// @brief One path of m independent Brownian motions on [0, T], a pure function of its address: any
/// mesh made by halving sees the same path, and increments of halves add up to that of the whole,
///
///     dW = dW₁ + dW₂,   dZ = dZ₁ + dZ₂ + (h/2) dW₁.
///
/// With U = dZ − (h/2) dW, independent of dW and of variance h³/12, the halves are drawn from their
/// law given (dW, U): a Brownian tree with space–time Lévy area.
/// Source: Foster, Lyons & Oberhauser (2020), SIAM J. Numer. Anal. 58, 1393, section 2.
class BrownianPath {
 public:
  /// @param[in] path        Number of the path in its stream, < 2³³.
  /// @param[in] components  m > 0, ≤ 2³⁰.
  /// @param[in] duration    T > 0.
  /// @throws std::invalid_argument if a number is out of range.
  BrownianPath(const Stream& stream, std::uint64_t path, Index components, double duration);

  /// The path −W: every increment with the opposite sign. For antithetic pairs of solutions.
  BrownianPath antithetic() const {
    BrownianPath path = *this;
    path.sign_ = -sign_;
    return path;
  }

  Index components() const { return components_; }
  double duration() const { return duration_; }

  BrownianInterval whole() const;
  /// @throws std::invalid_argument beyond 31 halvings.
  std::array<BrownianInterval, 2> halves(const BrownianInterval& interval) const;

  /// Calls visit(start, length, increment) for the 2ˡ intervals of a uniform mesh, in order of
  /// time.
  template <typename Visit>
  void for_each(Index level, Visit&& visit) const {
    descend(whole(), level, visit);
  }

 private:
  template <typename Visit>
  void descend(const BrownianInterval& interval, Index level, Visit& visit) const {
    if (level == 0) {
      visit(interval.start, interval.length, interval.increment);
      return;
    }
    for (const BrownianInterval& half : halves(interval)) descend(half, level - 1, visit);
  }

  Stream stream_;
  std::uint64_t path_;
  Index components_;
  double duration_;
  double sign_ = 1.0;
};

}  // namespace stillpoint::random
