// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/statistics/multi_indices.hpp"

/// @file
/// @brief Power series in n variables to a total degree, c_α the coefficient of t^α at the position
/// of α in a MultiIndices: the generating functions of moments and of cumulants,
///
///     E e^{t·x} = Σ_α m_α t^α/α!,   ln E e^{t·x} = Σ_α κ_α t^α/α!.
///
/// Scalar is any field: double, or symbolic::Expression.
/// Source: McCullagh (1987), Tensor Methods in Statistics, section 2.3; the recurrences are those
/// of e' = a' e.
namespace stillpoint::statistics {

template <typename Scalar>
using Series = std::vector<Scalar>;

namespace detail {

inline std::size_t first_variable(const MultiIndex& alpha) {
  std::size_t i = 0;
  while (alpha[i] == 0) ++i;
  return i;
}

}  // namespace detail

/// a · b, truncated.
template <typename Scalar>
Series<Scalar> product(const MultiIndices& indices, const Series<Scalar>& a,
                       const Series<Scalar>& b) {
  const Scalar zero(0);
  Series<Scalar> result(static_cast<std::size_t>(indices.size()), zero);
  for (Index alpha = 0; alpha < indices.size(); ++alpha)
    for (const auto& [part, rest] : indices.parts(alpha))
      if (!(a[part] == zero || b[rest] == zero)) result[alpha] += a[part] * b[rest];
  return result;
}

/// e^a, truncated; the constant term of a is taken as 0.
template <typename Scalar>
Series<Scalar> exponential(const MultiIndices& indices, const Series<Scalar>& a) {
  Series<Scalar> result(static_cast<std::size_t>(indices.size()), Scalar(0));
  result[0] = Scalar(1);
  for (Index alpha = 1; alpha < indices.size(); ++alpha) {
    const std::size_t i = detail::first_variable(indices[alpha]);
    Scalar sum(0);
    for (const auto& [part, rest] : indices.parts(alpha)) {
      const int power = indices[part][i];
      if (power > 0) sum += Scalar(power) * a[part] * result[rest];
    }
    result[alpha] = sum / Scalar(indices[alpha][i]);
  }
  return result;
}

/// ln e, truncated; the constant term of e is taken as 1, that of the result is 0.
template <typename Scalar>
Series<Scalar> logarithm(const MultiIndices& indices, const Series<Scalar>& e) {
  Series<Scalar> result(static_cast<std::size_t>(indices.size()), Scalar(0));
  for (Index alpha = 1; alpha < indices.size(); ++alpha) {
    const std::size_t i = detail::first_variable(indices[alpha]);
    Scalar sum(0);
    for (const auto& [part, rest] : indices.parts(alpha)) {
      const int power = indices[part][i];
      if (power > 0 && part != alpha) sum += Scalar(power) * result[part] * e[rest];
    }
    result[alpha] = e[alpha] - sum / Scalar(indices[alpha][i]);
  }
  return result;
}

/// c_α → α! c_α, coefficients to moments.
template <typename Scalar>
Series<Scalar> times_factorials(const MultiIndices& indices, Series<Scalar> a) {
  for (Index alpha = 0; alpha < indices.size(); ++alpha)
    a[alpha] = a[alpha] * Scalar(indices.factorial(alpha));
  return a;
}

/// m_α → m_α/α!, moments to coefficients.
template <typename Scalar>
Series<Scalar> over_factorials(const MultiIndices& indices, Series<Scalar> a) {
  for (Index alpha = 0; alpha < indices.size(); ++alpha)
    a[alpha] = a[alpha] / Scalar(indices.factorial(alpha));
  return a;
}

/// Cumulants of raw moments m, m_0 = 1; order by order.
template <typename Scalar>
Series<Scalar> cumulants_of_moments(const MultiIndices& indices, const Series<Scalar>& moments) {
  return times_factorials(indices, logarithm(indices, over_factorials(indices, moments)));
}

/// Raw moments of cumulants.
template <typename Scalar>
Series<Scalar> moments_of_cumulants(const MultiIndices& indices, const Series<Scalar>& cumulants) {
  return times_factorials(indices, exponential(indices, over_factorials(indices, cumulants)));
}

/// @brief The matrix of a linear change of variables, sᵢ = Σⱼ M_ij t_j: row α holds the
/// coefficients of s^α as a polynomial in t, so that a series c(s) becomes c(M t) with coefficients
/// Rᵀ c. Shape (from.size(), to.size()); what exceeds the degree of `to` is dropped.
/// @param[in] M  (from.variables(), to.variables()).
Matrix linear_substitution(const MultiIndices& from, const MultiIndices& to, const Matrix& M);

/// c(M t), see linear_substitution().
Series<double> substitute(const MultiIndices& from, const Series<double>& c, const MultiIndices& to,
                          const Matrix& M);

}  // namespace stillpoint::statistics
