// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "lib/statistics/estimate.hpp"
#include "solvers/ensemble/panels.hpp"

namespace stillpoint::ensemble {

/// @brief Moments with standard errors from averages over independent samples (paths, or batches of
/// a path).
///
/// Sample p of a row is the triple a = (mean of d, of d², of d³) over its recorded steps, with
/// d = y − reference. Kept are the sums of a and of a aᵀ over the samples. With ā and S their mean
/// and covariance,
///
///     mean = reference + ā₁,   variance = ā₂ − ā₁² + S₁₁/N,
///
/// the last term being the bias of ā₁²; variance and skewness have the standard error √(gᵀ S g/N),
/// g the gradient in ā, which is the scatter of their influence functions.
class PathMoments {
 public:
  PathMoments() = default;
  explicit PathMoments(Index rows) : sums_(Matrix::Zero(9, rows)) {}

  /// Adds the first `live` paths of time sums over `records` steps, each (rows, paths).
  void add(const Panels& s1, const Panels& s2, const Panels& s3, Index records, Index live);
  void add(const Panels& s1, Index records, Index live);  ///< Means only.
  PathMoments& operator+=(const PathMoments& other);

  Index rows() const { return sums_.cols(); }
  Index samples() const { return samples_; }

  Vector mean_offset() const;  ///< ā₁ of every row.
  statistics::Estimate mean(Index row, double reference) const;
  statistics::Estimate variance(Index row) const;
  statistics::Estimate skewness(Index row) const;  ///< NaN where the variance is 0.
  /// Variance over the variance of a sample's mean, the least over rows: the number of
  /// autocorrelation times that a sample holds.
  double autocorrelation_times() const;

 private:
  struct Row;
  Row at(Index row) const;

  Index samples_ = 0;
  Matrix sums_;  // a₁, a₂, a₃, a₁a₁, a₁a₂, a₂a₂, a₁a₃, a₂a₃, a₃a₃ in a column for each row
};

}  // namespace stillpoint::ensemble
