// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "lib/core/types.hpp"
#include "lib/intervals/matrix.hpp"
#include "lib/models/noisy_chain.hpp"
#include "solvers/certification/activation_curve.hpp"
#include "solvers/certification/newton_operator.hpp"
#include "solvers/fixed_points/map.hpp"

namespace stillpoint::certification {

/// @brief a = W f(a) + c, the fixed points of a chain without noise in the argument of f.
struct ArgumentEquation {
  Matrix W;                     ///< (n, n)
  intervals::IntervalVector c;  ///< Holds W_in u + b, (n).
  ActivationCurve f;
  fixed_points::Map map;  ///< a ↦ W f(a) + c in floating point, for Newton's method.

  Index size() const { return W.rows(); }
};

/// @throws std::invalid_argument for a wrong shape, a NaN, or an activation that is not smooth.
ArgumentEquation argument_equation(const models::NoisyChain& chain, const Vector& input);

/// @brief A box proved to hold exactly one solution.
struct CertifiedRoot {
  intervals::IntervalVector box;     ///< (n), about as narrow as rounding allows.
  intervals::IntervalVector alone;   ///< ⊃ box, (n): no other solution in it.
  intervals::IntervalVector values;  ///< Range of f over box, (n).
  intervals::IntervalVector slopes;  ///< Range of f' over box, (n).
  int index = 0;                     ///< sign det(I − W diag f'(a)) in all of `alone`, ±1.
};

/// @brief Proves a solution near a point: Newton's method in floating point, then the Newton
/// operator in boxes about its end, from a large one to the smallest that rounding leaves sense in.
/// @param[in] newton  Of this equation; its slopes are overwritten, here and below.
/// @param[in] near    (n)
/// @return Nothing if no box could be proved, as at a degenerate solution.
std::optional<CertifiedRoot> certify_root(const ArgumentEquation& equation, NewtonOperator& newton,
                                          const Vector& near);

/// @brief Widens root.alone as long as the Newton operator contracts in it. Costs some fifty
/// factorisations.
void widen(const ArgumentEquation& equation, NewtonOperator& newton, CertifiedRoot& root);

/// @brief True if at most one solution lies in a box: the Newton operator with slopes in the middle
/// of the range of f' contracts.
/// @param[in] slopes  Range of f' over the box, (n).
bool at_most_one(NewtonOperator& newton, const intervals::IntervalVector& slopes);

/// Range of f' over a box, (n).
intervals::IntervalVector slopes_over(const ActivationCurve& f, const intervals::IntervalVector& X);

}  // namespace stillpoint::certification
