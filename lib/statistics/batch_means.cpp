// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/statistics/batch_means.hpp"

#include <algorithm>
#include <cmath>

#include "lib/core/require.hpp"

namespace stillpoint::statistics {

double autocorrelation_time(const Vector& series, double window) {
  const Index length = series.size();
  require(length >= 2, "autocorrelation_time", "series has ", length, " entries, expected >= 2");
  require(series.allFinite(), "autocorrelation_time", "series holds a NaN or an infinity");
  require(window > 0.0, "autocorrelation_time", "window = ", window, ", expected > 0");
  const Vector x = series.array() - series.mean();
  const double variance = x.squaredNorm();
  if (!(variance > 0.0)) return 1.0;
  double time = 1.0;
  for (Index k = 1; k < length && static_cast<double>(k) < window * std::max(time, 1.0); ++k)
    time += 2.0 * x.head(length - k).dot(x.tail(length - k)) / variance;
  return std::max(time, 0.0);
}

BatchMeans batch_means(const Vector& series, Index batches) {
  require(batches >= 2, "batch_means", "batches = ", batches, ", expected >= 2");
  require(series.size() >= batches, "batch_means", "series has ", series.size(),
          " entries, expected at least one a batch (", batches, ")");
  require(series.allFinite(), "batch_means", "series holds a NaN or an infinity");
  const Index length = series.size() / batches;
  const Vector used = series.tail(batches * length);
  const Vector means = used.reshaped(length, batches).colwise().mean().transpose();
  const double count = static_cast<double>(batches);
  const double mean = means.mean();
  const double variance = (means.array() - mean).square().sum() / (count - 1.0);
  const double time = autocorrelation_time(used);
  return {.mean = {mean, std::sqrt(variance / count)},
          .autocorrelation_time = time,
          .times_per_batch = static_cast<double>(length) / time};
}

}  // namespace stillpoint::statistics
