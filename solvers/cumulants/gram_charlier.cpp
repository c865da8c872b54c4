// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/cumulants/gram_charlier.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>

#include "lib/core/recoverable_error.hpp"

namespace stillpoint::cumulants {
namespace {

/// E z^a He_c He_d for a ≤ order, c ≤ degree, d ≤ order + degree: z He_d = He_{d+1} + d He_{d−1}.
std::vector<Matrix> triple_products(Index order, Index degree) {
  const Index largest = 2 * order + degree;  // of d, while a is raised
  Matrix table = Matrix::Zero(degree + 1, largest + 1);
  double factorial = 1.0;
  for (Index c = 0; c <= degree; ++c) {
    if (c > 1) factorial *= static_cast<double>(c);
    if (c <= largest) table(c, c) = factorial;
  }
  std::vector<Matrix> result = {table.leftCols(order + degree + 1)};
  for (Index a = 1; a <= order; ++a) {
    Matrix next = Matrix::Zero(degree + 1, largest + 1);
    for (Index d = 0; d < largest; ++d) {
      next.col(d) = table.col(d + 1);
      if (d > 0) next.col(d) += static_cast<double>(d) * table.col(d - 1);
    }
    table = next;
    result.emplace_back(table.leftCols(order + degree + 1));
  }
  return result;
}

}  // namespace

GramCharlier::Tables::Tables(Index state_size, Index order, Index degree)
    : powers(state_size, order),
      terms(state_size, degree),
      hermites(state_size, order + degree),
      triple(triple_products(order, degree)) {}

GramCharlier::GramCharlier(const CumulantLaw& law, const Tables& tables)
    : tables_(tables), mean_(law.mean()) {
  if (!law.finite()) throw RecoverableError("a cumulant is not finite");
  const Index m = law.state_size();
  // Principal axes; directions without variance carry nothing.
  const Eigen::SelfAdjointEigenSolver<Matrix> axes(law.covariance());
  const double largest = std::max(axes.eigenvalues()(m - 1), 0.0);
  if (axes.eigenvalues()(0) < -1e-10 * largest || axes.eigenvalues()(m - 1) < 0.0)
    throw RecoverableError("the covariance is not positive semidefinite");
  Vector sd(m), inverse(m);
  for (Index i = 0; i < m; ++i) {
    const double variance = axes.eigenvalues()(i);
    const bool flat = variance <= 1e-14 * largest || variance <= 0.0;
    sd(i) = flat ? 0.0 : std::sqrt(variance);
    inverse(i) = flat ? 0.0 : 1.0 / sd(i);
  }
  root_ = axes.eigenvectors() * sd.asDiagonal();

  // Cumulants of z above the second, zero above the law's order; their exponential.
  const statistics::MultiIndices &own = law.indices(), &terms = tables_.terms;
  auto series = statistics::over_factorials(own, law.cumulants());
  for (Index p = 0; p < own.size_to(std::min<Index>(2, own.degree())); ++p) series[p] = 0.0;
  series = statistics::substitute(own, series, terms, axes.eigenvectors() * inverse.asDiagonal());
  quasi_moments_ = statistics::times_factorials(terms, statistics::exponential(terms, series));

  const auto &powers = tables_.powers, &hermites = tables_.hermites;
  products_ = Matrix::Zero(powers.size(), hermites.size());
  for (Index gamma = 0; gamma < terms.size(); ++gamma) {
    const double q = quasi_moments_[gamma] / terms.factorial(gamma);
    if (q == 0.0) continue;
    for (Index alpha = 0; alpha < powers.size(); ++alpha)
      for (Index delta = 0; delta < hermites.size(); ++delta) {
        double value = q;
        for (std::size_t i = 0; i < static_cast<std::size_t>(m) && value != 0.0; ++i)
          value *= tables_.triple[powers[alpha][i]](terms[gamma][i], hermites[delta][i]);
        products_(alpha, delta) += value;
      }
  }
}

statistics::Series<double> GramCharlier::moment_series() const {
  const auto& terms = tables_.terms;
  statistics::Series<double> half_square(static_cast<std::size_t>(terms.size()), 0.0);
  for (Index i = 0; i < terms.variables(); ++i) {
    statistics::MultiIndex alpha(static_cast<std::size_t>(terms.variables()), 0);
    alpha[static_cast<std::size_t>(i)] = 2;
    half_square[terms.find(alpha)] = 0.5;
  }
  return statistics::product(terms, statistics::over_factorials(terms, quasi_moments_),
                             statistics::exponential(terms, half_square));
}

double GramCharlier::correction(const Vector& direction) const {
  const auto& terms = tables_.terms;
  const statistics::MultiIndices line(1, terms.degree());
  const auto along = statistics::times_factorials(
      line, statistics::substitute(terms, statistics::over_factorials(terms, quasi_moments_), line,
                                   direction));
  double sum = 0.0;
  for (Index n = 1; n < line.size(); ++n) sum += along[n] * along[n] / line.factorial(n);
  return std::sqrt(sum);
}

}  // namespace stillpoint::cumulants
