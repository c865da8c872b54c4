// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include "lib/core/types.hpp"
#include "solvers/cumulants/gram_charlier.hpp"
#include "solvers/moments/gaussian_panels.hpp"

/// @file
/// @brief Averages over a Gram–Charlier law of functions of a few arguments. Included by the .cpp
/// files of this folder.
namespace stillpoint::cumulants {

/// @brief Averages of z^α F(a) over a law y = μ + L z and fresh noise, where F depends on one to
/// three arguments a = Bμ + c + A z + s∘ξ, A = B L, only.
///
/// Under the Gaussian factor of the law a = Bμ + c + R ζ, R Rᵀ = A Aᵀ + diag s², ζ ~ N(0, I), and
/// E[e^{t·z − t²/2} | ζ] = e^{σ·ζ − σ²/2} with σ = Pᵀ t, P = Cov(z, ζ) = Aᵀ R⁻ᵀ. So the Hermite
/// coefficients of F over z are those over ζ, τ_ε = E He_ε(ζ) F, as a series with t^δ sought in
/// (Pᵀ t)^ε: integrals over ζ, as many dimensions as arguments, whatever m. Nodes are nested and
/// cut at the kinks of each argument, so that kinks cost nothing. R is lower triangular; where
/// an argument is certain, or given by the ones before, its ζ is 0.
class ArgumentAverages {
 public:
  /// Writes the values of all functions, (functions), at the arguments a, (arguments).
  using Functions = std::function<void(const Vector& a, Vector& values)>;

  /// @param[in] law       Borrowed; must outlive this object.
  /// @param[in] offset    Bμ + c of the arguments, (arguments), 1 to 3 of them.
  /// @param[in] weights   Their rows of B, (arguments, m).
  /// @param[in] fresh_sd  s of each, (arguments), ≥ 0.
  /// @param[in] of_f      What is to be averaged is not smooth there, in each argument.
  ArgumentAverages(const GramCharlier& law, const Vector& offset, const Matrix& weights,
                   const Vector& fresh_sd, const std::vector<moments::Feature>& of_f);

  /// @brief E z^α F for every |α| ≤ order and every function, (powers to that order, functions).
  /// @param[in] order  At most that of the tables.
  Matrix operator()(Index order, Index functions, const Functions& F) const;

 private:
  struct Loop;
  void visit(Loop& loop, Index level, double weight) const;

  const GramCharlier& law_;
  Vector offset_;
  Matrix R_;
  Matrix P_;  // (m, arguments)
  std::vector<moments::Feature> features_;
};

}  // namespace stillpoint::cumulants
