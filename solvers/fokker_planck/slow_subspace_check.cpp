// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/slow_subspace_check.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lib/core/require.hpp"
#include "lib/statistics/estimate_mean.hpp"
#include "solvers/ensemble/trajectories.hpp"

namespace stillpoint::fokker_planck {
namespace {

constexpr std::string_view where = "check_reduction";

/// Probabilities of the bins of coordinate `along`: midpoints, eight in a bin, the other
/// coordinates over mean ± 6 sd.
Vector marginal(const StationaryDensity& density, Index along, const Vector& edges) {
  constexpr Index within = 8, across = 60;
  const Index d = density.mean.size(), bins = edges.size() - 1;
  const Vector sd = density.covariance.diagonal().cwiseSqrt();
  Index others = 1;
  for (Index i = 0; i < d - 1; ++i) others *= across;
  Vector probabilities = Vector::Zero(bins), s(d);
  for (Index bin = 0; bin < bins; ++bin)
    for (Index k = 0; k < within; ++k) {
      const double width = (edges(bin + 1) - edges(bin)) / static_cast<double>(within);
      s(along) = edges(bin) + (static_cast<double>(k) + 0.5) * width;
      for (Index other = 0; other < others; ++other) {
        double volume = width;
        for (Index i = 0, rest = other; i < d; ++i) {
          if (i == along) continue;
          const double step = 12.0 * sd(i) / static_cast<double>(across);
          s(i) = density.mean(i) - 6.0 * sd(i) + (static_cast<double>(rest % across) + 0.5) * step;
          volume *= step;
          rest /= across;
        }
        probabilities(bin) += volume * density.density(s);
      }
    }
  return probabilities;
}

}  // namespace

std::vector<MarginalCheck> check_reduction(const SlowSubspace& slow,
                                           const StationaryDensity& density, const Vector& input,
                                           const CheckOptions& options) {
  const Index d = slow.dimension;
  require(slow.report.ok() && slow.table != nullptr, where,
          "the reduction is not ok: ", slow.report.message);
  require(density.mean.size() == d, where, "the density has ", density.mean.size(),
          " dimensions, expected ", d, ": ", density.report.message);
  require(options.paths >= 8 && options.steps >= 100 && options.bins >= 2, where,
          "paths = ", options.paths, ", steps = ", options.steps, ", bins = ", options.bins,
          ", expected >= 8, 100 and 2");
  const models::NoisyChain& chain = slow.diffusion->chain();
  require(chain.state_size() == chain.units(), where,
          "the network has coloured sources, whose paths are not recorded");

  constexpr Index together = 8;
  const Index groups = (options.paths + together - 1) / together, paths = groups * together;
  const Index burn_in = options.steps / 10;
  const auto stride = std::max<Index>(1, static_cast<Index>(std::lround(1.0 / chain.leak())));
  const Index records = (options.steps - burn_in) / stride;

  std::vector<MarginalCheck> checks(static_cast<std::size_t>(d));
  for (Index i = 0; i < d; ++i) {
    MarginalCheck& check = checks[static_cast<std::size_t>(i)];
    check.reduced_mean = density.mean(i);
    check.reduced_sd = std::sqrt(density.covariance(i, i));
    check.edges = Vector::LinSpaced(options.bins + 1, check.reduced_mean - 5.0 * check.reduced_sd,
                                    check.reduced_mean + 5.0 * check.reduced_sd);
    check.reduced = marginal(density, i, check.edges);
  }

  Matrix means(paths, d), squares(paths, d);
  std::vector<Matrix> fractions(static_cast<std::size_t>(d), Matrix::Zero(options.bins + 1, paths));
  const Vector& quantity = checks.front().reduced;
  for (Index group = 0; group < groups; ++group) {
    const double level = (static_cast<double>(group) + 0.5) / static_cast<double>(groups);
    Index bin = 0;
    for (double below = quantity(0); below < level && bin + 1 < options.bins;)
      below += quantity(++bin);
    Vector start = density.mean;
    start(0) = 0.5 * (checks.front().edges(bin) + checks.front().edges(bin + 1));
    const auto found = ensemble::simulate_trajectories(
        chain, input, slow.state(start), options.steps, together,
        {options.seed, options.stream + static_cast<std::uint32_t>(group)});
    for (Index k = 0; k < together; ++k) {
      const Index path = group * together + k;
      Matrix s(d, records);
      for (Index r = 0; r < records; ++r)
        s.col(r) =
            slow.coordinates(found[static_cast<std::size_t>(k)].col(burn_in + (r + 1) * stride));
      for (Index i = 0; i < d; ++i) {
        const MarginalCheck& check = checks[static_cast<std::size_t>(i)];
        const auto off = s.row(i).array() - check.reduced_mean;
        means(path, i) = off.mean();
        squares(path, i) = off.square().mean();
        for (const double value : s.row(i)) {
          const double place = (value - check.edges(0)) / (check.edges(1) - check.edges(0));
          const bool inside = place >= 0.0 && place < static_cast<double>(options.bins);
          const Index cell = inside ? static_cast<Index>(place) : options.bins;
          fractions[static_cast<std::size_t>(i)](cell, path) += 1.0 / static_cast<double>(records);
        }
      }
    }
  }

  for (Index i = 0; i < d; ++i) {
    MarginalCheck& check = checks[static_cast<std::size_t>(i)];
    const auto offset = statistics::estimate_mean(means.col(i));
    check.mean = {check.reduced_mean + offset.value, offset.standard_error};
    // Var = E o² − (E o)², o the offset; its influence function is o² − 2 (E o) o.
    const auto influence =
        statistics::estimate_mean(squares.col(i) - 2.0 * offset.value * means.col(i));
    const double variance = influence.value + offset.value * offset.value +
                            offset.standard_error * offset.standard_error;
    check.sd = {std::sqrt(variance), influence.standard_error / (2.0 * std::sqrt(variance))};
    const Matrix& shares = fractions[static_cast<std::size_t>(i)];
    check.simulated.resize(options.bins);
    check.standard_error.resize(options.bins);
    const auto outside = statistics::estimate_mean(shares.row(options.bins).transpose());
    check.distance = std::abs(outside.value - std::max(0.0, 1.0 - check.reduced.sum()));
    check.sampling_distance = outside.standard_error;
    for (Index bin = 0; bin < options.bins; ++bin) {
      const auto share = statistics::estimate_mean(shares.row(bin).transpose());
      check.simulated(bin) = share.value;
      check.standard_error(bin) = share.standard_error;
      check.distance += std::abs(share.value - check.reduced(bin));
      check.sampling_distance += share.standard_error;
    }
    check.sampling_distance *= std::sqrt(2.0 / std::numbers::pi);
  }
  return checks;
}

}  // namespace stillpoint::fokker_planck
