// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/cumulants/cumulant_law.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>
#include <sstream>

namespace stillpoint::cumulants {
namespace {

using statistics::MultiIndex;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// e_i + e_j, or e_i alone for j < 0.
MultiIndex unit(Index variables, Index i, Index j = -1) {
  MultiIndex alpha(static_cast<std::size_t>(variables), 0);
  ++alpha[static_cast<std::size_t>(i)];
  if (j >= 0) ++alpha[static_cast<std::size_t>(j)];
  return alpha;
}

/// The moments of z = L⁻¹(y − μ) on the principal axes that carry variance.
struct Standardized {
  statistics::MultiIndices indices;
  statistics::Series<double> moments;
  Matrix root;  ///< L, (m, axes)

  double moment(const MultiIndex& alpha) const { return moments[indices.find(alpha)]; }
};

MultiIndex sum(const MultiIndex& a, const MultiIndex& b) {
  MultiIndex result = a;
  for (std::size_t i = 0; i < result.size(); ++i) result[i] += b[i];
  return result;
}

/// E (Σ_p weights_p z^{α_p}) z^{α+β}, |α|, |β| ≤ half.
struct Term {
  double weight;
  MultiIndex alpha;
};

Matrix moment_matrix(const Standardized& z, const std::vector<Term>& factor, Index half) {
  const Index size = z.indices.size_to(half);
  Matrix result = Matrix::Zero(size, size);
  for (Index a = 0; a < size; ++a)
    for (Index b = 0; b < size; ++b)
      for (const Term& term : factor)
        result(a, b) += term.weight * z.moment(sum(term.alpha, sum(z.indices[a], z.indices[b])));
  return result;
}

/// c + Σ_j w_j z_j as terms, its product with another, and so on.
std::vector<Term> line(double constant, const Vector& weights) {
  std::vector<Term> terms = {{constant, MultiIndex(static_cast<std::size_t>(weights.size()), 0)}};
  for (Index j = 0; j < weights.size(); ++j) terms.push_back({weights(j), unit(weights.size(), j)});
  return terms;
}

std::vector<Term> product(const std::vector<Term>& a, const std::vector<Term>& b) {
  std::vector<Term> result;
  for (const Term& x : a)
    for (const Term& y : b) result.push_back({x.weight * y.weight, sum(x.alpha, y.alpha)});
  return result;
}

void include(Realizability& result, const Matrix& matrix, const std::string& what) {
  constexpr double rounding = 1e-9;
  const Vector values = Eigen::SelfAdjointEigenSolver<Matrix>(matrix).eigenvalues();
  const double largest = values.cwiseAbs().maxCoeff();
  const double margin = largest > 0.0 ? values(0) / largest : 0.0;
  result.margin = std::min(result.margin, margin);
  if (margin >= -rounding || !result.possible) return;
  result.possible = false;
  result.violated = what;
}

}  // namespace

CumulantLaw::CumulantLaw(Index state_size, Index order)
    : indices_(std::make_shared<statistics::MultiIndices>(state_size, order)),
      cumulants_(static_cast<std::size_t>(indices_->size()), 0.0) {}

Vector CumulantLaw::mean() const {
  if (order() < 1) return Vector::Zero(state_size());
  return Eigen::Map<const Vector>(cumulants_.data() + 1, state_size());
}

Matrix CumulantLaw::covariance() const {
  const Index m = state_size();
  Matrix result = Matrix::Zero(m, m);
  if (order() < 2) return result;
  for (Index i = 0; i < m; ++i)
    for (Index j = 0; j < m; ++j) result(i, j) = cumulants_[indices_->find(unit(m, i, j))];
  return result;
}

double CumulantLaw::cumulant(Index which, Index order) const {
  if (order > this->order()) return 0.0;
  MultiIndex alpha(static_cast<std::size_t>(state_size()), 0);
  alpha[static_cast<std::size_t>(which)] = static_cast<int>(order);
  return cumulants_[indices_->find(alpha)];
}

double CumulantLaw::skewness(Index which) const {
  return cumulant(which, 3) / std::pow(cumulant(which, 2), 1.5);
}

double CumulantLaw::excess_kurtosis(Index which) const {
  return cumulant(which, 4) / (cumulant(which, 2) * cumulant(which, 2));
}

bool CumulantLaw::finite() const {
  for (const double value : cumulants_)
    if (!std::isfinite(value)) return false;
  return true;
}

void CumulantLaw::set_mean(const Vector& mean) {
  for (Index i = 0; i < mean.size(); ++i) cumulants_[1 + i] = mean(i);
}

void CumulantLaw::set_covariance(const Matrix& covariance) {
  if (order() < 2) return;
  const Index m = state_size();
  for (Index i = 0; i < m; ++i)
    for (Index j = i; j < m; ++j) cumulants_[indices_->find(unit(m, i, j))] = covariance(i, j);
}

CumulantLaw CumulantLaw::with_order(Index order) const {
  CumulantLaw result(state_size(), order);  // positions of the lower orders come first
  const std::size_t shared = std::min(result.cumulants_.size(), cumulants_.size());
  std::copy_n(cumulants_.begin(), shared, result.cumulants_.begin());
  return result;
}

Support noiseless_support(const models::NoisyChain& chain, const Vector& input) {
  const Index m = chain.state_size(), n = chain.units();
  const Vector d = chain.state_offset(input);
  const activations::Range range = activations::range(chain.activation());
  Support result{Vector::Constant(m, -infinity), Vector::Constant(m, infinity)};
  for (Index i = 0; i < n; ++i) {
    double lower = d(i), upper = d(i);
    for (Index j = 0; j < n; ++j) {
      const double g = chain.gain()(i, j);
      if (g == 0.0) continue;
      lower += g > 0.0 ? g * range.lower : g * range.upper;
      upper += g > 0.0 ? g * range.upper : g * range.lower;
    }
    result.lower(i) = lower / (1.0 - chain.retention()(i));
    result.upper(i) = upper / (1.0 - chain.retention()(i));
  }
  return result;
}

Support support(const models::NoisyChain& chain, const Vector& input) {
  Support result = noiseless_support(chain, input);
  for (Index i = 0; i < chain.state_size(); ++i)
    if (chain.state_sd()(i) > 0.0) {
      result.lower(i) = -infinity;
      result.upper(i) = infinity;
    }
  return result;
}

Realizability check_realizability(const CumulantLaw& law, const Support& support) {
  const Index m = law.state_size(), k = law.order();
  Realizability result;
  if (!law.finite()) {
    result = {false, -infinity, "a cumulant is not finite"};
    return result;
  }
  const Vector mean = law.mean();
  constexpr double rounding_of_mean = 1e-12;
  const auto outside = [&](Index i) {
    if (support.lower.size() != m) return false;
    const double slack = rounding_of_mean * (1.0 + std::abs(mean(i)));
    return mean(i) < support.lower(i) - slack || mean(i) > support.upper(i) + slack;
  };
  for (Index i = 0; i < m; ++i)
    if (outside(i)) {
      std::ostringstream text;
      text << "the mean " << mean(i) << " of state " << i + 1 << " is outside its support ["
           << support.lower(i) << ", " << support.upper(i) << "]";
      return {false, -infinity, text.str()};
    }
  if (k < 2) return result;

  const Eigen::SelfAdjointEigenSolver<Matrix> axes(law.covariance());
  const double largest = axes.eigenvalues().cwiseAbs().maxCoeff();
  if (largest == 0.0) return result;  // a certain state
  include(result, law.covariance(), "the covariance is not positive");
  if (!result.possible) return result;
  std::vector<Index> carried;
  for (Index i = 0; i < m; ++i)
    if (axes.eigenvalues()(i) > 1e-14 * largest) carried.push_back(i);
  const auto count = static_cast<Index>(carried.size());
  Matrix root(m, count), inverse(m, count);
  for (Index j = 0; j < count; ++j) {
    const double sd = std::sqrt(axes.eigenvalues()(carried[j]));
    root.col(j) = axes.eigenvectors().col(carried[j]) * sd;
    inverse.col(j) = axes.eigenvectors().col(carried[j]) / sd;
  }
  Standardized z{statistics::MultiIndices(count, k), {}, root};
  auto series = statistics::over_factorials(law.indices(), law.cumulants());
  for (Index p = 0; p <= m; ++p) series[p] = 0.0;
  series = statistics::substitute(law.indices(), series, z.indices, inverse);
  z.moments = statistics::times_factorials(z.indices, statistics::exponential(z.indices, series));

  const std::vector<Term> one = line(1.0, Vector::Zero(count));
  include(result, moment_matrix(z, one, k / 2), "the matrix of moments is not positive");
  if (support.lower.size() != m) return result;
  for (Index i = 0; i < m; ++i) {
    const double sd = root.row(i).norm();
    if (sd == 0.0) continue;
    const Vector weights = root.row(i).transpose() / sd;
    const auto below = line((mean(i) - support.lower(i)) / sd, weights);
    const auto above = line((support.upper(i) - mean(i)) / sd, -weights);
    const bool has_lower = std::isfinite(support.lower(i)),
               has_upper = std::isfinite(support.upper(i));
    const std::string name = "state " + std::to_string(i + 1);
    if (has_lower)
      include(result, moment_matrix(z, below, (k - 1) / 2),
              "the moments need " + name + " below its lower end");
    if (has_upper)
      include(result, moment_matrix(z, above, (k - 1) / 2),
              "the moments need " + name + " above its upper end");
    if (has_lower && has_upper)
      include(result, moment_matrix(z, product(below, above), (k - 2) / 2),
              "the moments need " + name + " outside its range");
  }
  return result;
}

}  // namespace stillpoint::cumulants
