// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <vector>

#include "lib/core/types.hpp"

namespace stillpoint::statistics {

/// Exponents of a monomial t^α = Π tᵢ^αᵢ, one an entry.
using MultiIndex = std::vector<int>;

/// |α| = Σ αᵢ.
Index order(const MultiIndex& alpha);

/// α! = Π αᵢ!
double factorial(const MultiIndex& alpha);

/// @brief All multi-indices α of n variables with |α| ≤ degree, numbered: by |α| first, then those
/// with the larger α_1 first. Position 0 is α = 0, positions 1 to n are the unit vectors.
///
/// There are C(n + degree, degree) of them. Immutable; cheap to share, dear to make.
class MultiIndices {
 public:
  /// @throws std::invalid_argument unless variables ≥ 1 and degree ≥ 0, or if there were more than
  /// 20000 of them.
  MultiIndices(Index variables, Index degree);

  Index variables() const { return variables_; }
  Index degree() const { return degree_; }
  Index size() const { return static_cast<Index>(indices_.size()); }
  /// How many have |α| ≤ order, order ≤ degree().
  Index size_to(Index order) const { return ends_[static_cast<std::size_t>(order)]; }

  const MultiIndex& operator[](Index position) const {
    return indices_[static_cast<std::size_t>(position)];
  }
  double factorial(Index position) const { return factorials_[static_cast<std::size_t>(position)]; }

  /// Positions of β and of α − β.
  struct Parts {
    Index part, rest;
  };
  /// Every way to write α as a sum of two, β from 0 to α: what products of series are made of.
  const std::vector<Parts>& parts(Index position) const {
    return parts_[static_cast<std::size_t>(position)];
  }

  /// Position of α, −1 if it is not among them.
  Index find(const MultiIndex& alpha) const;

 private:
  std::vector<Parts> parts_of(const MultiIndex& alpha) const;

  Index variables_, degree_;
  std::vector<MultiIndex> indices_;
  std::vector<double> factorials_;
  std::vector<Index> ends_;
  std::vector<std::vector<Parts>> parts_;
  std::map<MultiIndex, Index> positions_;
};

}  // namespace stillpoint::statistics
