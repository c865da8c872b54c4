// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "lib/core/types.hpp"
#include "solvers/fixed_points/descent.hpp"
#include "solvers/fixed_points/find.hpp"

namespace stillpoint::fixed_points {

/// A root of the search. Of an odd map it stands for its mirror image −y too.
struct Candidate {
  Vector state;
  double error = 0.0;
  Index reached = 0;   ///< Number of starts that ended here.
  Index mirrored = 0;  ///< Number of starts that ended at the mirror image.
};

/// @brief Roots found so far, each once.
class Candidates {
 public:
  /// @param[in] tolerance  Roots nearer than this, relative to max(1, |y|∞), are one.
  /// @param[in] odd        A root and its mirror image are one candidate.
  Candidates(double tolerance, bool odd) : tolerance_(tolerance), odd_(odd) {}

  /// Adds a root or counts it as one that is there.
  void add(const Vector& state, double error);

  std::size_t size() const { return list_.size(); }
  const Candidate& operator[](std::size_t k) const { return list_[k]; }
  const std::vector<Candidate>& list() const { return list_; }
  bool odd() const { return odd_; }
  /// Replaces every state by its image; for an odd map the change must be odd.
  void transform(const std::function<Vector(const Vector&)>& change) {
    for (Candidate& candidate : list_) candidate.state = change(candidate.state);
  }
  /// The states in columns, mirror images included.
  Matrix images() const;

 private:
  double tolerance_;
  bool odd_;
  std::vector<Candidate> list_;
};

/// What the starts led to, without the polish.
struct Multistart {
  Candidates found;
  Index starts = 0;      ///< Newton iterations begun.
  Index curves = 0;      ///< Curves traced.
  Index iterations = 0;  ///< Factorisations: steps of Newton's method and of curves.
  bool finite = true;    ///< False if an iteration ended at a NaN or an infinity.
};

/// @brief The search of find().
/// @param[in] sobol   Starts to be relaxed, (n, k).
/// @param[in] kinks   Values at which the map has a kink in every coordinate, ascending; empty
///                    where it is smooth. With kinks Newton's method is taken from one linear
///                    region to the next, and the rounds try the regions next to those of the
///                    points found instead of curves and deflation.
Multistart multistart(const Map& map, const Box& box, const Matrix& given, const Matrix& sobol,
                      const std::vector<double>& kinks, const Options& options);

}  // namespace stillpoint::fixed_points
