// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/piecewise_linear/certifier.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "lib/core/require.hpp"

namespace stillpoint::piecewise_linear {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

Certifier::Certifier(const ComplementarityForm& form)
    : form_(form), E_(form.E.rows, form.E.columns), r_(form.E.rows), upper_(form.E.columns) {
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  for (Index i = 0; i < E_.rows(); ++i) {
    for (Index j = 0; j < E_.cols(); ++j) {
      const Rational& exact = form.E(i, j);
      E_(i, j) = exact.get_d();
      const double size = std::abs(E_(i, j));
      require(sgn(exact) == 0 || (size >= 1e-200 && size <= 1e200), "enumerate",
              "a coefficient is ", size, " in size, expected 0 or 1e-200 to 1e200; rescale");
    }
    r_(i) = form.r[at(i)].get_d();
  }
  for (Index j = 0; j < E_.cols(); ++j) {
    const auto& bound = form.upper[at(j)];
    upper_(j) =
        bound ? (1.0 + 4.0 * epsilon) * bound->get_d() : std::numeric_limits<double>::infinity();
  }
  size_of_E_ = E_.cwiseAbs();
  // One unit in the last place of E and of r, m products, m sums, and those of the bound itself.
  rounding_ = static_cast<double>(E_.rows() + 8) * epsilon;
}

bool Certifier::holds_rounded(Vector y, const std::vector<char>& zero, Index assumed) {
  const double size = y.lpNorm<Eigen::Infinity>();
  if (!(size > 0.0) || !std::isfinite(size)) return false;
  y /= size;
  // No product underflows now, so that a sum of absolute values is zero only if all products are.
  for (double& entry : y)
    if (std::abs(entry) < 1e-100) entry = 0.0;
  size_of_y_ = y.cwiseAbs();
  left_.noalias() = E_.transpose() * y;
  left_size_.noalias() = size_of_E_.transpose() * size_of_y_;
  double deficit = 0.0;  // how negative yᵀE x can be
  for (Index j = 0; j < left_.size(); ++j) {
    const double least = left_(j) - rounding_ * left_size_(j);
    if (least >= 0.0 || j == assumed || zero[at(j)]) continue;
    if (!std::isfinite(upper_(j))) return false;
    deficit -= least * upper_(j);
  }
  const double right = y.dot(r_) + rounding_ * size_of_y_.dot(r_.cwiseAbs());
  return right + (1.0 + 1e-10) * deficit + 1e-290 < 0.0;
}

bool Certifier::holds_exactly(const std::vector<Index>& basis, Index row, bool negative,
                              const std::vector<char>& zero) const {
  const Index m = form_.E.rows, n = form_.E.columns;
  IntegerMatrix augmented(m, m + 1);
  for (Index k = 0; k < m; ++k) {
    const Index variable = basis[at(k)];
    RationalVector column(at(m));
    for (Index i = 0; i < m; ++i)
      column[at(i)] = variable < n ? form_.E(i, variable) : Rational(variable - n == i ? 1 : 0);
    const Integer multiple = common_denominator(column);
    for (Index i = 0; i < m; ++i) augmented(k, i) = scaled(column[at(i)], multiple);
    if (k == row) augmented(k, m) = negative ? multiple : Integer(-multiple);
  }
  const AffineSolution solution = solve_exactly(std::move(augmented));
  if (!solution.consistent) return false;
  const auto product = [&](const auto& entry) {
    Rational sum;
    for (Index i = 0; i < m; ++i)
      if (sgn(entry(i)) != 0) sum += solution.point[at(i)] * entry(i);
    return sum;
  };
  if (sgn(product([&](Index i) -> const Rational& { return form_.r[at(i)]; })) >= 0) return false;
  for (Index j = 0; j < n; ++j)
    if (!zero[at(j)] && sgn(product([&](Index i) -> const Rational& { return form_.E(i, j); })) < 0)
      return false;
  return true;
}

}  // namespace stillpoint::piecewise_linear
