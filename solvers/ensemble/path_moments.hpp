// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

#include "lib/core/types.hpp"
#include "lib/statistics/estimate.hpp"
#include "solvers/ensemble/panels.hpp"

namespace stillpoint::ensemble {

/// @brief Moments with standard errors from averages over independent samples (paths, or batches of
/// a path).
///
/// Sample p of a row is the triple a = (mean of d, of d², of d³) over its recorded steps, with
/// d = y − reference. Kept are its mean ā over the samples and its central products, merged block
/// by block (Chan, Golub & LeVeque 1983), so that a scatter that is small beside ā keeps its
/// digits. With S the covariance of a,
///
///     mean = reference + ā₁,   variance = ā₂ − ā₁² + S₁₁/N,
///
/// the last term being the bias of ā₁²; variance and skewness have the standard error √(gᵀ S g/N),
/// g the gradient in ā, which is the scatter of their influence functions.
class PathMoments {
 public:
  PathMoments() = default;
  explicit PathMoments(Index rows)
      : mean_(Matrix::Zero(3, rows)), products_(Matrix::Zero(6, rows)) {}

  /// Adds the first `live` paths of time sums over `records` steps, each (rows, paths).
  void add(const Panels& s1, const Panels& s2, const Panels& s3, Index records, Index live);
  void add(const Panels& s1, Index records, Index live);  ///< Means only.
  PathMoments& operator+=(const PathMoments& other);

  Index rows() const { return mean_.cols(); }
  Index samples() const { return samples_; }

  Vector mean_offset() const;    ///< ā₁ of every row.
  Vector square_offset() const;  ///< ā₂ of every row.
  statistics::Estimate mean(Index row, double reference) const;
  statistics::Estimate variance(Index row) const;
  statistics::Estimate skewness(Index row) const;  ///< NaN where the variance is 0.
  /// Variance over the variance of a sample's mean, the least over rows: the number of
  /// autocorrelation times that a sample holds.
  double autocorrelation_times() const;

 private:
  struct Row;
  Row at(Index row) const;
  void merge(Index row, double samples, const Eigen::Vector3d& mean,
             const Eigen::Vector<double, 6>& products);

  Index samples_ = 0;
  Matrix mean_;      // ā, a column for each row
  Matrix products_;  // Σ (a − ā)(a − ā)ᵀ: entries 11, 12, 22, 13, 23, 33
};

}  // namespace stillpoint::ensemble
