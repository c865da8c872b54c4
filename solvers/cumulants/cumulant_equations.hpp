// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/models/noisy_chain.hpp"
#include "lib/models/noisy_diffusion.hpp"
#include "solvers/cumulants/cumulant_law.hpp"
#include "solvers/cumulants/gram_charlier.hpp"
#include "solvers/moments/gaussian_panels.hpp"

/// @file
/// @brief How the cumulants of a network's state move, closed at order k by a Gram–Charlier law of
/// the state, with exact averages of the activation: no derivative of f is taken, so that a kink is
/// as good as a smooth f.
namespace stillpoint::cumulants {

/// @brief Highest order offered for a state of that size: 10, 6, 4, 3 and 3 for m = 1, 2, 3, 4 and
/// 5, above that 2. The work grows with the number of cumulants, C(m + k, k), squared, and, for a
/// chain of three units or more at order 3, with integrals in three dimensions.
Index largest_order(Index state_size);

/// @brief One step of the cumulants of a chain y' = λ∘y + G f(By + c + s∘ξ) + d + ν∘ξ'.
///
/// Averages over the law (GramCharlier) of z^α Π φⱼ^βⱼ, φⱼ = fⱼ − f_q, |α| + |β| ≤ k, are taken
/// exactly, in the space of the arguments involved (ArgumentAverages); their cumulants are mapped
/// by (z, φ) ↦ Λ L z + G φ, as cumulants are, and the state's own noise adds ν². Order 2 is the
/// Gaussian closure with the exact covariance between activations; for one unit it is MomentMap's.
/// Exact for linear f at every order.
class CumulantChain {
 public:
  /// @param[in] chain   Borrowed; must outlive this object.
  /// @param[in] order   k, 1 ≤ k ≤ largest_order(m). Order 1: a certain state, fresh noise inside.
  /// @param[in] degree  M of the Gram–Charlier series; 0: k. Above k: cumulants above k are zero in
  ///                    more of its terms. At most k + 6.
  /// @throws std::invalid_argument for a wrong shape, order or degree.
  CumulantChain(const models::NoisyChain& chain, const Vector& input, Index order,
                Index degree = 0);

  /// @throws RecoverableError if the covariance is not positive semidefinite, or not finite.
  CumulantLaw step(const CumulantLaw& law) const;

  const GramCharlier::Tables& tables() const { return tables_; }

 private:
  const models::NoisyChain& chain_;
  Vector c_, d_;
  Index order_;
  GramCharlier::Tables tables_;
  statistics::MultiIndices joint_;  // of (z, φ)
  std::vector<moments::Feature> features_;
};

/// @brief Rates of the cumulants of a diffusion dy = A dt + C dω: with M(t) = E e^{t·(y−μ)},
///
///     dK/dt = (1/M) Σᵢ tᵢ E Aᵢ e^{t·(y−μ)} + ½ Σᵢⱼ tᵢ tⱼ E (C Cᵀ)ᵢⱼ e^{t·(y−μ)},   K = ln M,
///
/// which is linear in f_s and v_s of single arguments: integrals in one dimension, whatever m.
class CumulantDiffusion {
 public:
  /// Parameters as for CumulantChain.
  CumulantDiffusion(const models::NoisyDiffusion& diffusion, Index order, Index degree = 0);

  /// dκ/dt, time in units of τ.
  /// @throws RecoverableError if the covariance is not positive semidefinite, or not finite.
  statistics::Series<double> rate(const CumulantLaw& law) const;

  const GramCharlier::Tables& tables() const { return tables_; }

 private:
  const models::NoisyDiffusion& diffusion_;
  GramCharlier::Tables tables_;
  Index order_;
  std::vector<moments::Feature> features_;
};

}  // namespace stillpoint::cumulants
