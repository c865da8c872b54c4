// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <limits>
#include <string>

#include "lib/core/types.hpp"
#include "solvers/piecewise_linear/piecewise_linear.hpp"

/// @file
/// @brief Branch and bound over patterns. Included by .cpp files of this folder only.

namespace stillpoint::piecewise_linear {

struct SearchLimits {
  Index max_nodes = std::numeric_limits<Index>::max();
  double max_seconds = std::numeric_limits<double>::infinity();
};

/// What a search did.
struct SearchCounts {
  Index nodes = 0;      ///< Nodes of the tree, those pruned at once included.
  Index leaves = 0;     ///< Patterns handed out.
  Index pivots = 0;     ///< Exchanges of the simplex method.
  Index rounded = 0;    ///< Pruned by a certificate checked in double precision with error bounds.
  Index exact = 0;      ///< Pruned by a certificate checked in rational numbers.
  Index unproved = 0;   ///< Claims without a certificate: the branch was searched on.
  Index open = 0;       ///< Branches left when a limit was hit; 0 if the search is complete.
  std::string stopped;  ///< Which limit was hit; empty if none.
};

/// @brief Calls leaf(pattern) for patterns such that every solution of the system lies in one of
/// them (if the form is homogeneous: every solution but zero).
///
/// A branch fixes units to one side of a kink. It is pruned if the linear programme of what is
/// known has no solution, and only on a certificate: a vector y with yᵀE ≥ 0 and yᵀr < 0, whose
/// signs are checked with a bound of their rounding errors or, if that does not decide, in rational
/// numbers. The programme itself, in plain double precision, only proposes y and where to branch.
/// @param[in] leaf  Returns false to stop the search.
/// @throws std::invalid_argument if a coefficient is not 0 and not between 1e-200 and 1e200.
SearchCounts search_patterns(const PiecewiseLinearSystem& system, const ComplementarityForm& form,
                             const SearchLimits& limits,
                             const std::function<bool(const Pattern&)>& leaf);

}  // namespace stillpoint::piecewise_linear
