// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "lib/statistics/moment_series.hpp"
#include "lib/symbolic/expression.hpp"
#include "lib/symbolic/model.hpp"

/// Moment equations as formulas: rung 4 of the ladder for a model that is written down.
namespace stillpoint::cumulants {

/// Which moments the equations are of.
enum class MomentForm {
  raw,      ///< m_α = E x^α
  central,  ///< the means μ and c_α = E (x − μ)^α, |α| ≥ 2
};

struct MomentOptions {
  Index order = 2;  ///< k ≥ 1: equations for all moments with |α| ≤ k.
  MomentForm form = MomentForm::central;
  /// 0: the right-hand sides are polynomials (checked). d ≥ 1: they are replaced by their Taylor
  /// polynomials of degree d about the mean, where the form is central; not for one with a kink.
  Index taylor_degree = 0;
};

/// @brief The equations, not closed: moments above the order stand on the right.
struct MomentEquations {
  symbolic::Model model;
  MomentForm form = MomentForm::central;
  Index order = 0;
  Index taylor_degree = 0;           ///< 0: exact.
  statistics::MultiIndices indices;  ///< All moments that appear.
  /// The symbol of every moment by its position, m_21 for α = (2, 1), c_21 central, mu_x for the
  /// mean of x where central; 1 at position 0.
  std::vector<symbolic::Expression> moments;
  /// dm/dt, or m' one step later for a chain, for the positions 1 … size_to(order) − 1.
  std::vector<symbolic::Expression> rates;

  /// True if no moment above the order is left on the right.
  bool closed() const;
};

/// @brief Derives the equations,
///
///     d/dt E x^α = E Σᵢ αᵢ x^{α−eᵢ} Aᵢ + ½ E Σᵢⱼ αᵢ (αⱼ − δᵢⱼ) x^{α−eᵢ−eⱼ} (C Cᵀ)ᵢⱼ,
///     E x'^α = E Π Fᵢ^αᵢ,
///
/// and the like for central moments, with Fᵢ − E Fᵢ in the place of Fᵢ. The same model gives the
/// same formulas in every run; parameters stay symbols.
/// @throws std::invalid_argument for a model that is not well formed, an order < 1 or with more
/// than 2000
///   moments, a right-hand side that is no polynomial (of degree 8 at most) without a Taylor
///   degree, one with a kink or jump, raw moments with a Taylor degree, or a model that uses a name
///   of ours.
/// Source: Gardiner (2009), section 4.3 (Itô's formula); Socha (2008), chapter 3.
MomentEquations derive_moment_equations(const symbolic::Model& model,
                                        const MomentOptions& options = {});

/// @brief An `aligned` block, one equation a line; moments are written m_{21}, c_{21}, \mu_{x}.
std::string to_latex(const MomentEquations& equations);

/// How moments above the order are given by those below.
enum class MomentClosure {
  normal,               ///< cumulants above the order are zero (order 2: a Gaussian law)
  log_normal,           ///< the log-normal law of the means and second moments; positive states
  derivative_matching,  ///< products of powers that match time derivatives; positive states
};

std::string_view to_string(MomentClosure closure);

/// @brief Puts the closure in the place of every moment above the order.
///
/// Normal: κ_α = 0 for |α| > k, either form. The other two are products of powers of raw moments,
/// m_δ ≈ Π m_α^γ_α, exact for a certain state, with exponents of either sign:
/// derivative matching, from all |α| ≤ k, Σ_α γ_α C(α, β) = C(δ, β) for every 1 ≤ |β| ≤ k, which is
/// ln m_α continued as a polynomial of degree k in α; log-normal, from |α| ≤ 2 only, the same with
/// degree 2, exact for a log-normal law at every order.
/// @param[in] positive  The states are positive, says the caller.
/// @throws std::invalid_argument for log_normal and derivative_matching unless the states are
///   positive, the form is raw and the order ≥ 2.
/// Source: Singh & Hespanha (2007), Bull. Math. Biol. 69, 1909; (2011), IEEE Trans. Autom. Control
/// 56, 414; normal: Whittle (1957), J. R. Stat. Soc. B 19, 268.
MomentEquations close(const MomentEquations& equations, MomentClosure closure,
                      bool positive = false);

/// Exponents γ, one a position 1 … size_to(degree) − 1 (position 0 unused), that continue ln m as a
/// polynomial of that degree to the moment δ.
std::vector<long> matching_exponents(const statistics::MultiIndices& indices, Index degree,
                                     const statistics::MultiIndex& delta);

}  // namespace stillpoint::cumulants
