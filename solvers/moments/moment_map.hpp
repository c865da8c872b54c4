// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"

namespace stillpoint::moments {

/// How much of the noise a moment recursion keeps.
enum class Rung {
  deterministic,  ///< none: the network without noise
  smoothed,       ///< each activation averaged over the noise on its own argument
  closure,        ///< mean and covariance of a law taken to be Gaussian after every step
  full_closure,   ///< the same with the exact covariance between activations
};

std::string_view to_string(Rung rung);

/// Mean (m) and covariance (m, m) of a chain's state.
struct Moments {
  Vector mean;
  Matrix covariance;
};

/// @brief One step of the moments of a NoisyChain, y' = λ∘y + G f(By + c + s∘ξ) + d + ν∘ξ'.
///
/// Closure: with μ, C the moments of y, the argument has mean a = Bμ + c, covariance
/// C_a = B C Bᵀ + diag s², sd q = √diag C_a. With D = diag f_q'(a),
///
///     μ' = λ∘μ + G f_q(a) + d,
///     C' = Λ C Λ + Λ Kᵀ Gᵀ + G K Λ + G S Gᵀ + diag ν²,   K = Cov(f, y) = D B C,
///
/// S = Cov(f) = D C_a D with its diagonal replaced by v_q(a). Exact for linear f. C' is positive
/// semidefinite if C is: C' = L C Lᵀ + G E Gᵀ + diag ν², L = Λ + G D B, E = v_q − D²(q² − s²) ≥ 0.
/// Full closure: S = Cov(f) of the Gaussian argument exactly (activation_covariance()), at the cost
/// of an integral or 40 terms a pair of units.
/// Smoothed: μ' as above with the fixed q of smoothing_sd(), C = 0. Deterministic: q = 0, C = 0.
///
/// Two dense products of size (m, n) by (n, m) a step. Owns its workspace: one object per thread.
/// Source: the usual Gaussian moment closure, here with the exact f_q and v_q of every activation
/// and in the common form of NoisyChain, so that one recursion serves both equations.
class MomentMap {
 public:
  /// @param[in] chain  Borrowed; must outlive the map.
  MomentMap(const models::NoisyChain& chain, Rung rung);

  /// The moments (y0, 0) of the certain state y0 = (h0, coloured blocks at 0); h0 has shape (n).
  Moments certain(const Vector& h0) const;

  /// @brief Advance by one step in place.
  /// @param[in] c  Argument offset c(u), (n).
  /// @param[in] d  State offset d(u), (m).
  void step(const Vector& c, const Vector& d, Moments& moments);

  /// @brief Mean and variance of the read-out z, each (outputs); the covariance is that of f(x),
  /// averaged over the state's own C without fresh noise, in the current equation.
  /// Without a covariance (deterministic, smoothed) the variance is 0.
  void read_out(const Moments& moments, Vector& mean, Vector& variance);

  Rung rung() const { return rung_; }

  /// Mean a and sd q of the argument in the last step, (n) each; q holds all noise that the rung
  /// sees. A read-out does not change them.
  const Vector& argument_mean() const { return a_; }
  const Vector& argument_sd() const { return q_; }

 private:
  void average(const Vector& a, const Vector& q);
  bool has_covariance() const { return rung_ == Rung::closure || rung_ == Rung::full_closure; }

  const models::NoisyChain& chain_;
  Rung rung_;
  Vector smoothing_sd_;                            // fixed q of the argument, (n)
  Vector readout_sd_;                              // fixed q of the read-out of f(x), (n)
  Vector readout_q_;                               // sd of the state in read_out, (n)
  Vector a_, q_, f_, slope_, variance_;            // (n)
  Matrix arguments_, carried_, weighed_, driven_;  // B C (n, m), L C (m, m), (n, m), (m, m)
  Matrix excess_;                                  // Cov(f) − D C_a D off the diagonal, (n, n)
};

/// @brief Standard deviation of the noise on each argument that needs no recurrence, (n): the
/// fresh noise inside, every coloured source, and the additive noise of the current equation,
/// each with its own stationary variance, q² = s² + ν²/(g(2−g)) + Σ sd². In the rate equation
/// additive noise reaches the argument through W only and is left out.
Vector smoothing_sd(const models::NoisyChain& chain);

/// False where smoothing has nothing to average although there is noise: the rate equation with
/// all of it outside. Rung 2 is not offered there.
bool smoothing_applies(const models::NoisyChain& chain);

/// The sentence that goes with smoothing_applies() == false.
inline constexpr std::string_view smoothing_note =
    "not offered: all noise enters after the activation, smoothing would leave the deterministic "
    "network";

}  // namespace stillpoint::moments
