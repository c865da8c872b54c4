// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "solvers/moments/moment_map.hpp"

/// Private to this folder: a run of the closure with what its error estimate is made of.
namespace stillpoint::moments {

/// f at a Gaussian argument (a, q) and how that changes with a; each (n).
struct LocalResponse {
  Vector mean, sd;         ///< a, q
  Vector f;                ///< f_q(a)
  Vector slope;            ///< D = f_q'(a)
  Vector curvature;        ///< f_q''(a); 0 where q = 0
  Vector variance_slope;   ///< v_q'(a); 0 where q = 0
  Vector variance, third;  ///< v_q(a), third central moment
};

/// Averages of f at every (a, q). f_q'' and v_q' are central differences of f_q' and v_q at ±q/20:
/// both are functions of a/q for a kinked f, smoother still otherwise, so that the differences err
/// by about (1/20)²/6 of themselves, 0.1 %, which is plenty for an estimate of an error.
LocalResponse local_response(const models::NoisyChain& chain, const Vector& a, const Vector& q);

/// The closure from `start` through `steps` steps. Entry t of the lists belongs to step t + 1.
struct Recording {
  std::vector<Vector> argument_offset, state_offset;  ///< c, d
  std::vector<Moments> before;                        ///< moments the step starts from
  std::vector<LocalResponse> response;                ///< of the arguments in the step
  /// Cov(a, y') = B C Λ + C_a D Gᵀ, the fresh noise on the diagonal of C_a included, (n, m).
  std::vector<Matrix> cross;
  std::vector<Matrix> argument_covariance;  ///< C_a, (n, n)
  Moments end;                              ///< after the last step

  Index steps() const { return static_cast<Index>(before.size()); }
  /// Moments after step t, 1 ≤ t ≤ steps().
  const Moments& after(Index t) const {
    return t == steps() ? end : before[static_cast<std::size_t>(t)];
  }
};

/// @param[in] inputs  (inputs, steps), or (inputs, 1) where constant.
Recording record_closure(const models::NoisyChain& chain, const Matrix& inputs, Moments start,
                         Index steps);

/// p ← Lᵀ p, L = Λ + G D B: the sensitivity of a later read-out, one step further back.
/// @param[in] Gp  Gᵀ p, (n).
void pull_back(const models::NoisyChain& chain, const Vector& slope, const Vector& Gp, Vector& p);

/// What is read: z = weights · f(x) or weights · y (first n); a constant would change no variance.
struct ReadOut {
  Matrix weights;              ///< (outputs, n)
  bool of_activation = false;  ///< the current equation's
};

/// The network's own read-out.
ReadOut own_read_out(const models::NoisyChain& chain);

/// The averages of f(x) in a read-out of f(x), x with its own variance.
LocalResponse state_response(const models::NoisyChain& chain, const Moments& moments);

}  // namespace stillpoint::moments
