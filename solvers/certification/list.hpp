// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "solvers/fixed_points/find.hpp"
#include "solvers/piecewise_linear/enumerate.hpp"

namespace stillpoint::certification {

/// How well a fixed point of a list is known.
enum class Proof {
  exact,     ///< solved in rational numbers
  interval,  ///< proved to be the only one in a box, by interval arithmetic
  none,      ///< found by iteration, residual at rounding
};

std::string_view to_string(Proof proof);

/// A fixed point and what proves it.
struct ListedPoint {
  fixed_points::FixedPoint point;
  Proof proof = Proof::none;
  double radius = 0.0;  ///< maxᵢ error of the state that the proof leaves; NaN without one.
  std::vector<Index> on_kink;  ///< Units whose argument is exactly on a kink.
};

struct ListOptions {
  Index certify_units = 4;    ///< Largest smooth network that is searched completely, ≥ 0.
  double max_seconds = 60.0;  ///< For the complete search of a piecewise-linear one, > 0.
  Index starts = 1024;        ///< Of the multistart where no complete search is possible, ≥ 0.
  int threads = 0;            ///< 0: all cores. The answer does not depend on it.
};

/// @brief The fixed points of a network by the strongest method there is for it.
struct List {
  /// By rising number of unstable directions, then by state, first entry first.
  std::vector<ListedPoint> points;
  std::vector<piecewise_linear::FixedSet>
      sets;                  ///< Piecewise linear only: fixed points that are not isolated.
  bool complete = false;     ///< Proved: there are no others.
  std::string completeness;  ///< One sentence on what is proved; never empty.
  /// Σ index of a complete list by theory, where that is known.
  std::optional<int> expected_index_sum;
  Report report;  ///< Not ok if nothing was found, or a search was cut short.

  int index_sum() const;  ///< Σ index over the points.
};

/// @brief All fixed points of a chain without noise at a constant input, as far as they can be had.
///
/// Piecewise-linear activations: enumerate(), complete. Smooth ones: certify_all() up to
/// certify_units units, complete where its box holds all; else find(), every point then certified
/// by certify(), and by nothing for heaviside, whose jump no proof takes. A search that stops
/// half-way (max_seconds, undecided boxes) is filled up by find(), and the list says that it may be
/// incomplete.
/// @param[in] input  Constant input, (inputs).
/// @param[in] given  Further starts of a multistart, network states in columns, (n, k).
/// @throws std::invalid_argument for a wrong shape or option; Interrupted.
List list_fixed_points(const models::NoisyChain& chain, const Vector& input, const Matrix& given,
                       const ListOptions& options = {});

}  // namespace stillpoint::certification
