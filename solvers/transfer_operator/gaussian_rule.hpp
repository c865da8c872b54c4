// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace stillpoint::transfer_operator {

/// Gauss–Legendre rule on [−1, 1] by Newton's method on the Legendre recurrence.
template <typename Real>
struct LegendreRule {
  static constexpr int size = 16;
  Real nodes[size];
  Real weights[size];

  LegendreRule() {
    for (int i = 0; i < size; ++i) {
      Real x =
          std::cos(std::numbers::pi_v<Real> * (Real(i) + Real(0.75)) / (Real(size) + Real(0.5)));
      Real slope = 0;
      for (int iteration = 0; iteration < 8; ++iteration) {  // quadratic: 5 suffice
        Real previous = 1, current = x;
        for (int k = 2; k <= size; ++k) {
          const Real next = (Real(2 * k - 1) * x * current - Real(k - 1) * previous) / Real(k);
          previous = current;
          current = next;
        }
        slope = Real(size) * (x * current - previous) / (x * x - 1);
        x -= current / slope;
      }
      nodes[size - 1 - i] = x;
      weights[size - 1 - i] = 2 / ((1 - x * x) * slope * slope);
    }
  }
};

/// @brief Nodes z and weights of ∫ · φ(z) dz over |z| ≤ 10, 16 Gauss–Legendre points in every
/// piece; pieces are at most 2.5/refinement wide and end at the breaks of the integrand.
template <typename Real>
class GaussianRule {
 public:
  explicit GaussianRule(double refinement) : piece_width_(Real(2.5) / Real(refinement)) {}

  void split_at(std::vector<Real> breaks) {
    std::sort(breaks.begin(), breaks.end());
    nodes.clear();
    weights.clear();
    Real begin = -reach;
    for (const Real z : breaks) {
      if (z <= begin || z >= reach) continue;
      add_pieces(begin, z);
      begin = z;
    }
    add_pieces(begin, reach);
  }

  std::vector<Real> nodes;
  std::vector<Real> weights;

 private:
  static constexpr Real reach = 10;  // P(|z| > 10) = 1.5e-23

  void add_pieces(Real begin, Real end) {
    static const LegendreRule<Real> legendre;
    static const Real normalisation = 1 / std::sqrt(2 * std::numbers::pi_v<Real>);
    const int pieces = std::max(1, static_cast<int>(std::ceil((end - begin) / piece_width_)));
    const Real half = (end - begin) / Real(2 * pieces);
    for (int piece = 0; piece < pieces; ++piece) {
      const Real middle = begin + half * Real(2 * piece + 1);
      for (int k = 0; k < legendre.size; ++k) {
        const Real z = middle + half * legendre.nodes[k];
        nodes.push_back(z);
        weights.push_back(half * legendre.weights[k] * normalisation * std::exp(-z * z / 2));
      }
    }
  }

  Real piece_width_;
};

}  // namespace stillpoint::transfer_operator
