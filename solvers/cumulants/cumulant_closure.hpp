// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/report.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/models/noisy_diffusion.hpp"
#include "lib/statistics/laws.hpp"
#include "solvers/cumulants/cumulant_law.hpp"

/// Rung 4 for networks: cumulant closure of order k with exact averages.
namespace stillpoint::cumulants {

struct CumulantOptions {
  Index order = 4;  ///< k, 1 to largest_order(state size).
  /// Degree of the Gram–Charlier series that the law is represented by, k to k + 6; 0: k.
  Index degree = 0;
  double tolerance = 1e-10;  ///< On the change in a step (or the rate), in standard deviations.
  Index max_iterations = 200;
  /// Solve the next orders too, if there are any, for `error`.
  bool estimate_error = true;
};

/// @brief A stationary law by the closure of order k, and what it says about itself.
struct CumulantSolution {
  /// Not ok: no stationary state found (no_convergence); its cumulants are those of no law
  /// (lost_positivity); the moments would leave it (outside_validity). residual as for `tolerance`.
  Report report;
  CumulantLaw law;
  Realizability realizability;
  /// The largest size of the Gram–Charlier corrections to the Gaussian law of an argument of f,
  /// fresh noise included: what an average sees of them, see GramCharlier.
  double correction = 0.0;
  /// Largest change from order k − 1, of a mean in sd and of a variance relative to it; NaN for
  /// order 1 or where order k − 1 has no answer.
  double change = std::numeric_limits<double>::quiet_NaN();
  /// The estimate of the error, in units of `change`: twice the largest change to the next orders,
  /// four of them for a state of one, two for a state of two, one above, as far as largest_order()
  /// goes. In a nearly symmetric law odd orders add nothing, so that four orders are two steps:
  /// with changes that fall by r a step twice both together cover the whole rest, 2 (1 + r) ≥
  /// 1/(1 − r), for r ≤ 0.7; near bistability r is 0.5 to 0.9 at first. There the orders also
  /// oscillate, and one or two neighbours can agree by chance. Infinite where such an order has no
  /// stationary law, NaN where none is offered or asked for.
  ///
  /// An estimate, no bound. Of 400 random neurons, half of them tanh near bistability (chain and
  /// diffusion, orders 2 to 4, those judged valid at 0.1), the error reached at most 0.7 of it.
  double error = std::numeric_limits<double>::quiet_NaN();
  /// Chain: spectral radius of a step at the law; diffusion: largest real part of the rates'
  /// matrix; stable below 1 and 0. NaN where it is not computed: chains of three units and more.
  double stability = std::numeric_limits<double>::quiet_NaN();
  /// How many stable rest states the averaged dynamics E[y' | y] = y has, however far from the law
  /// found, one unit only; with two the law is a mixture and no closure of low order holds it.
  Index rest_states = 1;
  double seconds = 0.0;
};

/// @brief Stationary cumulants of a chain to order k: the fixed point of CumulantChain.
///
/// Order 1 is the smoothed mean field (solve_smoothed), order 2 the Gaussian closure with the exact
/// covariance between activations, for any number of units; orders above are for few units, see
/// largest_order(). Each order starts from the one below (order continuation), the second from
/// solve_closure() for the network started at h0; KINSOL's Newton, Anderson for three units and
/// more. If it fails the moments run for a while by the recursion and it starts again.
///
/// Higher orders are better for small noise, O(s^{k+2}) in the mean for smooth f; not where the law
/// is far from Gaussian: then they need not have a stationary state at all, or one that is no
/// law's.
/// @param[in] input  Constant input, (inputs).
/// @param[in] h0     Initial network state, (n).
/// @throws std::invalid_argument for a wrong shape, order or number.
CumulantSolution solve_cumulants(const models::NoisyChain& chain, const Vector& input,
                                 const Vector& h0, const CumulantOptions& options = {});

/// @brief The same for a diffusion, rates zero. Order 1: A(y) = 0.
CumulantSolution solve_cumulants(const models::NoisyDiffusion& diffusion, const Vector& h0,
                                 const CumulantOptions& options = {});

/// What a closure is worth: not valid, with a sentence, where the report is not ok, the averaged
/// dynamics has several rest states, the corrections exceed 1, or the estimate of the error exceeds
/// the tolerance: `error`, or where that is NaN the larger `change`.
struct CumulantVerdict {
  bool valid = true;
  double relative_error = 0.0;
  std::string note;
};
CumulantVerdict judge(const CumulantSolution& solution, double tolerance = 0.1);

/// As a row of the ladder, method "cumulants k": the verdict in `valid` and `note`; skewness NaN
/// below order 3. Outputs where the read-out is linear in the state, else empty.
statistics::StationaryLaw stationary_law(const models::NoisyChain& chain,
                                         const CumulantSolution& solution);

}  // namespace stillpoint::cumulants
