// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "lib/core/require.hpp"
#include "lib/core/types.hpp"

namespace stillpoint::transfer_operator {

/// @brief Piecewise polynomials on an interval: panels e₀ < e₁ < … < e_K, each with p Chebyshev
/// nodes of the first kind.
///
/// A function v is its n = K p nodal values, panel by panel; on panel k it is Σ_c v̂_c T_c(t) with
/// t ∈ [−1, 1] across the panel. First-kind nodes lie inside the panels, so that a function may
/// jump or kink at an edge. Arithmetic is in Real; edges are doubles. Immutable.
template <typename Real>
class PanelGrid {
 public:
  using RealMatrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
  using RealVector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;

  /// @param[in] edges            Strictly increasing, at least two.
  /// @param[in] nodes_per_panel  p ≥ 4.
  PanelGrid(std::vector<double> edges, Index nodes_per_panel)
      : edges_(std::move(edges)),
        order_(nodes_per_panel),
        abscissae_(order_),
        to_coefficients_(order_, order_) {
    require(order_ >= 4, "PanelGrid", "nodes_per_panel = ", order_, ", expected at least 4");
    require(edges_.size() >= 2, "PanelGrid", edges_.size(), " edges, expected at least 2");
    for (std::size_t k = 1; k < edges_.size(); ++k) {
      require(edges_[k - 1] < edges_[k], "PanelGrid", "edges ", edges_[k - 1], ", ", edges_[k],
              " do not increase");
    }
    const Real step = std::numbers::pi_v<Real> / static_cast<Real>(2 * order_);
    for (Index j = 0; j < order_; ++j) {
      const Index angle = 2 * (order_ - j) - 1;  // so that the abscissae increase with j
      abscissae_(j) = std::cos(static_cast<Real>(angle) * step);
      for (Index c = 0; c < order_; ++c) {
        // cos has period 4p in units of the step: reducing the index keeps its argument small.
        const Index reduced = (c * angle) % (4 * order_);
        to_coefficients_(c, j) =
            std::cos(static_cast<Real>(reduced) * step) * Real(c == 0 ? 1 : 2) / Real(order_);
      }
    }
  }

  Index panels() const { return static_cast<Index>(edges_.size()) - 1; }
  Index order() const { return order_; }            ///< p
  Index size() const { return panels() * order_; }  ///< n
  const std::vector<double>& edges() const { return edges_; }
  double lower() const { return edges_.front(); }
  double upper() const { return edges_.back(); }

  /// Turns linear functionals of the coefficients, one a column of the (n, m) matrix, into
  /// functionals of the nodal values.
  void to_nodal_functionals(RealMatrix& columns) const {
    RealMatrix block(order_, columns.cols());
    for (Index k = 0; k < panels(); ++k) {
      block.noalias() = to_coefficients_.transpose() * columns.middleRows(k * order_, order_);
      columns.middleRows(k * order_, order_) = block;
    }
  }

  /// Nodal values to Chebyshev coefficients within one panel, (p, p).
  const RealMatrix& to_coefficients() const { return to_coefficients_; }

  RealVector nodes() const {
    RealVector x(size());
    for (Index k = 0; k < panels(); ++k) {
      x.segment(k * order_, order_) = (middle(k) + half_width(k) * abscissae_.array()).matrix();
    }
    return x;
  }

  /// Panel that holds y; points beyond the ends belong to the end panels.
  Index panel(Real y) const {
    const auto above = std::upper_bound(edges_.begin() + 1, edges_.end() - 1, y);
    return static_cast<Index>(above - edges_.begin()) - 1;
  }

  /// Adds weight · T_c(t(y)), c < p, to the coefficients of the panel that holds y, in the (n)
  /// array `coefficients`. A point beyond an end counts as the end itself.
  void add_point(Real y, Real weight, Real* coefficients) const {
    const Index k = panel(y);
    const Real t = std::clamp((y - middle(k)) / half_width(k), Real(-1), Real(1));
    Real* out = coefficients + k * order_;
    Real previous = weight;
    Real current = weight * t;
    out[0] += previous;
    const Real twice = 2 * t;
    for (Index c = 1; c < order_; ++c) {
      out[c] += current;
      const Real next = twice * current - previous;
      previous = current;
      current = next;
    }
  }

 private:
  Real middle(Index k) const { return (Real(edges_[k]) + Real(edges_[k + 1])) / 2; }
  Real half_width(Index k) const { return (Real(edges_[k + 1]) - Real(edges_[k])) / 2; }

  std::vector<double> edges_;
  Index order_;
  RealVector abscissae_;        // on [−1, 1], increasing, (p)
  RealMatrix to_coefficients_;  // (p, p)
};

}  // namespace stillpoint::transfer_operator
