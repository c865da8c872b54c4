// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <memory>
#include <new>

#include "lib/core/types.hpp"
#include "lib/random/noise_panels.hpp"
#include "solvers/ensemble/kernels.hpp"

namespace stillpoint::ensemble {

/// Doubles that start on a cache line; zero at first.
class AlignedArray {
 public:
  AlignedArray() = default;
  explicit AlignedArray(Index size)
      : size_(size),
        data_(static_cast<double*>(
            ::operator new(sizeof(double) * static_cast<std::size_t>(size), alignment))) {
    set_zero();
  }
  void set_zero() { std::fill_n(data_.get(), size_, 0.0); }
  double* get() { return data_.get(); }
  const double* get() const { return data_.get(); }

 private:
  static constexpr std::align_val_t alignment{64};
  struct Release {
    void operator()(double* data) const { ::operator delete(data, alignment); }
  };
  Index size_ = 0;
  std::unique_ptr<double[], Release> data_;
};

/// @brief A (rows, paths) array in panels of 32 paths, each a run of rows of 32 contiguous numbers.
class Panels {
 public:
  static constexpr Index paths_each = random::panel_paths;

  Panels() = default;
  Panels(Index rows, Index panels)
      : rows_(rows), panels_(panels), data_(rows * panels * paths_each) {}

  Index rows() const { return rows_; }
  Index panels() const { return panels_; }
  Index paths() const { return panels_ * paths_each; }
  Index size() const { return rows_ * paths(); }
  double* data() { return data_.get(); }
  const double* data() const { return data_.get(); }

  /// The 32 numbers of row i in a panel.
  double* row(Index panel, Index i) { return data() + (panel * rows_ + i) * paths_each; }
  const double* row(Index panel, Index i) const {
    return data() + (panel * rows_ + i) * paths_each;
  }
  double operator()(Index i, Index path) const {
    return row(path / paths_each, i)[path % paths_each];
  }

  void set_zero() { std::fill_n(data(), size(), 0.0); }
  /// Gives every path the same column (rows).
  void set_columns(const Vector& column) {
    for (Index panel = 0; panel < panels_; ++panel)
      for (Index i = 0; i < rows_; ++i) std::fill_n(row(panel, i), paths_each, column(i));
  }
  Panels& operator+=(const Panels& other) {
    for (Index k = 0; k < size(); ++k) data()[k] += other.data()[k];
    return *this;
  }
  Panels& operator-=(const Panels& other) {
    for (Index k = 0; k < size(); ++k) data()[k] -= other.data()[k];
    return *this;
  }

 private:
  Index rows_ = 0;
  Index panels_ = 0;
  AlignedArray data_;
};

/// @brief Which columns of a block of paths count: the first `live` samples. A sample is one path,
/// or a pair: a path in the first half of the panels and its antithetic twin, at the same place in
/// the second half.
struct Samples {
  Index live;
  Index panels;  ///< of the block
  Index copies;  ///< Paths of a sample, 1 or 2.

  Index paths() const { return live * copies; }
  /// Columns of a panel that count, from its first.
  Index in_panel(Index panel) const {
    return std::clamp<Index>(live - panel % (panels / copies) * Panels::paths_each, 0,
                             Panels::paths_each);
  }
  /// Adds what belongs to one sample up at its first path.
  void add_twins(Panels& sums) const {
    if (copies == 1) return;
    const Index half = sums.size() / 2;
    for (Index k = 0; k < half; ++k) sums.data()[k] += sums.data()[half + k];
  }
};

/// @brief A matrix in the order in which Kernels::multiply reads it: strips of six rows, one column
/// of a strip after the other, the last strip filled up with zeros.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  explicit PackedMatrix(const Matrix& matrix)
      : rows_(matrix.rows()),
        depth_(matrix.cols()),
        data_((rows_ + strip_rows - 1) / strip_rows * strip_rows * depth_) {
    for (Index i = 0; i < rows_; ++i)
      for (Index k = 0; k < depth_; ++k)
        data_.get()[(i / strip_rows * depth_ + k) * strip_rows + i % strip_rows] = matrix(i, k);
  }

  Index rows() const { return rows_; }
  Index depth() const { return depth_; }
  const double* data() const { return data_.get(); }

 private:
  Index rows_ = 0;
  Index depth_ = 0;
  AlignedArray data_;
};

}  // namespace stillpoint::ensemble
