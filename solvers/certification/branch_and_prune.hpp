// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/core/types.hpp"
#include "lib/intervals/matrix.hpp"
#include "solvers/certification/certified_root.hpp"

namespace stillpoint::certification {

struct BranchAndPruneOptions {
  Index max_nodes;
  double smallest_width;
  Index max_undecided;
};

/// @brief What a box holds: `roots` are solutions, and any further solution lies in `undecided`.
struct BranchAndPruneResult {
  std::vector<CertifiedRoot> roots;
  std::vector<intervals::IntervalVector> undecided;  ///< Touching ones are joined.
  Index nodes = 0;
  bool ended_early = false;  ///< At max_nodes or max_undecided; what was left is undecided.
};

/// @brief All solutions of a = W f(a) + c in a box, by branch and prune on the arguments a.
///
/// At each node the box X shrinks to its intersection with W f(X) + c and with the Newton operator
/// about the chords of f. It is done with when that is empty, when it lies where a known solution
/// is alone, or when the operator maps it into itself and contracts. From the middle of what is
/// left Newton's method looks for a solution, which is proved and given a wide neighbourhood at
/// once, so that no cluster of small boxes forms around it. Otherwise X is cut where the
/// nonlinearity that matters most to the operator is.
/// @param[in] box  (n), bounded.
/// @throws Interrupted.
BranchAndPruneResult branch_and_prune(const ArgumentEquation& equation,
                                      const intervals::IntervalVector& box,
                                      const BranchAndPruneOptions& options);

}  // namespace stillpoint::certification
