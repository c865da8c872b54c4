// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/markov_chain/gth.hpp"

#include <string_view>

#include "lib/core/require.hpp"

namespace stillpoint::markov_chain {

std::optional<Vector> stationary_vector(Matrix rates) {
  constexpr std::string_view where = "markov_chain::stationary_vector";
  const Index n = rates.rows();
  require(n > 0 && rates.cols() == n, where, "rates of shape (", n, ", ", rates.cols(),
          "), expected a square matrix");
  rates.diagonal().setZero();
  require(rates.allFinite() && rates.minCoeff() >= 0.0, where,
          "rates hold a NaN, an infinity or a negative number");
  for (Index k = n - 1; k > 0; --k) {
    const double leaving = rates.row(k).head(k).sum();
    if (leaving == 0.0) return {};
    rates.col(k).head(k) /= leaving;
    for (Index j = 0; j < k; ++j) rates.col(j).head(k) += rates(k, j) * rates.col(k).head(k);
    rates.diagonal().setZero();
  }
  Vector pi(n);
  pi(0) = 1.0;
  for (Index k = 1; k < n; ++k) pi(k) = pi.head(k).dot(rates.col(k).head(k));
  return Vector(pi / pi.sum());
}

}  // namespace stillpoint::markov_chain
