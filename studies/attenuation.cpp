// SPDX-License-Identifier: GPL-3.0-or-later
// attenuation: which part of the noise an activation lets through, by where it sits.
//
// Question    Noise passes an activation unevenly: below a kink its downward half is cut off, above
//             it passes both ways. How much goes up, how much down, and what mean shift is left?
// Model       f(u + σz), z ~ N(0, 1), every activation f;
//             T+ = E[(f(u + σz) − f(u))+],  T− = E[(f(u + σz) − f(u))−],
//             bias T+ − T−, asymmetry index (T+ − T−)/(T+ + T−) in [−1, 1].
// Methods     A. closed form where there is one, else quadrature
//             B. Monte Carlo: the same `draws` normals z for every activation and every u
// Acceptance  At every point T+, T−, bias and index of B lie within 5 standard errors of A. A mean
//             that fewer than 100 draws carry, or that is within 1e-10 of f(u), has no reliable
//             standard error: it is saved and not judged (the manifest counts). T+ − T− equals
//             E f(u + σz) − f(u), computed by other formulas, within the promised accuracy: 1e-9
//             of T+ and T−, 1e-12 of the means.
// Output      results/attenuation/: theory, monte_carlo, manifest.json
// Figures     plots/attenuation.cpp: attenuation, attenuation_asymmetry
//
// Sample runs attenuation
//             attenuation --sigma 0.25 --range 4

#include <algorithm>
#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include "lib/activations/activation.hpp"
#include "lib/core/parallel.hpp"
#include "lib/core/progress.hpp"
#include "lib/io/results.hpp"
#include "lib/random/normal.hpp"
#include "lib/statistics/estimate.hpp"
#include "plots/attenuation.hpp"
#include "studies/support/about.hpp"
#include "studies/support/options.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;
using statistics::Estimate;

namespace {

/// Method B at one point. A standard error is reliable where a mean is carried by at least 100
/// draws, (Σd)²/Σd², and stands above the rounding of f(u + σz) − f(u).
struct Sampled {
  Estimate up, down, bias, asymmetry;
  bool up_reliable = false, down_reliable = false, sum_reliable = false;
};

/// Method A at one point; the index is NaN where nothing is transmitted.
struct Exact {
  double up, down, bias, asymmetry;
};

Exact exact(const activations::Activation& f, double u, double sigma) {
  const auto [up, down] = activations::attenuation(f, u, sigma);
  return {up, down, up - down, (up - down) / (up + down)};
}

/// The largest deviation of one quantity, in standard errors.
struct Worst {
  double z = 0.0;
  Index judged = 0;

  void judge(const Estimate& estimate, double exact_value) {
    z = studies::worse(z, std::abs(statistics::z_score(estimate, {exact_value})));
    ++judged;
  }
};

Sampled sample(const activations::Activation& activation, double u, double sigma,
               const std::vector<double>& normals) {
  double up = 0.0, down = 0.0, up_squares = 0.0, down_squares = 0.0;
  Sampled out;
  std::visit(
      [&](const auto& f) {
        const double rest = f(u);
        for (const double z : normals) {
          const double d = f(u + sigma * z) - rest;
          if (d > 0.0) {
            up += d;
            up_squares += d * d;
          } else if (d < 0.0) {
            down -= d;
            down_squares += d * d;
          }
        }
      },
      activation);
  const double rounding = 1e-10 * std::abs(activations::value(activation, u));
  const double n = static_cast<double>(normals.size());
  const auto reliable = [&](double sum, double squares) {
    return sum * sum >= 100.0 * squares && sum > n * rounding;
  };
  out.up_reliable = reliable(up, up_squares);
  out.down_reliable = reliable(down, down_squares);
  out.sum_reliable = reliable(up + down, up_squares + down_squares);
  up /= n, down /= n, up_squares /= n, down_squares /= n;
  const auto error = [n](double variance) { return std::sqrt(std::max(variance, 0.0) / n); };
  const double bias = up - down, total = up + down, squares = up_squares + down_squares;
  out.up = {up, error(up_squares - up * up)};
  out.down = {down, error(down_squares - down * down)};
  out.bias = {bias, error(squares - bias * bias)};
  // Ratio of two means of the same draws, variance of d − index |d| (delta method), written without
  // a difference; near ±1 the index itself is rounded.
  const double up_weight = 2 * down / total, down_weight = 2 * up / total;  // 1 ∓ index
  const double residual =
      up_squares * up_weight * up_weight + down_squares * down_weight * down_weight;
  out.asymmetry = {bias / total, error(residual) / total + 1e-15};
  return out;
}

int run(int argc, char** argv) {
  // 1. Parameters.
  double sigma = 1.0, range = 3.0;
  Index points = 13, draws = 400000;
  studies::Options options("attenuation", studies::about);
  options
      .add("sigma", sigma, "standard deviation of the noise in the argument",
           studies::Allowed::positive())
      .add("range", range, "largest |u|/sigma", studies::Allowed::positive())
      .add("points", points, "number of simulated points from -range to range",
           studies::Allowed::between(2, 10000))
      .add("draws", draws, "number of normals at a point", studies::Allowed::between(1000, 1e9));
  if (!options.parse(argc, argv)) return 0;
  options.quick_value("draws", draws, 50000);
  io::Results results = options.results();

  // 2. Model: every activation at distances u/σ; theory on a finer grid, for its curves.
  std::vector<activations::Activation> all;
  for (const auto name : activations::activation_names()) {
    all.push_back(activations::make_activation(name));
  }
  const auto distances = [range](Index count) { return Vector::LinSpaced(count, -range, range); };

  // 3. Method A.
  io::Table theory({"activation", "distance", "u", "up", "down", "bias", "asymmetry"});
  double worst_sum = 0.0;
  for (const auto& f : all) {
    for (const double x : distances(241)) {
      const double u = sigma * x;
      const auto a = exact(f, u, sigma);
      theory.row({activations::name(f), x, u, a.up, a.down, a.bias, a.asymmetry});
      const double rest = activations::value(f, u), mean = activations::averages(f, u, sigma).mean;
      const double promised =
          1e-9 * (a.up + a.down) + 1e-12 * (std::abs(rest) + std::abs(mean)) + 1e-300;
      worst_sum = studies::worse(worst_sum, std::abs(a.bias - (mean - rest)) / promised);
    }
  }
  results.table("theory", std::move(theory));

  // 4. Method B and its comparison with A.
  std::vector<double> normals(draws);
  for (Index k = 0; k < draws; ++k) normals[k] = random::normal({.seed = options.seed()}, k, 0, 0);
  const Index activation_count = static_cast<Index>(all.size());
  std::vector<Sampled> sampled(activation_count * points);
  Progress progress("Monte Carlo", activation_count * points);
  const Vector simulated = distances(points);
  parallel_for(activation_count * points, options.threads(), [&](Index k) {
    sampled[k] = sample(all[k / points], sigma * simulated[k % points], sigma, normals);
    progress.advance();
  });

  io::Table monte_carlo({"activation", "distance", "u", "up", "up_se", "down", "down_se", "bias",
                         "bias_se", "asymmetry", "asymmetry_se"});
  Worst up, down, bias, asymmetry;
  for (Index k = 0; k < activation_count * points; ++k) {
    const auto& f = all[k / points];
    const double x = simulated[k % points], u = sigma * x;
    const Sampled& b = sampled[k];
    monte_carlo.row({activations::name(f), x, u, b.up.value, b.up.standard_error, b.down.value,
                     b.down.standard_error, b.bias.value, b.bias.standard_error, b.asymmetry.value,
                     b.asymmetry.standard_error});
    const auto a = exact(f, u, sigma);
    if (b.up_reliable) up.judge(b.up, a.up);
    if (b.down_reliable) down.judge(b.down, a.down);
    if (b.sum_reliable) bias.judge(b.bias, a.bias);
    if (b.up_reliable && b.down_reliable) asymmetry.judge(b.asymmetry, a.asymmetry);
  }
  results.table("monte_carlo", std::move(monte_carlo));

  // 5. Judge, draw.
  studies::Verdict verdict(results);
  verdict.at_most("T+, largest |z|", up.z, 5.0)
      .at_most("T-, largest |z|", down.z, 5.0)
      .at_most("bias, largest |z|", bias.z, 5.0)
      .at_most("asymmetry, largest |z|", asymmetry.z, 5.0)
      .at_most("T+ - T- against mean shift", worst_sum, 1.0)
      .field("values", 4 * activation_count * points)
      .field("values_judged", up.judged + down.judged + bias.judged + asymmetry.judged);
  if (options.plots()) plots::attenuation(results);
  return verdict.exit_code();
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("attenuation", run, argc, argv); }
