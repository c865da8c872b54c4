// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/SparseCore>
#include <algorithm>

#include "lib/core/types.hpp"

/// Chains of discrete states.
namespace stillpoint::markov_chain {

/// @brief Linear systems with the generator Q of a Markov jump process whose states reach only near
/// numbers, by elimination without subtraction (Grassmann, Taksar & Heyman): every rate of the
/// reduced chains is right to its own digits, and so is the stationary vector, however small its
/// entries and however seldom parts of the chain exchange.
///
/// Q(i, j) ≥ 0 off the diagonal; the diagonal is minus the sum of the row and of an exit rate. The
/// diagonal given is ignored. States are eliminated from both ends towards the most probable one,
/// the root: to pin an improbable one would blow rounding up by the ratio. Cost n b² for n states
/// and bandwidth b (once more where the middle is improbable), memory 2 n b.
/// Source: Grassmann, Taksar & Heyman (1985), Oper. Res. 33, 1107; O'Cinneide (1993), Numer. Math.
/// 65, 109.
class BandedChain {
 public:
  using Rates = Eigen::SparseMatrix<double, Eigen::RowMajor, int>;

  /// @param[in] rates  Q, (n, n); entries off the diagonal finite and ≥ 0.
  /// @param[in] exits  Rate at which a state leaves the chain for good, ≥ 0, (n).
  /// @throws std::invalid_argument otherwise.
  BandedChain(const Rates& rates, const Vector& exits);

  static Index bandwidth(const Rates& rates);

  Index states() const { return leaving_.size(); }
  /// No exit: Q is singular.
  bool closed() const { return closed_; }

  /// @brief π with Qᵀ π = 0, Σ π = 1, of a closed chain; (nearly) 0 for states that are left for
  /// good. Of a chain that falls apart it is one of the stationary vectors.
  const Vector& stationary() const { return stationary_; }

  /// x with Qᵀ x = b. Closed: b sums to zero, and so does x.
  Vector solve_forward(Vector b) const;
  /// x with Q x = b. Closed: b is orthogonal to π, and x is 0 at the root.
  Vector solve_backward(Vector b) const;

 private:
  using Row = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  void eliminate(const Rates& rates, const Vector& exits, Index root);
  void eliminate_state(Index k, Vector& exits);
  void find_stationary();
  /// The states a state is connected to when it is eliminated: k ∓ 1 … k ∓ neighbours(k).
  Index neighbours(Index k) const { return std::min(width_, k > root_ ? k : root_ - k); }
  Index neighbour(Index k, Index m) const { return k > root_ ? k - m : k + m; }
  bool earlier(Index i, Index j) const;
  double& rate(Index from, Index to);
  /// The entries of a vector at the neighbours of k, nearest first.
  Eigen::Map<const Vector, 0, Eigen::InnerStride<>> near(const Vector& x, Index k) const;
  Eigen::Map<Vector, 0, Eigen::InnerStride<>> near(Vector& x, Index k) const;
  template <typename Visit>
  void in_order(Visit&& visit) const;
  template <typename Visit>
  void in_reverse(Visit&& visit) const;

  Index width_, root_ = 0;
  bool closed_;
  Row out_;         // out_(k, m − 1) = rate from k to its m-th neighbour when k is eliminated
  Row in_;          // in_(k, m − 1) = rate from there to k, over the rate of leaving k
  Vector leaving_;  // of k when it is eliminated
  Vector stationary_;
};

}  // namespace stillpoint::markov_chain
