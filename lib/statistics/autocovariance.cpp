// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/statistics/autocovariance.hpp"

#include <cmath>
#include <string_view>

#include "lib/core/require.hpp"

namespace stillpoint::statistics {

Autocovariance autocovariance(const std::vector<Matrix>& paths, Index burn_in,
                              const std::vector<Index>& lags) {
  constexpr std::string_view where = "autocovariance";
  const auto count = static_cast<Index>(paths.size()), columns = static_cast<Index>(lags.size());
  require(count >= 2, where, count, " path(s), expected at least 2");
  const Index n = paths.front().rows(), length = paths.front().cols() - burn_in;
  require(burn_in >= 0 && length > 0, where, "burn_in = ", burn_in, " of ", paths.front().cols(),
          " columns");
  for (const Index lag : lags)
    require(0 <= lag && lag < length, where, "lag = ", lag, ", expected 0 to ", length - 1);
  Vector mean = Vector::Zero(n);
  for (const Matrix& path : paths) {
    require(path.rows() == n && path.cols() == length + burn_in, where, "a path of shape (",
            path.rows(), ", ", path.cols(), "), expected (", n, ", ", length + burn_in, ")");
    require(path.allFinite(), where, "a path holds a NaN or an infinity");
    mean += path.rightCols(length).rowwise().mean() / static_cast<double>(count);
  }
  Matrix sum = Matrix::Zero(n, columns), squares = sum;
  for (const Matrix& path : paths) {
    // A row of the path is a column here: contiguous.
    const Matrix x = (path.rightCols(length).colwise() - mean).transpose();
    for (Index column = 0; column < columns; ++column) {
      const Index lag = lags[static_cast<std::size_t>(column)], terms = length - lag;
      for (Index i = 0; i < n; ++i) {
        const double value =
            x.col(i).head(terms).dot(x.col(i).tail(terms)) / static_cast<double>(terms);
        sum(i, column) += value;
        squares(i, column) += value * value;
      }
    }
  }
  const auto paths_in_all = static_cast<double>(count);
  const Matrix value = sum / paths_in_all;
  const Matrix variance = (squares / paths_in_all - value.cwiseAbs2()).cwiseMax(0.0);
  return {value, (variance / (paths_in_all - 1.0)).cwiseSqrt()};
}

}  // namespace stillpoint::statistics
