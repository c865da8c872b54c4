// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/noise_series/symbolic_series.hpp"

#include <array>
#include <map>
#include <sstream>
#include <utility>

#include "lib/core/require.hpp"
#include "lib/symbolic/calculus.hpp"
#include "lib/symbolic/latex.hpp"
#include "solvers/noise_series/symbolic_matrix.hpp"

#include "solvers/noise_series/cumulant_expansion.hpp"
#include "solvers/noise_series/neuron_moments.hpp"

namespace stillpoint::noise_series {
namespace {

using symbolic::Expression;
using symbolic::symbol;
using SymbolVector = VectorOf<Expression>;
using SymbolMatrix = MatrixOf<Expression>;
using SymbolTensor = Tensor3Of<Expression>;

bool trivial(const Expression& e) { return symbolic::is_number(e) || symbolic::is_symbol(e); }

std::string indexed(const std::string& letter, std::initializer_list<Index> indices) {
  std::string name = letter;
  for (const Index i : indices) name += "_" + std::to_string(i);
  return name;
}

/// x from A x = b with a small symbolic matrix, by elimination without pivoting for zeros by
/// chance: a structural zero on the diagonal is exchanged with a row that has none.
std::vector<Expression> solve_linear(std::vector<std::vector<Expression>> A,
                                     std::vector<Expression> b) {
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = k; i < n; ++i)
      if (!symbolic::is_zero(A[i][k])) {
        std::swap(A[i], A[k]);
        std::swap(b[i], b[k]);
        break;
      }
    for (std::size_t i = k + 1; i < n; ++i) {
      if (A[i][k] == Expression(0)) continue;
      const Expression factor = symbolic::simplify(A[i][k] / A[k][k]);
      for (std::size_t j = k; j < n; ++j) A[i][j] = symbolic::simplify(A[i][j] - factor * A[k][j]);
      b[i] -= factor * b[k];
    }
  }
  std::vector<Expression> x(n);
  for (std::size_t k = n; k-- > 0;) {
    Expression sum = b[k];
    for (std::size_t j = k + 1; j < n; ++j) sum -= A[k][j] * x[j];
    x[k] = sum / A[k][k];
  }
  return x;
}

/// Solves the equations of two neurons in symbols. Unknown are the entries with rising indices; the
/// linear operator is applied to symbols of the unknowns, and its coefficients are read off.
class PairSolver {
 public:
  explicit PairSolver(bool diffusion) : diffusion_(diffusion) {}

  void prepare(const SymbolMatrix& linear) { linear_ = linear; }

  SymbolVector solve_mean(const SymbolVector& b) {
    SymbolMatrix system = SymbolMatrix::Constant(2, 2, Expression(0)) - linear_;
    if (!diffusion_)
      for (Index i = 0; i < 2; ++i) system(i, i) += Expression(1);
    const Expression det = system(0, 0) * system(1, 1) - system(0, 1) * system(1, 0);
    SymbolVector x(2);
    x(0) = (system(1, 1) * b(0) - system(0, 1) * b(1)) / det;
    x(1) = (system(0, 0) * b(1) - system(1, 0) * b(0)) / det;
    return x;
  }

  SymbolMatrix solve_second(const SymbolMatrix& Q) {
    const std::string letter = second_++ == 0 ? "C" : "D";
    const std::vector<std::array<Index, 2>> places = {{0, 0}, {0, 1}, {1, 1}};
    SymbolMatrix X(2, 2);
    for (const auto& [i, j] : places) X(i, j) = X(j, i) = symbol(indexed(letter, {i + 1, j + 1}));
    SymbolMatrix image = diffusion_ ? SymbolMatrix(linear_ * X + X * linear_.transpose())
                                    : SymbolMatrix(linear_ * X * linear_.transpose());
    std::vector<Expression> unknowns, images, sources;
    for (const auto& [i, j] : places) {
      unknowns.push_back(X(i, j));
      images.push_back(image(i, j));
      sources.push_back(Q(i, j));
    }
    const auto solution = solve(unknowns, images, sources);
    for (std::size_t k = 0; k < places.size(); ++k)
      X(places[k][0], places[k][1]) = X(places[k][1], places[k][0]) = solution[k];
    return X;
  }

  SymbolTensor solve_third(const SymbolTensor& Q) {
    const std::vector<std::array<Index, 3>> places = {{0, 0, 0}, {0, 0, 1}, {0, 1, 1}, {1, 1, 1}};
    const auto entry = [](Index ones) {  // the tensor is symmetric
      return symbol(ones == 0   ? "K_1_1_1"
                    : ones == 1 ? "K_1_1_2"
                    : ones == 2 ? "K_1_2_2"
                                : "K_2_2_2");
    };
    SymbolTensor X = zero_tensor<Expression>(2);
    for (Index k = 0; k < 2; ++k)
      for (Index j = 0; j < 2; ++j)
        for (Index i = 0; i < 2; ++i) X[k](i, j) = entry(i + j + k);
    std::vector<Expression> unknowns, images, sources;
    for (const auto& [i, j, k] : places) {
      Expression image(0);
      for (Index p = 0; p < 2; ++p) {
        if (diffusion_)
          image +=
              linear_(i, p) * X[k](p, j) + linear_(j, p) * X[k](i, p) + linear_(k, p) * X[p](i, j);
        else
          for (Index q = 0; q < 2; ++q)
            for (Index r = 0; r < 2; ++r)
              image += linear_(i, p) * linear_(j, q) * linear_(k, r) * X[r](p, q);
      }
      unknowns.push_back(X[k](i, j));
      images.push_back(image);
      sources.push_back(Q[k](i, j));
    }
    const auto solution = solve(unknowns, images, sources);
    for (Index k = 0; k < 2; ++k)
      for (Index j = 0; j < 2; ++j)
        for (Index i = 0; i < 2; ++i) X[k](i, j) = solution[static_cast<std::size_t>(i + j + k)];
    return X;
  }

  /// The right side of the equation that a symbol solves; empty if it was solved explicitly.
  const std::map<std::string, Expression>& equations() const { return equations_; }

 private:
  /// unknowns = images + sources (chain), or 0 = images + sources, printed with the unknown alone
  /// on the left.
  std::vector<Expression> solve(const std::vector<Expression>& unknowns,
                                const std::vector<Expression>& images,
                                const std::vector<Expression>& sources) {
    const std::size_t n = unknowns.size();
    std::vector<std::vector<Expression>> system(n, std::vector<Expression>(n));
    for (std::size_t i = 0; i < n; ++i) {
      const Expression image = symbolic::expand(images[i]);
      Expression others(0);
      for (std::size_t j = 0; j < n; ++j) {
        const Expression factor = symbolic::coefficient(image, unknowns[j], 1);
        system[i][j] = Expression(i == j && !diffusion_ ? 1 : 0) - factor;
        if (i != j) others += factor * unknowns[j];
      }
      equations_[symbolic::to_text(unknowns[i])] = (others + sources[i]) / system[i][i];
    }
    return solve_linear(std::move(system), sources);
  }

  bool diffusion_;
  int second_ = 0;
  SymbolMatrix linear_;
  std::map<std::string, Expression> equations_;
};

/// Replaces what was found by symbols and keeps what they stand for.
class Recorder {
 public:
  Recorder(std::vector<Definition>& definitions, const PairSolver& solver)
      : definitions_(definitions), solver_(solver) {}

  void operator()(const std::string& letter, SymbolVector& x) {
    for (Index i = 0; i < x.size(); ++i) record(indexed(letter, {i + 1}), x(i));
  }

  /// Symmetric matrices are those whose entries above and below the diagonal are equal by theory.
  void operator()(const std::string& letter, SymbolMatrix& X) {
    static constexpr std::string_view symmetric = "QCRDSU";
    const bool mirrored = symmetric.find(letter) != std::string_view::npos;
    for (Index i = 0; i < X.rows(); ++i)
      for (Index j = mirrored ? i : 0; j < X.cols(); ++j) {
        record(indexed(letter, {i + 1, j + 1}), X(i, j));
        if (mirrored) X(j, i) = X(i, j);
      }
  }

  void operator()(const std::string& letter, SymbolTensor& X) {
    std::array<Expression, 4> entries;  // by the number of indices that are 2
    for (Index ones = 0; ones < 4; ++ones) {
      const Index i = ones > 2, j = ones > 1, k = ones > 0;
      entries[ones] = X[k](i, j);
      record(indexed(letter, {i + 1, j + 1, k + 1}), entries[ones]);
    }
    for (Index k = 0; k < 2; ++k)
      for (Index j = 0; j < 2; ++j)
        for (Index i = 0; i < 2; ++i) X[k](i, j) = entries[i + j + k];
  }

 private:
  void record(const std::string& name, Expression& value) {
    if (trivial(value)) return;
    const auto equation = solver_.equations().find(name);
    const Expression printed = equation == solver_.equations().end() ? value : equation->second;
    definitions_.push_back({name, value, printed});
    value = symbol(name);
  }

  std::vector<Definition>& definitions_;
  const PairSolver& solver_;
};

/// Σ_k (coefficient) s^{2k}.
std::string latex_sum(const std::vector<Expression>& coefficients) {
  std::string text;
  for (std::size_t k = 1; k < coefficients.size(); ++k) {
    if (coefficients[k] == Expression(0)) continue;
    const std::string factor = symbolic::to_latex(coefficients[k]);
    text += (text.empty() ? "" : " + ") +
            (trivial(coefficients[k]) ? factor : "\\left(" + factor + "\\right)") + " s^{" +
            std::to_string(2 * k) + "}";
  }
  const std::string rest = "O(s^{" + std::to_string(2 * coefficients.size()) + "})";
  return text.empty() ? rest : text + " + " + rest;
}

}  // namespace

Expression SymbolicSeries::resolved(const Expression& e) const {
  Expression result = e;
  for (auto definition = definitions.rbegin(); definition != definitions.rend(); ++definition)
    result = symbolic::substitute(result, {{symbol(definition->name), definition->value}});
  return result;
}

SymbolicSeries make_neuron_series(const SymbolicModel& model, Index order) {
  require(order >= 2 && order <= 12 && order % 2 == 0, "noise_series::make_neuron_series",
          "order = ", order, ", expected 2, 4, ..., 12");
  const bool rate = model.equation == networks::Equation::rate;
  const Expression g = symbol("g"), w = symbol("w"), one(1), zero(0);
  SymbolicSeries series;
  const auto define = [&](const std::string& name, const Expression& value) {
    series.definitions.push_back({name, value, value});
    return symbol(name);
  };

  NeuronForm<Expression> neuron;
  const Expression unit = model.diffusion ? one : g;  // Ĝ = G/g
  neuron.gain = rate ? unit : unit * w;
  neuron.carried = model.diffusion ? Expression(-1) : one - g;
  neuron.argument_weight = rate ? w : one;
  neuron.argument_variance = model.where == networks::NoiseSource::inside ? one : zero;
  neuron.state_variance = model.where == networks::NoiseSource::inside    ? zero
                          : model.where == networks::NoiseSource::outside ? g * g
                                                                          : pow(symbol("nu"), 2);
  if (model.diffusion && neuron.state_variance != zero)
    neuron.state_variance = neuron.state_variance / g;
  neuron.leak = g;
  for (Index k = 1; k <= order; ++k) neuron.derivatives.push_back(symbol("f" + std::to_string(k)));

  const Expression a = define("a", w * symbol("f1"));
  const Expression slope =
      model.diffusion ? define("r", a - one) : define("lambda", one - g * (one - a));
  const auto rows =
      model.diffusion ? diffusion_rows(neuron, slope, order) : chain_rows(neuron, slope, order);
  const auto moment = solve_moments(rows, order, [&](Index k, Index n, Expression& value) {
    if (trivial(value)) return;
    value = define(indexed("M", {k, n}), symbolic::simplify(value));
  });
  const auto result = cumulants(moment);
  series.mean = {result.mean};
  series.variance = {result.variance};
  series.third = {result.third};
  return series;
}

SymbolicSeries make_two_neuron_series(const SymbolicModel& model) {
  const bool rate = model.equation == networks::Equation::rate;
  const Expression g = symbol("g"), zero(0);
  const Expression unit = model.diffusion ? Expression(1) : g;
  SymbolMatrix W(2, 2), one = SymbolMatrix::Constant(2, 2, zero);
  for (Index i = 0; i < 2; ++i) {
    one(i, i) = Expression(1);
    for (Index j = 0; j < 2; ++j) W(i, j) = symbol(indexed("W", {i + 1, j + 1}));
  }
  NetworkForm<Expression> form;
  form.gain = (rate ? one : W) * unit;
  form.arguments = rate ? W : one;
  form.carried = SymbolVector::Constant(2, model.diffusion ? Expression(-1) : Expression(1) - g);
  form.argument_variance.resize(2);
  form.state_variance.resize(2);
  for (Index j = 0; j < 2; ++j) {
    form.argument_variance(j) = pow(symbol(indexed("s", {j + 1})), 2);
    form.state_variance(j) = pow(symbol(indexed("nu", {j + 1})), 2);
    if (model.diffusion) form.state_variance(j) = form.state_variance(j) / g;
  }
  for (Index k = 0; k < 4; ++k) {
    form.f[k].resize(2);
    for (Index j = 0; j < 2; ++j) form.f[k](j) = symbol(indexed("f", {k + 1, j + 1}));
  }
  form.leak = g;

  SymbolicSeries series;
  PairSolver solver(model.diffusion);
  Recorder record(series.definitions, solver);
  const auto result =
      model.diffusion ? expand_diffusion(form, solver, record) : expand_chain(form, solver, record);
  for (Index i = 0; i < 2; ++i) {
    series.mean.push_back({zero, result.mean2(i), result.mean4(i)});
    series.variance.push_back({zero, result.covariance2(i, i), result.covariance4(i, i)});
    series.third.push_back({zero, zero, result.third4[i](i, i)});
  }
  return series;
}

std::string to_latex(const SymbolicSeries& series, std::string_view title) {
  std::ostringstream text;
  text << "% " << title << "\n\\begin{align*}\n";
  for (const Definition& definition : series.definitions)
    text << symbolic::to_latex(symbol(definition.name))
         << " &= " << symbolic::to_latex(definition.printed) << " \\\\\n";
  text << "\\end{align*}\n\\begin{align*}\n";
  const bool many = series.mean.size() > 1;
  for (std::size_t i = 0; i < series.mean.size(); ++i) {
    const std::string index = many ? "_{" + std::to_string(i + 1) + "}" : "";
    text << "\\operatorname{E} y" << index << " - y" << (many ? index : "_{0}")
         << (many ? "^{(0)}" : "") << " &= " << latex_sum(series.mean[i]) << " \\\\\n"
         << "\\operatorname{Var} y" << index << " &= " << latex_sum(series.variance[i]) << " \\\\\n"
         << "\\kappa_{3}(y" << index << ") &= " << latex_sum(series.third[i])
         << (i + 1 < series.mean.size() ? " \\\\\n" : "\n");
  }
  text << "\\end{align*}\n";
  return text.str();
}

}  // namespace stillpoint::noise_series
