// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "lib/activations/activation.hpp"
#include "lib/symbolic/expression.hpp"

/// The functions a formula may hold. Each has derivatives of every order, values in every number
/// type of tape.hpp, and LaTeX. At exact arguments where the value is exact they give it
/// (relu(−2) = 0, logistic(0) = 1/2), elsewhere they stay symbolic (tanh(1)).
///
/// At a kink or a jump a derivative is the mean of its one-sided limits, as in
/// lib/activations/activation.hpp, and there are no delta functions: relu' = heaviside with
/// heaviside(0) = ½, heaviside' = 0, relu'' = 0. A Taylor series across a kink is therefore wrong.
namespace stillpoint::symbolic {

Expression exp(const Expression& u);
/// @throws std::invalid_argument if u is a number ≤ 0.
Expression log(const Expression& u);
/// @throws std::invalid_argument if u is a number < 0.
Expression sqrt(const Expression& u);
Expression sin(const Expression& u);
Expression cos(const Expression& u);
Expression tanh(const Expression& u);  ///< tanh' = 1 − tanh²
Expression abs(const Expression& u);   ///< |u|' = 2 heaviside(u) − 1
Expression erf(const Expression& u);   ///< erf' = 2/√π exp(−u²)
/// φ(u) = exp(−u²/2)/√(2π), φ' = −u φ.
Expression normal_pdf(const Expression& u);
/// Φ(u) = ∫_{−∞}^u φ, Φ' = φ.
Expression normal_cdf(const Expression& u);
Expression relu(const Expression& u);       ///< max(u, 0), relu' = heaviside
Expression heaviside(const Expression& u);  ///< 1, ½ or 0 for u > 0, = 0, < 0; derivative 0
Expression logistic(const Expression& u);   ///< l = 1/(1 + exp(−u)), l' = l(1 − l)
/// ln(1 + exp(k u))/k, sharpness k > 0; its derivative is logistic(k u).
Expression softplus(const Expression& u, const Expression& sharpness = 1);
/// u for u ≥ 0, slope·u below; its derivative is slope + (1 − slope) heaviside(u).
Expression leaky_relu(const Expression& u, const Expression& slope);
/// u clipped to [−1, 1]; its derivative is heaviside(u + 1) − heaviside(u − 1).
Expression saturating_linear(const Expression& u);

/// f(u) for any activation.
Expression call(const activations::Activation& f, const Expression& u);

/// @brief The n-th derivative in u of the Gaussian average f_q(u) = E f(u + qz), z ~ N(0, 1), q ≥
/// 0.
///
/// d/du raises n by one; d/dq gives q times n + 2, the heat equation d f_q/dq = q f_q''. At q = 0
/// it is the n-th derivative of f itself, with the rule for kinks above. The identity is written
/// out.
/// @throws std::invalid_argument unless 0 ≤ n.
Expression smoothed(const activations::Activation& f, const Expression& u, const Expression& q,
                    int n = 0);

/// @brief v_q(u) = Var f(u + qz), z ~ N(0, 1), q ≥ 0: the variance that noise inside f passes on.
///
/// v_q = (f²)_q − f_q², evaluated without that cancellation. It has no derivatives.
Expression transmitted_variance(const activations::Activation& f, const Expression& u,
                                const Expression& q);

/// @brief An unspecified smooth function, for theory that holds for every f: f(u), f'(u), ….
///
/// Derivatives follow the chain rule. With several arguments the order is of the first.
/// @param[in] name   A name as of symbol(); functions and symbols of one name do not meet.
/// @param[in] order  ≥ 0; 2 gives f''(u).
Expression function_symbol(std::string_view name, const std::vector<Expression>& arguments,
                           int order = 0);

/// @brief Puts an activation in the place of an unspecified function of one argument: f⁽ⁿ⁾(u)
/// becomes the n-th derivative of the activation at u.
/// @throws std::invalid_argument if the function has several arguments somewhere in e.
Expression substitute_function(const Expression& e, std::string_view name,
                               const activations::Activation& f);

}  // namespace stillpoint::symbolic
