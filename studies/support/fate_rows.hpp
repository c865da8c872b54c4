// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "lib/core/types.hpp"
#include "lib/io/results.hpp"
#include "lib/io/table.hpp"
#include "solvers/certification/list.hpp"
#include "studies/support/fate.hpp"

/// How fixed points and what the noise makes of them are written down: tables and terminal.
namespace stillpoint::studies {

/// The tables fixed_points (a row a point), states (a row a point and unit), and of the stable
/// points shift (a row a point and unit) and survival (a row a point that was continued).
struct FateTables {
  io::Table points, states, shift, survival;

  FateTables();

  /// @brief Adds a point of an input.
  /// @param[in] largest  Where the survival stops looking.
  void add(Index input, Index number, const certification::ListedPoint& listed, const Fate& fate,
           double largest);
  /// Saves those that have rows.
  void save(io::Results& results) const;
};

/// The points of one input on the terminal: a heading, a line a point, a dozen at most.
class FateLines {
 public:
  static constexpr Index most = 12;

  /// Adds the lines of a point, unless there are `most` already.
  void add(Index number, const certification::ListedPoint& listed, const Fate& fate);
  /// What there is to print; empty without points.
  std::string text() const;

 private:
  Index count_ = 0;
  std::string lines_;
};

}  // namespace stillpoint::studies
