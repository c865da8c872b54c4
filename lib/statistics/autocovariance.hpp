// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/core/types.hpp"

namespace stillpoint::statistics {

/// Autocovariances of several quantities at several lags.
struct Autocovariance {
  Matrix value;           ///< (n, lags)
  Matrix standard_error;  ///< (n, lags), from the scatter of the paths.
};

/// @brief Autocovariance of a stationary process from independent paths,
///
///     C(k) = E (x_t − m)(x_{t+k} − m) ≈ mean over paths and t of (x_t − m̂)(x_{t+k} − m̂),
///
/// m̂ the mean over all paths and times. Errors are those between paths, whatever the correlation
/// along a path. The bias, −Var m̂, is C(0) over the number of correlation times in all paths: far
/// below the error.
/// @param[in] paths    At least two, (n, length) each, of one shape.
/// @param[in] burn_in  Columns left out at the front, ≥ 0.
/// @param[in] lags     Columns, ≥ 0, each below length − burn_in.
/// @throws std::invalid_argument for other shapes or a number that is not finite.
Autocovariance autocovariance(const std::vector<Matrix>& paths, Index burn_in,
                              const std::vector<Index>& lags);

}  // namespace stillpoint::statistics
