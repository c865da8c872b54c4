// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/statistics/moment_series.hpp"

namespace stillpoint::cumulants {

/// @brief The joint cumulants of a state y ∈ ℝᵐ up to an order k: mean, covariance, third ones, …
///
/// cumulants()[p] is κ_α = ∂^α ln E e^{t·y} at t = 0, p the position of α in indices(), |α| ≤ k.
class CumulantLaw {
 public:
  /// All cumulants zero: the certain state 0. @throws std::invalid_argument for more cumulants than
  /// MultiIndices takes.
  CumulantLaw(Index state_size, Index order);

  Index state_size() const { return indices_->variables(); }
  Index order() const { return indices_->degree(); }
  const statistics::MultiIndices& indices() const { return *indices_; }
  statistics::Series<double>& cumulants() { return cumulants_; }
  const statistics::Series<double>& cumulants() const { return cumulants_; }

  Vector mean() const;                             ///< (m)
  Matrix covariance() const;                       ///< (m, m); zero for order 1.
  double cumulant(Index unit, Index order) const;  ///< κ of one unit; 0 above order().
  double skewness(Index unit) const;               ///< κ₃/κ₂^{3/2}; NaN where κ₂ ≤ 0.
  double excess_kurtosis(Index unit) const;        ///< κ₄/κ₂²; NaN where κ₂ ≤ 0.
  bool finite() const;

  void set_mean(const Vector& mean);
  void set_covariance(const Matrix& covariance);  ///< Nothing for order 1.

  /// The same law with the cumulants above `order` dropped, or further ones of zero.
  CumulantLaw with_order(Index order) const;

 private:
  std::shared_ptr<const statistics::MultiIndices> indices_;
  statistics::Series<double> cumulants_;
};

/// Where the state of a model can be, once it has forgotten its start, (m) each; ±∞ without a
/// bound.
struct Support {
  Vector lower, upper;
};

/// @brief Support of a chain's state y' = λ∘y + G f + d + ν∘ξ: with the range of f,
/// (Σⱼ Gᵢⱼ fⱼ + dᵢ)/(1 − λᵢ) where ν = 0, else unbounded.
Support support(const models::NoisyChain& chain, const Vector& input);

/// The same without ν: where averages of f alone take the state.
Support noiseless_support(const models::NoisyChain& chain, const Vector& input);

/// Whether there can be a law with given cumulants.
struct Realizability {
  bool possible = true;
  /// Smallest eigenvalue of the matrices below, each over its largest; negative: lost.
  double margin = std::numeric_limits<double>::infinity();
  std::string violated;  ///< What is not positive, in words; empty where possible.
};

/// @brief Necessary conditions for cumulants to order k to be those of a law on its support: with
/// z = L⁻¹(y − μ), C = L Lᵀ the covariance and ⟨·⟩ the moments,
///
///     C ≥ 0,   (⟨z^{α+β}⟩) ≥ 0 for |α|, |β| ≤ k/2   (Hamburger; k = 4: kurtosis ≥ skewness² + 1),
///     (⟨(yᵢ − lowerᵢ) z^{α+β}⟩) ≥ 0, likewise (upperᵢ − yᵢ), 2|α| < k   (Stieltjes),
///     (⟨(yᵢ − lowerᵢ)(upperᵢ − yᵢ) z^{α+β}⟩) ≥ 0, 2|α| ≤ k − 2   (Hausdorff).
///
/// In one dimension they are sufficient too, for a law with these moments up to limits.
/// Rounding is allowed: eigenvalues above −1e-9 of the largest count as zero. Directions without
/// variance are left out.
/// Source: Akhiezer (1965), The Classical Moment Problem, chapter 2; Krein & Nudel'man (1977).
Realizability check_realizability(const CumulantLaw& law, const Support& support = {});

}  // namespace stillpoint::cumulants
