// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/core/types.hpp"
#include "solvers/piecewise_linear/piecewise_linear.hpp"

/// @file
/// @brief Proofs that a branch is empty. Included by .cpp files of this folder only.

namespace stillpoint::piecewise_linear {

/// @brief Checks proofs that E x = r has no solution 0 ≤ x ≤ upper in which some variables are
/// zero.
///
/// The proof is a vector y with yᵀr < min yᵀE x over those x. A variable without an upper bound
/// must have (yᵀE)ⱼ ≥ 0; with one, a negative (yᵀE)ⱼ costs (yᵀE)ⱼ upperⱼ. Any y will do: how it was
/// found does not matter. Source: Farkas (1902); Neumaier & Shcherbina (2004), Math. Program. 99,
/// 283 (bounds and rounding).
class Certifier {
 public:
  /// @param[in] form  Borrowed; must outlive the certifier.
  /// @throws std::invalid_argument if an entry of E is not 0 and not within 1e±200.
  explicit Certifier(const ComplementarityForm& form);

  const Matrix& equations() const { return E_; }  ///< E, rounded.
  const Vector& right() const { return r_; }      ///< r, rounded.

  /// @brief True if y is a proof whatever rounding did to it and to E and r.
  /// @param[in] zero     Which variables are zero, at least as many entries as variables.
  /// @param[in] assumed  One more variable that counts as zero, or −1.
  bool holds_rounded(Vector y, const std::vector<char>& zero, Index assumed);

  /// @brief True if the row of a basis is a proof, in rational numbers: y solves yᵀE_basis = ± the
  /// unit vector of that row, + if `negative`. Upper bounds are not used.
  /// @param[in] basis  Variables by rows; n + i stands for the unit column of row i.
  bool holds_exactly(const std::vector<Index>& basis, Index row, bool negative,
                     const std::vector<char>& zero) const;

 private:
  const ComplementarityForm& form_;
  Matrix E_, size_of_E_;
  Vector r_, upper_, size_of_y_, left_, left_size_;
  double rounding_ = 0.0;  // relative to sums of absolute values
};

}  // namespace stillpoint::piecewise_linear
