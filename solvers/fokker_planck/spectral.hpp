// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "solvers/fokker_planck/coefficients.hpp"
#include "solvers/fokker_planck/weighted_basis.hpp"

namespace stillpoint::fokker_planck {

struct SpectralOptions {
  double tolerance = 1e-8;  ///< Wanted L1 error of the density.
  Index max_degree = 0;     ///< Polynomials an axis at most; 0: 128, 64, 24 in 1, 2, 3 dimensions.
};

/// @brief A smooth stationary density in polynomials over a product of densities on the principal
/// axes of the law,
///
///     p(x) = p₀(x) Σ_k c_k Π_i u_{k_i}(s_i),   x = centre + axes s,   p₀(x) = Π_i w_i(s_i),
///
/// u the polynomials orthonormal under w_i.
struct SpectralDensity {
  Report report;       ///< residual: the error estimate; iterations of GMRES.
  double error = 0.0;  ///< Estimated L1 error, ∫ |p − exact| dx.
  Index degree = 0;    ///< Polynomials an axis.

  Vector mean;        ///< (n)
  Matrix covariance;  ///< (n, n)
  Vector skewness;    ///< (n)

  Vector centre;                     ///< (n)
  Matrix axes;                       ///< Orthogonal, (n, n).
  std::vector<LineDensity> weights;  ///< w_i, (n)
  std::vector<WeightedBasis> bases;  ///< of w_i, (n)
  Vector coefficients;               ///< c, (degreeⁿ), first axis fastest; c_0 = 1.

  /// E v = Σ masses(q) v(nodes.col(q)), exact where v Σ c u is a polynomial of degree 2 degree.
  Matrix nodes;   ///< (n, points)
  Vector masses;  ///< (points); may be negative.

  double density(const Vector& x) const;  ///< p(x); tiny negative values are errors of that size.

  template <typename Function>
  double expectation(const Function& v) const {
    double sum = 0.0;
    for (Index q = 0; q < masses.size(); ++q) sum += masses(q) * v(Vector(nodes.col(q)));
    return sum;
  }
};

/// @brief Stationary density of a diffusion with smooth coefficients, by a Galerkin method: for
/// every polynomial v of the space,
///
///     E[A·∇v + D:∇∇v] = 0,   E over p.
///
/// The weight p₀ is a self-consistent product: on each principal axis of the law the stationary
/// density of the one-dimensional diffusion whose drift and noise are averages over the other axes.
/// It has the law's wells and tails, so that p/p₀ is smooth and few polynomials do; one dimension
/// and linear drift are met by p₀ alone. Mass is 1 exactly. Degrees rise until the extrapolated
/// change of the density is below the tolerance: ‖Δc‖₂ bounds the L1 norm of a change.
///
/// Spectral for analytic coefficients; a kink makes it algebraic in the degree, and the report then
/// says what was reached. Not for densities with a boundary, power-law tails, or concentrated on a
/// line (singular D). Unknowns degreeⁿ: dense in one dimension; above, GMRES preconditioned by the
/// generator of the product, at a cost of some n degreeⁿ⁺¹ an iteration.
/// @param[in] mean        First guess of the law's mean, (n).
/// @param[in] covariance  First guess of its covariance, (n, n), positive definite.
/// @throws std::invalid_argument for a bad argument; what the coefficients throw.
SpectralDensity solve_spectral(const Coefficients& coefficients, const Vector& mean,
                               const Matrix& covariance, const SpectralOptions& options = {});

}  // namespace stillpoint::fokker_planck
