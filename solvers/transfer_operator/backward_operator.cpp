// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/transfer_operator/backward_operator.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "solvers/transfer_operator/gaussian_rule.hpp"

namespace stillpoint::transfer_operator {
namespace {

/// f in extended precision. The nodes that carry a narrow law are few, so that rounding of f does
/// not average out: in double it would cost the skewness four digits.
long double extended(const activations::Tanh&, long double u) { return std::tanh(u); }
long double extended(const activations::Erf&, long double u) { return std::erf(u); }
long double extended(const activations::Logistic&, long double u) { return 1 / (1 + std::exp(-u)); }
long double extended(const activations::Softplus& f, long double u) {
  const long double v = f.sharpness() * u;
  return (std::max(v, 0.0L) + std::log1p(std::exp(-std::fabs(v)))) / f.sharpness();
}
/// The rest is piecewise linear: exact by its slope.
template <typename Activation>
long double extended(const Activation& f, long double u) {
  const auto rounded = static_cast<double>(u);
  return f(rounded) + f.derivative(1, rounded) * (u - rounded);
}

/// values[q] = f(arguments[q]).
template <typename Real>
void evaluate(const activations::Activation& activation, const std::vector<Real>& arguments,
              std::vector<Real>& values) {
  values.resize(arguments.size());
  std::visit(
      [&](const auto& f) {
        for (std::size_t q = 0; q < arguments.size(); ++q) {
          if constexpr (std::is_same_v<Real, double>) {
            values[q] = f(arguments[q]);
          } else {
            values[q] = extended(f, arguments[q]);
          }
        }
      },
      activation);
}

/// The expectations as rows of Chebyshev coefficients: column i of `columns` holds, panel by panel,
/// E[T_c(t(y')) 1{y' in the panel} | y = x_i].
template <typename Real>
class Builder {
 public:
  Builder(const ScalarChain& chain, const PanelGrid<Real>& grid, double refinement)
      : chain_(chain), grid_(grid), nodes_(grid.nodes()), rule_(refinement) {}

  /// y → λy + d + G f(βy + c + sz).
  RealMatrix<Real> inside() {
    return rows([this](Real y, Real* column) {
      const Real u = Real(chain_.argument_weight) * y + Real(chain_.argument_offset);
      breaks_.clear();
      for (const double kink : chain_.kinks)
        breaks_.push_back((Real(kink) - u) / Real(chain_.argument_sd));
      rule_.split_at(breaks_);
      arguments_.resize(rule_.nodes.size());
      for (std::size_t q = 0; q < arguments_.size(); ++q) {
        arguments_[q] = u + Real(chain_.argument_sd) * rule_.nodes[q];
      }
      evaluate(chain_.activation, arguments_, values_);
      const Real kept = Real(chain_.retention) * y + Real(chain_.state_offset);
      for (std::size_t q = 0; q < values_.size(); ++q) {
        grid_.add_point(kept + Real(chain_.gain) * values_[q], rule_.weights[q], column);
      }
    });
  }

  /// y → λy + d + G f(βy + c) + νz.
  RealMatrix<Real> outside() {
    const auto kinks = chain_.state_kinks();
    return rows([this, &kinks](Real y, Real* column) {
      arguments_.assign(1, Real(chain_.argument_weight) * y + Real(chain_.argument_offset));
      evaluate(chain_.activation, arguments_, values_);
      add_smeared(
          Real(chain_.retention) * y + Real(chain_.state_offset) + Real(chain_.gain) * values_[0],
          kinks, column);
    });
  }

  /// y → y + νz.
  RealMatrix<Real> smear() {
    return rows([this](Real y, Real* column) { add_smeared(y, {}, column); });
  }

 private:
  template <typename AddRow>
  RealMatrix<Real> rows(AddRow add_row) {
    const Index n = grid_.size();
    RealMatrix<Real> columns = RealMatrix<Real>::Zero(n, n);
    for (Index i = 0; i < n; ++i) add_row(nodes_(i), columns.data() + i * n);
    grid_.to_nodal_functionals(columns);
    for (Index i = 0; i < n; ++i) columns.col(i) /= columns.col(i).sum();
    return columns;
  }

  void add_smeared(Real centre, const std::vector<double>& kinks, Real* column) {
    breaks_.clear();
    for (const double kink : kinks)
      breaks_.push_back((Real(kink) - centre) / Real(chain_.state_sd));
    rule_.split_at(breaks_);
    for (std::size_t q = 0; q < rule_.nodes.size(); ++q) {
      grid_.add_point(centre + Real(chain_.state_sd) * rule_.nodes[q], rule_.weights[q], column);
    }
  }

  const ScalarChain& chain_;
  const PanelGrid<Real>& grid_;
  RealVector<Real> nodes_;
  GaussianRule<Real> rule_;
  std::vector<Real> breaks_, arguments_, values_;
};

}  // namespace

template <typename Real>
RealMatrix<Real> transposed_backward_operator(const ScalarChain& chain, const PanelGrid<Real>& grid,
                                              double refinement) {
  Builder<Real> builder(chain, grid, refinement);
  if (!chain.noise_inside()) return builder.outside();
  if (!chain.noise_outside()) return builder.inside();
  return builder.smear() * builder.inside();
}

template RealMatrix<double> transposed_backward_operator(const ScalarChain&,
                                                         const PanelGrid<double>&, double);
template RealMatrix<long double> transposed_backward_operator(const ScalarChain&,
                                                              const PanelGrid<long double>&,
                                                              double);

}  // namespace stillpoint::transfer_operator
