// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/LU>

#include "lib/core/types.hpp"
#include "lib/intervals/matrix.hpp"

namespace stillpoint::certification {

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
  /// Owns its workspace: one object a thread.
  /// @param[in] W  (n, n), finite.
  /// @param[in] c  (n)
  NewtonOperator(const Matrix& W, const intervals::IntervalVector& c);

  /// @brief Sets the slopes s, (n), finite, and with them Y, Q and E. Comes first.
  /// @return False if I − W diag s cannot be inverted in floating point; then nothing below may be
  /// called.
  bool linearize(const Vector& slopes);

  /// @brief A box that holds N(X).
  /// @param[in] X          (n)
  /// @param[in] remainder  Range of r over X, (n).
  intervals::IntervalVector apply(const intervals::IntervalVector& X,
                                  const intervals::IntervalVector& remainder) const;

  /// @brief True if N is proved to contract wherever the slopes of f lie in a box: ∂N/∂a = Q
  /// diag(f' − s) + E is below a matrix of spectral radius less than 1.
  /// @param[in] slopes  Range of f' over X, (n).
  bool contracts(const intervals::IntervalVector& slopes);

  const intervals::IntervalMatrix& gain() const { return Q_; }  ///< Q, (n, n)
  int determinant_sign() const { return determinant_sign_; }    ///< sign det Y, ±1.

 private:
  intervals::IntervalMatrix W_;
  intervals::IntervalVector c_;
  intervals::IntervalVector slopes_;
  Eigen::PartialPivLU<Matrix> lu_;
  Matrix upper_, lower_;             // approximate inverses of the factors
  intervals::IntervalMatrix right_;  // lower_ times the permutation
  intervals::IntervalMatrix Y_, Q_, E_, derivative_;
  intervals::IntervalVector offset_;  // Y c
  int determinant_sign_ = 0;
};

}  // namespace stillpoint::certification
