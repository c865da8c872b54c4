// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/cumulants/moment_equations.hpp"

#include <algorithm>
#include <set>

#include "lib/core/interrupt.hpp"
#include "lib/core/require.hpp"
#include "lib/symbolic/calculus.hpp"
#include "lib/symbolic/latex.hpp"

namespace stillpoint::cumulants {
namespace {

using statistics::MultiIndex;
using statistics::MultiIndices;
using symbolic::Expression;
using Polynomial = statistics::Series<Expression>;

constexpr std::string_view where = "cumulants::derive_moment_equations";
constexpr Index largest_degree = 8;  // of a polynomial that is looked for

MultiIndex lowered(MultiIndex alpha, Index i) {
  --alpha[i];
  return alpha;
}

MultiIndex sum(MultiIndex a, const MultiIndex& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}

bool vanishes(const Expression& e) { return e == Expression(0) || symbolic::is_zero(e); }

/// The partial derivatives ∂^α e in the variables, |α| ≤ degree, by position.
std::vector<Expression> derivatives(const Expression& e, const std::vector<Expression>& variables,
                                    const MultiIndices& indices) {
  std::vector<Expression> result = {e};
  for (Index p = 1; p < indices.size(); ++p) {
    throw_if_interrupted();
    const std::size_t i = statistics::detail::first_variable(indices[p]);
    const Index before = indices.find(lowered(indices[p], static_cast<Index>(i)));
    result.push_back(symbolic::derivative(result[before], variables[i]));
  }
  return result;
}

/// Smallest degree of which all formulas are polynomials.
Index polynomial_degree(const std::vector<Expression>& formulas,
                        const std::vector<Expression>& variables) {
  for (Index degree = 0; degree <= largest_degree; ++degree) {
    const MultiIndices indices(static_cast<Index>(variables.size()), degree + 1);
    const auto beyond = [&](const Expression& e) {
      const auto all = derivatives(e, variables, indices);
      return std::any_of(all.begin() + indices.size_to(degree), all.end(),
                         [](const Expression& d) { return !vanishes(d); });
    };
    if (std::none_of(formulas.begin(), formulas.end(), beyond)) return degree;
  }
  return -1;
}

bool has_kink(const Expression& e) {
  const std::string text = symbolic::to_text(e);
  for (const char* name : {"relu", "abs", "heaviside", "saturating_linear"})
    if (text.find(name) != std::string::npos) return true;
  return false;
}

/// Taylor polynomial about a point, in the deviations from it.
Polynomial expand_about(const Expression& e, const std::vector<Expression>& variables,
                        const std::vector<symbolic::Substitution>& point,
                        const MultiIndices& indices) {
  const auto all = derivatives(e, variables, indices);
  Polynomial result;
  for (Index p = 0; p < indices.size(); ++p) {
    throw_if_interrupted();
    result.push_back(
        symbolic::expand(symbolic::substitute(all[p], point) / Expression(indices.factorial(p))));
  }
  return result;
}

/// The same polynomial among the monomials of a larger set.
Polynomial widened(const MultiIndices& from, const Polynomial& a, const MultiIndices& to) {
  Polynomial result(static_cast<std::size_t>(to.size()), Expression(0));
  for (Index p = 0; p < from.size(); ++p) result[to.find(from[p])] = a[p];
  return result;
}

/// What is to be averaged is a polynomial in the deviations x̃ from the means, or in x.
class Averager {
 public:
  Averager(const MomentEquations& equations)
      : equations_(equations), central_(equations.form == MomentForm::central) {}

  /// E x̃^α
  Expression moment(const MultiIndex& alpha) const {
    const Index total = statistics::order(alpha);
    if (total == 0) return 1;
    if (central_ && total == 1) return 0;
    return equations_.moments[equations_.indices.find(alpha)];
  }

  /// E x̃^β P(x̃)
  Expression average(const MultiIndices& indices, const Polynomial& P,
                     const MultiIndex& beta) const {
    Expression result(0);
    for (Index p = 0; p < indices.size(); ++p)
      if (!(P[p] == Expression(0))) result += P[p] * moment(sum(beta, indices[p]));
    return result;
  }

 private:
  const MomentEquations& equations_;
  bool central_;
};

/// Digits of the exponents, with underscores once one has two: m_21, m_10_2.
std::string digits(const MultiIndex& alpha) {
  const bool wide = std::any_of(alpha.begin(), alpha.end(), [](int a) { return a > 9; });
  std::string text;
  for (const int exponent : alpha) {
    if (wide && !text.empty()) text += '_';
    text += std::to_string(exponent);
  }
  return text;
}

/// Names of the moments; none may be in use.
std::vector<Expression> moment_symbols(const symbolic::Model& model, MomentForm form,
                                       const MultiIndices& indices) {
  std::set<std::string> used;
  const auto collect = [&](const Expression& e) {
    for (const std::string& name : symbolic::symbols(e)) used.insert(name);
  };
  for (const auto& e : model.states) collect(e);
  for (const auto& e : model.normals) collect(e);
  for (const auto& parameter : model.parameters) collect(parameter.symbol);
  std::vector<Expression> result = {1};
  for (Index p = 1; p < indices.size(); ++p) {
    const bool mean = form == MomentForm::central && statistics::order(indices[p]) == 1;
    const std::string name =
        mean ? "mu_" + symbolic::to_text(model.states[static_cast<std::size_t>(p - 1)])
             : (form == MomentForm::raw ? "m_" : "c_") + digits(indices[p]);
    require(!used.contains(name), where, "the model uses the name ", name,
            ", which the equations need for a moment; choose another");
    result.push_back(symbolic::symbol(name));
  }
  return result;
}

void check(const MomentOptions& options) {
  require(options.order >= 1 && options.order <= 12, where, "order = ", options.order,
          ", expected 1 to 12");
  require(options.taylor_degree >= 0 && options.taylor_degree <= largest_degree, where,
          "taylor_degree = ", options.taylor_degree, ", expected 0 to ", largest_degree);
  require(options.taylor_degree == 0 || options.form == MomentForm::central, where,
          "a Taylor polynomial is about the mean, but the form is raw; take central moments");
}

/// The degree of the right-hand sides, in the states (and noises).
Index degree_of(const std::vector<Expression>& formulas, const std::vector<Expression>& variables,
                const MomentOptions& options) {
  // Formally a kinked function is a polynomial: its second derivative is 0 wherever it exists.
  for (const Expression& e : formulas)
    require(!has_kink(e), where,
            "a right-hand side has a kink or a jump, where a Taylor polynomial is wrong; use the "
            "cumulant closure of a network (exact averages) instead");
  const Index degree = polynomial_degree(formulas, variables);
  require(degree >= 0 || options.taylor_degree > 0, where,
          "a right-hand side is no polynomial of degree ", largest_degree,
          " or less in the states; give a Taylor degree, with central moments");
  if (degree >= 0 && (options.taylor_degree == 0 || degree <= options.taylor_degree)) return degree;
  return options.taylor_degree;
}

/// States at their means (central) or at 0 (raw); noises at 0.
std::vector<symbolic::Substitution> centre(const MomentEquations& equations) {
  std::vector<symbolic::Substitution> point;
  const auto& states = equations.model.states;
  for (std::size_t i = 0; i < states.size(); ++i)
    point.push_back({states[i], equations.form == MomentForm::central ? equations.moments[i + 1]
                                                                      : Expression(0)});
  for (const Expression& noise : equations.model.normals) point.push_back({noise, 0});
  return point;
}

void derive_rates(MomentEquations& equations, Index drift_degree, Index noise_degree) {
  const symbolic::Model& model = equations.model;
  const auto n = static_cast<Index>(model.states.size());
  const bool central = equations.form == MomentForm::central;
  const Averager averager(equations);
  const auto point = centre(equations);

  const MultiIndices drift_terms(n, drift_degree), noise_terms(n, 2 * noise_degree);
  std::vector<Polynomial> A;
  for (const Expression& e : model.drift)
    A.push_back(expand_about(e, model.states, point, drift_terms));
  std::vector<std::vector<Polynomial>> BB(static_cast<std::size_t>(n));  // B Bᵀ
  const MultiIndices single(n, noise_degree);
  for (std::size_t i = 0; i < BB.size(); ++i)
    for (std::size_t j = 0; j < BB.size(); ++j) {
      Polynomial total(static_cast<std::size_t>(noise_terms.size()), Expression(0));
      for (std::size_t l = 0; l < static_cast<std::size_t>(model.noise_size()); ++l) {
        const auto factor = [&](std::size_t row) {
          return widened(single, expand_about(model.noise[row][l], model.states, point, single),
                         noise_terms);
        };
        const Polynomial term = statistics::product(noise_terms, factor(i), factor(j));
        for (std::size_t p = 0; p < total.size(); ++p) total[p] += term[p];
      }
      BB[i].push_back(std::move(total));
    }
  std::vector<Expression> mean_rate;  // E A
  const MultiIndex nothing(static_cast<std::size_t>(n), 0);
  for (const Polynomial& a : A) mean_rate.push_back(averager.average(drift_terms, a, nothing));

  for (Index p = 1; p < equations.indices.size_to(equations.order); ++p) {
    throw_if_interrupted();
    const MultiIndex& alpha = equations.indices[p];
    Expression rate(0);
    for (Index i = 0; i < n; ++i) {
      const int power = alpha[i];
      if (power == 0) continue;
      const MultiIndex one = lowered(alpha, i);
      Expression part = averager.average(drift_terms, A[i], one);
      if (central && statistics::order(alpha) > 1) part -= averager.moment(one) * mean_rate[i];
      rate += Expression(power) * part;
      for (Index j = 0; j < n; ++j) {
        const int other = one[j];
        if (other == 0) continue;
        rate += symbolic::rational(static_cast<long>(power) * other, 2) *
                averager.average(noise_terms, BB[i][j], lowered(one, j));
      }
    }
    equations.rates.push_back(symbolic::expand(rate));
  }
}

/// E ξ^n of a standard normal number.
long normal_moment(int n) {
  if (n % 2 == 1) return 0;
  long result = 1;
  for (int k = n - 1; k > 1; k -= 2) result *= k;
  return result;
}

void derive_steps(MomentEquations& equations, Index degree) {
  const symbolic::Model& model = equations.model;
  const auto n = static_cast<Index>(model.states.size());
  const auto r = static_cast<Index>(model.normals.size());
  const bool central = equations.form == MomentForm::central;
  const Averager averager(equations);
  std::vector<Expression> variables = model.states;
  variables.insert(variables.end(), model.normals.begin(), model.normals.end());
  const MultiIndices once(n + r, degree), all(n + r, degree * equations.order);

  const auto average = [&](const Polynomial& P) {
    Expression result(0);
    for (Index p = 0; p < all.size(); ++p) {
      const Expression& coefficient = P[p];
      if (coefficient == Expression(0)) continue;
      long noise = 1;
      for (Index l = n; l < n + r; ++l) noise *= normal_moment(all[p][l]);
      if (noise == 0) continue;
      const MultiIndex states(all[p].begin(), all[p].begin() + n);
      result += coefficient * Expression(noise) * averager.moment(states);
    }
    return symbolic::expand(result);
  };
  std::vector<Polynomial> F;
  std::vector<Expression> means;
  for (const Expression& e : model.drift) {
    F.push_back(widened(once, expand_about(e, variables, centre(equations), once), all));
    means.push_back(average(F.back()));
    if (central) F.back()[0] -= means.back();
  }
  // Powers Π Fᵢ^αᵢ, each from a lower one.
  std::vector<Polynomial> powers(1,
                                 Polynomial(static_cast<std::size_t>(all.size()), Expression(0)));
  powers[0][0] = 1;
  for (Index p = 1; p < equations.indices.size_to(equations.order); ++p) {
    throw_if_interrupted();
    const MultiIndex& alpha = equations.indices[p];
    const std::size_t i = statistics::detail::first_variable(alpha);
    const Index before = equations.indices.find(lowered(alpha, static_cast<Index>(i)));
    powers.push_back(statistics::product(all, powers[before], F[i]));
    equations.rates.push_back(central && statistics::order(alpha) == 1 ? means[i]
                                                                       : average(powers.back()));
  }
}

}  // namespace

bool MomentEquations::closed() const {
  std::set<std::string> open;
  for (Index p = indices.size_to(order); p < indices.size(); ++p)
    open.insert(symbolic::to_text(moments[p]));
  for (const Expression& rate : rates)
    for (const std::string& name : symbolic::symbols(rate))
      if (open.contains(name)) return false;
  return true;
}

MomentEquations derive_moment_equations(const symbolic::Model& model,
                                        const MomentOptions& options) {
  symbolic::make_model(model);  // checks it
  check(options);
  const auto n = static_cast<Index>(model.states.size());
  std::vector<Expression> variables = model.states;
  variables.insert(variables.end(), model.normals.begin(), model.normals.end());
  std::vector<Expression> noise_formulas;
  for (const auto& row : model.noise)
    noise_formulas.insert(noise_formulas.end(), row.begin(), row.end());
  const Index drift_degree = degree_of(model.drift, variables, options);
  const Index noise_degree =
      noise_formulas.empty() ? 0 : degree_of(noise_formulas, model.states, options);
  const Index highest =
      model.kind == symbolic::Model::Kind::chain
          ? std::max<Index>(1, drift_degree) * options.order
          : options.order + std::max<Index>({drift_degree - 1, 2 * noise_degree - 2, 0});

  MomentEquations equations{.model = model,
                            .form = options.form,
                            .order = options.order,
                            .taylor_degree = 0,
                            .indices = MultiIndices(n, highest),
                            .moments = {},
                            .rates = {}};
  require(equations.indices.size_to(options.order) <= 2000, where, "order ", options.order, " has ",
          equations.indices.size_to(options.order), " moments, expected at most 2000");
  if (options.taylor_degree > 0 &&
      (polynomial_degree(model.drift, variables) < 0 ||
       polynomial_degree(model.drift, variables) > options.taylor_degree ||
       polynomial_degree(noise_formulas, model.states) < 0 ||
       polynomial_degree(noise_formulas, model.states) > options.taylor_degree))
    equations.taylor_degree = options.taylor_degree;
  equations.moments = moment_symbols(model, options.form, equations.indices);
  if (model.kind == symbolic::Model::Kind::chain)
    derive_steps(equations, std::max<Index>(1, drift_degree));
  else
    derive_rates(equations, drift_degree, noise_degree);
  return equations;
}

std::string to_latex(const MomentEquations& equations) {
  std::string text = "\\begin{aligned}\n";
  for (std::size_t p = 0; p < equations.rates.size(); ++p) {
    const std::string moment = symbolic::to_latex(equations.moments[p + 1]);
    text += equations.model.kind == symbolic::Model::Kind::chain
                ? moment + "'"
                : "\\frac{\\mathrm{d} " + moment + "}{\\mathrm{d} t}";
    text += " &= " + symbolic::to_latex(equations.rates[p]);
    text += p + 1 < equations.rates.size() ? " \\\\\n" : "\n";
  }
  return text + "\\end{aligned}\n";
}

std::string_view to_string(MomentClosure closure) {
  switch (closure) {
    case MomentClosure::normal:
      return "normal";
    case MomentClosure::log_normal:
      return "log-normal";
    case MomentClosure::derivative_matching:
      return "derivative matching";
  }
  return "unknown";
}

namespace {

/// Π C(αᵢ, βᵢ)
long binomial(const MultiIndex& alpha, const MultiIndex& beta) {
  long product = 1;
  for (std::size_t i = 0; i < alpha.size(); ++i) {
    long one = 1;
    for (int k = 0; k < beta[i]; ++k) one = one * (alpha[i] - k) / (k + 1);
    product *= beta[i] > alpha[i] ? 0 : one;
  }
  return product;
}

/// Moments above the order with the cumulants above it zero.
Polynomial without_cumulants(const MomentEquations& equations) {
  const MultiIndices& indices = equations.indices;
  const bool central = equations.form == MomentForm::central;
  const auto n = static_cast<Index>(equations.model.states.size());
  const Index known = indices.size_to(equations.order);
  Polynomial moments(static_cast<std::size_t>(indices.size()), Expression(0));
  for (Index p = 0; p < known; ++p)
    moments[p] = central && p >= 1 && p <= n ? Expression(0) : equations.moments[p];
  Polynomial cumulants = statistics::cumulants_of_moments(indices, moments);
  for (Index p = 0; p < indices.size(); ++p)
    cumulants[p] = p < known ? symbolic::expand(cumulants[p]) : Expression(0);
  return statistics::moments_of_cumulants(indices, cumulants);
}

}  // namespace

std::vector<long> matching_exponents(const MultiIndices& indices, Index degree,
                                     const MultiIndex& delta) {
  // Σ_α γ_α C(α, β) = C(δ, β): C is triangular in the order of the positions, 1 on the diagonal.
  const Index count = indices.size_to(degree);
  std::vector<long> gamma(static_cast<std::size_t>(count), 0);
  for (Index b = count - 1; b >= 1; --b) {
    long value = binomial(delta, indices[b]);
    for (Index a = b + 1; a < count; ++a) value -= gamma[a] * binomial(indices[a], indices[b]);
    gamma[b] = value;
  }
  return gamma;
}

MomentEquations close(const MomentEquations& equations, MomentClosure closure, bool positive) {
  const MultiIndices& indices = equations.indices;
  if (closure != MomentClosure::normal) {
    require(positive, "cumulants::close", "the ", to_string(closure),
            " closure takes powers of moments, which exist for positive states only; say that "
            "they are positive, or take the normal closure");
    require(equations.form == MomentForm::raw, "cumulants::close", "the ", to_string(closure),
            " closure is one of raw moments, but these are central; derive the raw ones");
    require(equations.order >= 2, "cumulants::close", "the ", to_string(closure),
            " closure needs second moments, but the order is ", equations.order,
            "; take 2 or more");
  }
  const Index known = indices.size_to(equations.order);
  std::vector<symbolic::Substitution> substitutions;
  if (closure == MomentClosure::normal) {
    const Polynomial values = without_cumulants(equations);
    for (Index p = known; p < indices.size(); ++p)
      substitutions.push_back({equations.moments[p], symbolic::expand(values[p])});
  } else {
    const Index degree = closure == MomentClosure::log_normal ? 2 : equations.order;
    for (Index p = known; p < indices.size(); ++p) {
      const auto gamma = matching_exponents(indices, degree, indices[p]);
      Expression value(1);
      for (Index a = 1; a < indices.size_to(degree); ++a)
        value *= symbolic::pow(equations.moments[a], static_cast<int>(gamma[a]));
      substitutions.push_back({equations.moments[p], value});
    }
  }
  MomentEquations result = equations;
  for (Expression& rate : result.rates) {
    rate = symbolic::substitute(rate, substitutions);
    if (closure == MomentClosure::normal) rate = symbolic::expand(rate);
  }
  return result;
}

}  // namespace stillpoint::cumulants
