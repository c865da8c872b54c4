// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/statistics/moment_series.hpp"

#include "lib/core/require.hpp"

namespace stillpoint::statistics {

Matrix linear_substitution(const MultiIndices& from, const MultiIndices& to, const Matrix& M) {
  require(M.rows() == from.variables() && M.cols() == to.variables(),
          "statistics::linear_substitution", "the matrix is ", M.rows(), " by ", M.cols(),
          ", expected ", from.variables(), " by ", to.variables());
  // next(j, β): position of β + e_j.
  std::vector<std::vector<Index>> next(static_cast<std::size_t>(to.variables()));
  for (std::size_t j = 0; j < next.size(); ++j)
    for (Index beta = 0; beta < to.size(); ++beta) {
      MultiIndex raised = to[beta];
      ++raised[j];
      next[j].push_back(to.find(raised));
    }
  Matrix R = Matrix::Zero(from.size(), to.size());
  R(0, 0) = 1.0;
  for (Index alpha = 1; alpha < from.size(); ++alpha) {
    const std::size_t i = detail::first_variable(from[alpha]);
    MultiIndex lowered = from[alpha];
    --lowered[i];
    const Index before = from.find(lowered);
    for (Index beta = 0; beta < to.size(); ++beta) {
      const double c = R(before, beta);
      if (c == 0.0) continue;
      for (std::size_t j = 0; j < next.size(); ++j)
        if (next[j][beta] >= 0)
          R(alpha, next[j][beta]) += c * M(static_cast<Index>(i), static_cast<Index>(j));
    }
  }
  return R;
}

Series<double> substitute(const MultiIndices& from, const Series<double>& c, const MultiIndices& to,
                          const Matrix& M) {
  const Vector result = linear_substitution(from, to, M).transpose() *
                        Eigen::Map<const Vector>(c.data(), static_cast<Index>(c.size()));
  return {result.begin(), result.end()};
}

}  // namespace stillpoint::statistics
