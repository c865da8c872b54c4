// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "lib/intervals/matrix.hpp"

namespace stillpoint::fixed_points {

/// @brief The simplified Newton operator of F(a) = a − W f(a) − c with a fixed preconditioner Y,
///
///     N(a) = a − Y F(a) = Y c + Q r(a) + E a,   r(a)ᵢ = f(aᵢ) − sᵢ aᵢ,
///     Q = Y W,   E = I − Y + Q diag s,   Y ≈ (I − W diag s)⁻¹,
///
/// for slopes s of f. Because f acts on each argument alone, the range of r over a box, and with it
/// that of N, is known but for rounding: E is of the size of rounding. (Krawczyk's operator bounds
/// N by a mean value form instead.)
///
/// - N(X) ∩ X holds every fixed point of the network that lies in X.
/// - N(X) ⊂ X and contracts(): exactly one lies in X (Banach); contracts() alone: at most one. Both
///   prove Y and I − W diag f'(a) regular for every a ∈ X, with determinants of one sign.
///
/// Y is the exact product of two triangular matrices and a permutation, known by an enclosure, so
/// that the sign of its determinant is certain.
/// Source: Krawczyk (1969), Computing 4, 187; Neumaier (1990), Interval Methods for Systems of
/// Equations, section 5.1; Rump (2010), Acta Numerica 19, 287, section 13.
class NewtonOperator {
 public:
  /// @param[in] W       (n, n), finite.
  /// @param[in] c       (n)
  /// @param[in] slopes  s, (n), finite.
  NewtonOperator(const Matrix& W, const intervals::IntervalVector& c, const Vector& slopes);

  /// False if I − W diag s cannot be inverted in floating point; then nothing below may be called.
  bool usable() const { return usable_; }

  /// @brief A box that holds N(X).
  /// @param[in] X          (n)
  /// @param[in] remainder  Range of r over X, (n).
  intervals::IntervalVector apply(const intervals::IntervalVector& X,
                                  const intervals::IntervalVector& remainder) const;

  /// @brief True if N is proved to contract wherever the slopes of f lie in a box: ∂N/∂a = Q
  /// diag(f' − s) + E is below a matrix of spectral radius less than 1.
  /// @param[in] slopes  Range of f' over X, (n).
  bool contracts(const intervals::IntervalVector& slopes) const;

  const intervals::IntervalMatrix& gain() const { return Q_; }  ///< Q, (n, n)
  int determinant_sign() const { return determinant_sign_; }    ///< sign det Y, ±1.

 private:
  Vector slopes_;
  intervals::IntervalMatrix Q_, E_;
  intervals::IntervalVector offset_;  // Y c
  int determinant_sign_ = 0;
  bool usable_ = false;
};

}  // namespace stillpoint::fixed_points
