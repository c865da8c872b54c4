// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "lib/core/types.hpp"
#include "solvers/cumulants/cumulant_law.hpp"

namespace stillpoint::cumulants {

/// @brief A law given by its cumulants as a Gaussian times a polynomial, y = μ + L z, C = L Lᵀ,
///
///     p(z) = φ(z) Σ_{|α| ≤ M} q_α He_α(z)/α!,   q_α = E He_α(z),   q_1 = q_2 = 0.
///
/// The quasi-moments q are those of the cumulants given, κ = 0 above their order k: with M = k the
/// Gram–Charlier series of type A to that order, whose moments to order k are exactly the ones
/// given; with M > k more of the moments of the law without higher cumulants. p need not be
/// positive: averages are linear in p, and no derivative of what is averaged is needed.
/// Source: Kuznetsov, Stratonovich & Tikhonov (1960), quasi-moment functions; McCullagh (1987),
/// chapter 5.
class GramCharlier {
 public:
  /// @brief Numbers that only depend on sizes; shared by all laws of one computation.
  struct Tables {
    /// @param[in] order    Highest |α| of z^α in an average, ≥ 0.
    /// @param[in] degree   M ≥ 2.
    Tables(Index state_size, Index order, Index degree);

    statistics::MultiIndices powers;    ///< |α| ≤ order
    statistics::MultiIndices terms;     ///< |α| ≤ M
    statistics::MultiIndices hermites;  ///< |δ| ≤ order + M
    /// E z^a He_c(z) He_d(z) at [a][(c, d)], z ~ N(0, 1).
    std::vector<Matrix> triple;
  };

  /// @param[in] tables  Borrowed; must outlive the law.
  /// @throws RecoverableError if the covariance is not positive semidefinite, or not finite.
  GramCharlier(const CumulantLaw& law, const Tables& tables);

  const Vector& mean() const { return mean_; }  ///< μ, (m)
  const Matrix& root() const { return root_; }  ///< L, (m, m)
  const Tables& tables() const { return tables_; }
  const statistics::Series<double>& quasi_moments() const { return quasi_moments_; }

  /// B_αδ = ∫ z^α He_δ(z) p(z) dz, (powers, hermites): E z^α F = Σ_δ B_αδ T_δ/δ! for a function
  /// with Hermite coefficients T_δ = E_φ He_δ F.
  const Matrix& products() const { return products_; }

  /// The series E e^{t·z} = e^{t²/2} Σ q_α t^α/α!, to degree M.
  statistics::Series<double> moment_series() const;

  /// @brief The size of the corrections to the Gaussian along a direction: with q_n the
  /// quasi-moments of d·z, √Σ_{n ≥ 1} q_n²/n!, in the norm in which Hermite functions are
  /// orthonormal. Where it is small the density is nowhere negative.
  /// @param[in] direction  d, (m), |d| ≤ 1: of an argument that holds fresh noise beside z, its
  ///                       correlation with z.
  double correction(const Vector& direction) const;

 private:
  const Tables& tables_;
  Vector mean_;
  Matrix root_;
  statistics::Series<double> quasi_moments_;
  Matrix products_;
};

}  // namespace stillpoint::cumulants
