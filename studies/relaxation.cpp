// SPDX-License-Identifier: GPL-3.0-or-later
// relaxation: how does a noisy network forget, and do its modes say so?
//
// Question    Noise kicks a network away from its fixed point. With which times and frequencies
//             does it come back, and how far from the linearisation are they?
// Model       h' = (1−g) h + g (f(W h + c) + s ξ), one or two neurons, time in units of tau, a step
//             lasts g. Its diffusion limit: dh = (f(W h + c) − h) dt + s √g dω.
// Methods     fokker_planck  spectrum of the generator and autocovariance C(t) of each neuron by
//                            e^{tQ} on a grid and one with half the cells, extrapolated
//             corrected      the same for the diffusion that has the chain's law and correlations
//                            to O(g²): Ã = A − (g/2)(J A + D:∇∇A), D̃ = D − (g/2)(J D + D Jᵀ)
//             linearised     at the first stable fixed point: eigenvalues m λ₁ + n λ₂ of its
//                            Ornstein–Uhlenbeck process, C(t) = e^{tJ} C
//             Monte Carlo of the chain at lag t/g, errors from independent paths
// Acceptance  corrected and Monte Carlo: |ΔC| ≤ 5 standard errors + the grid's estimated error + R
//             at every lag. R = δ²/C(0), δ the largest difference between corrected and
//             fokker_planck: δ is the O(g) that was corrected for, R the size of the next order.
//             Linearised network, in closed form: C(t) of the grid within the grid's estimated
//             error + 1e-4 of C(0) (the box holds all but 1e-6), the two slowest eigenvalues to 1
//             %. f = identity: the chain's exact C(t) = (1 + gJ)ᵏ C and Monte Carlo within 5
//             standard errors, no allowance.
// Output      results/relaxation/: autocovariance, eigenvalues, relaxation_times, manifest.json
// Figure      plots/relaxation.cpp
//
// Sample runs relaxation
//             relaxation --weights 0.9 0.6 0.6 0.9 --bias 0 --sigma 1.5
//             relaxation --weights 0.5 --activation identity

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <string>
#include <unsupported/Eigen/MatrixFunctions>
#include <vector>

#include "lib/core/parallel.hpp"
#include "lib/core/progress.hpp"
#include "lib/core/require.hpp"
#include "lib/io/results.hpp"
#include "lib/models/noisy_diffusion.hpp"
#include "lib/networks/single_unit.hpp"
#include "lib/statistics/autocovariance.hpp"
#include "plots/relaxation.hpp"
#include "solvers/algebraic/stein.hpp"
#include "solvers/ensemble/trajectories.hpp"
#include "solvers/fixed_points/find.hpp"
#include "solvers/fokker_planck/domain.hpp"
#include "solvers/fokker_planck/evolve.hpp"
#include "solvers/fokker_planck/finite_volume.hpp"
#include "solvers/fokker_planck/leak_corrections.hpp"
#include "studies/support/about.hpp"
#include "studies/support/options.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
using Eigenvalues = std::vector<std::complex<double>>;

struct Network {
  activations::Activation activation;
  Matrix W;
  double bias = 0.2, leak = 0.05;

  Index units() const { return W.rows(); }
  models::NoisyChain chain(double sigma) const {
    return {networks::make_network({.equation = networks::Equation::rate,
                                    .W = W,
                                    .b = Vector::Constant(units(), bias),
                                    .activation = activation,
                                    .leak = leak}),
            networks::white_noise(networks::NoiseSource::outside, sigma)};
  }
};

/// Where the law of a diffusion is, and the coefficients there.
struct Place {
  Report report;
  fokker_planck::Chart chart;
  std::vector<fokker_planck::Axis> axes;

  fokker_planck::Grid grid(Index cells) const {
    std::vector<fokker_planck::Axis> resolved = axes;
    for (auto& axis : resolved) axis.cells = cells;
    return fokker_planck::Grid(resolved);
  }
};

/// @param[in] attractors  Stable states that the law has to contain.
Place find_place(const fokker_planck::Coefficients& coefficients,
                 const std::vector<Vector>& attractors) {
  const Index n = coefficients.dimension;
  Matrix starts(n, 2 * n + 1);
  starts << Vector::Constant(n, 0.1), Matrix::Identity(n, n), -Matrix::Identity(n, n);
  const auto domain = fokker_planck::find_domain(
      coefficients, fokker_planck::guess_law(coefficients, starts, 200), {.tail_mass = 1e-6});
  Place place{domain.report, domain.chart, domain.axes};
  for (const Vector& state : attractors) {
    if (!place.report.ok()) break;
    const Vector s = place.chart.coordinates(state);
    for (Index i = 0; i < n; ++i) {
      const auto& axis = place.axes[static_cast<std::size_t>(i)];
      if (s(i) < axis.lower || s(i) > axis.upper)
        place.report = Report::failure(
            Status::outside_validity,
            "a stable state lies outside the box of the law: noise takes the network there too "
            "rarely to be resolved, choose more noise");
    }
  }
  return place;
}

/// Autocovariances of the units, (units, times), and what is known of their error.
struct Correlation {
  Report report;
  Matrix value;
  double error = not_a_number;  // of value, estimated
};

Matrix correlate(const fokker_planck::Coefficients& coefficients, const Place& place, Index cells,
                 const Vector& times, Report& report) {
  const auto on_chart = fokker_planck::on_chart(coefficients, place.chart);
  const auto grid = place.grid(cells);
  const Index n = coefficients.dimension;
  const auto generator = fokker_planck::make_generator(on_chart, grid);
  const auto law = fokker_planck::solve_finite_volume(on_chart, grid, {.estimate_error = false});
  if (!generator.report.ok()) report = generator.report;
  if (!law.report.ok()) report = law.report;
  Matrix value = Matrix::Constant(n, times.size(), not_a_number);
  if (!report.ok()) return value;
  Matrix states(n, grid.cells());
  Vector s;
  for (Index cell = 0; cell < grid.cells(); ++cell) {
    grid.centre(cell, s);
    states.col(cell) = place.chart.position(s);
  }
  for (Index i = 0; i < n; ++i)
    value.row(i) = fokker_planck::autocorrelation(generator.rates, law.masses,
                                                  states.row(i).transpose(), times)
                       .transpose();
  return value;
}

/// Second order in the mesh: extrapolated from two grids; a third of their difference is the error
/// of the finer one, a generous bound for the extrapolation.
Correlation solve_correlation(const fokker_planck::Coefficients& coefficients, const Place& place,
                              Index cells, const Vector& times) {
  Correlation answer{.report = place.report,
                     .value = Matrix::Constant(coefficients.dimension, times.size(), not_a_number)};
  if (!answer.report.ok()) return answer;
  const Matrix fine = correlate(coefficients, place, cells, times, answer.report);
  const Matrix change =
      (fine - correlate(coefficients, place, cells / 2, times, answer.report)) / 3.0;
  answer.value = fine + change;
  answer.error = change.cwiseAbs().maxCoeff();
  return answer;
}

/// Removes the eigenvalue of largest modulus if it is half of a pair that did not fit into a count.
void drop_half_pair(Eigenvalues& values) {
  const auto last =
      std::max_element(values.begin(), values.end(),
                       [](const auto& a, const auto& b) { return std::abs(a) < std::abs(b); });
  const auto is_partner = [&last](const auto& other) {
    return std::abs(other - std::conj(*last)) < 1e-6 * std::abs(*last);
  };
  if (last != values.end() && last->imag() != 0.0 &&
      std::none_of(values.begin(), values.end(), is_partner))
    values.erase(last);
}

/// The eigenvalues of least modulus, slowest first, extrapolated likewise.
fokker_planck::Modes solve_modes(const fokker_planck::Coefficients& coefficients,
                                 const Place& place, Index cells, Index count) {
  if (!place.report.ok()) return {.report = place.report, .eigenvalues = {}};
  const auto on_chart = fokker_planck::on_chart(coefficients, place.chart);
  auto modes =
      fokker_planck::slowest_modes(on_chart, place.grid(cells), count, {.estimate_error = false});
  const auto rough = fokker_planck::slowest_modes(on_chart, place.grid(cells / 2), count,
                                                  {.estimate_error = false});
  if (!rough.report.ok()) modes.report = rough.report;
  if (!modes.report.ok()) return modes;
  for (auto& value : modes.eigenvalues) {
    const auto partner = *std::min_element(rough.eigenvalues.begin(), rough.eigenvalues.end(),
                                           [&value](const auto& a, const auto& b) {
                                             return std::abs(a - value) < std::abs(b - value);
                                           });
    value += (value - partner) / 3.0;
  }
  drop_half_pair(modes.eigenvalues);
  return modes;
}

/// The diagonal of e^{tJ} C, (units, times).
Matrix linear_correlation(const Matrix& J, const Matrix& C, const Vector& times) {
  Matrix value(J.rows(), times.size());
  for (Index k = 0; k < times.size(); ++k)
    value.col(k) = (Matrix((times(k) * J).exp()) * C).diagonal();
  return value;
}

/// m λ₁ + n λ₂ without 0, smallest first.
Eigenvalues linear_spectrum(const Eigen::VectorXcd& rates, std::size_t count) {
  Eigenvalues all;
  for (int m = 0; m <= 8; ++m)
    for (int n = 0; n <= (rates.size() > 1 ? 8 : 0); ++n)
      if (m + n > 0)
        all.push_back(static_cast<double>(m) * rates(0) +
                      (n > 0 ? static_cast<double>(n) * rates(1) : 0.0));
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return std::abs(a) < std::abs(b); });
  all.resize(std::min(count, all.size()));
  drop_half_pair(all);
  return all;
}

/// Largest distance of the slowest `count` eigenvalues from those of a list.
double distance(const Eigenvalues& found, const Eigenvalues& exact, std::size_t count) {
  if (found.size() < count) return not_a_number;
  double worst = 0.0;
  for (std::size_t k = 0; k < count; ++k) {
    double nearest = std::numeric_limits<double>::infinity();
    for (const auto& other : exact) nearest = std::min(nearest, std::abs(found[k] - other));
    worst = std::max(worst, nearest / std::abs(found[k]));
  }
  return worst;
}

/// Paths of the chain from its stationary law on, in pieces that run at the same time.
std::vector<Matrix> simulate(const models::NoisyChain& chain, Index paths, Index steps,
                             const studies::Options& options) {
  constexpr Index piece = 32;
  std::vector<Matrix> all(static_cast<std::size_t>(paths));
  parallel_for((paths + piece - 1) / piece, options.threads(), [&](Index k) {
    const Index first = k * piece, count = std::min(piece, paths - first);
    auto some =
        ensemble::simulate_trajectories(chain, Matrix(0, 1), Vector::Zero(chain.units()), steps,
                                        count, {options.seed(), static_cast<std::uint32_t>(k)});
    std::move(some.begin(), some.end(), all.begin() + first);
  });
  return all;
}

int run(int argc, char** argv) {
  // 1. Parameters.
  Network network;
  std::string activation = "tanh";
  std::vector<double> weights = {0.9, -0.9, 0.7, 0.8};
  std::vector<double> levels = {0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5};
  double sigma = 1.0, horizon = 20.0, duration = 200.0;
  Index paths = 1024, cells = 0, modes = 9;
  studies::Options options("relaxation", studies::about);
  options
      .add("activation", activation, "activation f, smooth",
           studies::Allowed::one_of({"tanh", "erf", "logistic", "identity"}))
      .add("weights", weights,
           "weights W row by row, to i from j: one number for one neuron, four for two")
      .add("bias", network.bias, "constant input c of every neuron")
      .add("leak", network.leak, "g = dt/tau", {.lower = 0.0, .upper = 0.2, .open_lower = true})
      .add("sigma", sigma, "noise s, sd per step, of the autocovariances",
           studies::Allowed::positive())
      .add("levels", levels, "noise levels of the relaxation times", studies::Allowed::positive())
      .add("horizon", horizon, "longest lag, in units of tau", studies::Allowed::positive())
      .add("duration", duration, "time averaged over in each path, in units of tau",
           studies::Allowed::positive())
      .add("paths", paths, "simulated networks", studies::Allowed::between(16, 1e6))
      .add("modes", modes, "eigenvalues asked for, those of least modulus",
           studies::Allowed::between(2, 20))
      .add("cells", cells, "cells an axis; 0: 1024 for one neuron, 128 for two",
           studies::Allowed::between(0, 4096));
  if (!options.parse(argc, argv)) return 0;
  require(weights.size() == 1 || weights.size() == 4, "--weights", weights.size(),
          " numbers, expected one (a neuron) or four (two neurons)");
  const Index n = weights.size() == 1 ? 1 : 2;
  require(cells == 0 || cells >= 16, "--cells", "cells = ", cells, ", expected 0 or at least 16");
  require(duration > 2.0 * horizon, "--duration", "duration = ", duration,
          ", expected more than twice the horizon ", horizon);
  options.quick_value("paths", paths, 256);
  if (options.quick() && !options.given("levels"))
    levels = {levels.front(), levels[levels.size() / 2], levels.back()};
  if (cells == 0) cells = n == 1 ? 1024 : options.quick() ? 64 : 112;
  std::sort(levels.begin(), levels.end());
  network.activation = activations::make_activation(activation);
  network.W = Eigen::Map<const Matrix>(weights.data(), n, n).transpose();
  const double g = network.leak;
  io::Results results = options.results();
  studies::Verdict verdict(results);

  // 2. The fixed point and its linearisation.
  const auto chain = network.chain(sigma);
  const models::NoisyDiffusion diffusion(chain, Vector(0));
  const auto found = fixed_points::find(network.chain(0.0), Vector(0), {}, Matrix(n, 0),
                                        {.starts = 128, .threads = options.threads()});
  const auto stable = std::find_if(found.points.begin(), found.points.end(), [](const auto& point) {
    return point.stability == fixed_points::Stability::stable;
  });
  require(stable != found.points.end(), "--weights",
          "the network has no stable fixed point to relax to: choose smaller weights");
  std::vector<Vector> attractors;
  for (const auto& point : found.points)
    if (point.stability == fixed_points::Stability::stable) attractors.push_back(point.state);
  Matrix J(n, n);
  diffusion.drift_jacobian(0.0, stable->state, J);
  const Matrix noise = g * sigma * sigma * Matrix::Identity(n, n);
  const Eigen::VectorXcd rates = J.eigenvalues();

  // 3. Fokker–Planck: modes and autocovariances; the same for the linearised network.
  const Index every = std::max<Index>(1, static_cast<Index>(std::round(horizon / (40.0 * g))));
  std::vector<Index> lags;
  for (Index lag = 0; static_cast<double>(lag) * g <= horizon * (1.0 + 1e-12); lag += every)
    lags.push_back(lag);
  Vector times(static_cast<Index>(lags.size()));
  for (Index k = 0; k < times.size(); ++k)
    times(k) = g * static_cast<double>(lags[static_cast<std::size_t>(k)]);
  const auto limit = fokker_planck::coefficients_of(diffusion);
  const double width = 0.02 * std::sqrt(noise(0, 0));
  const auto corrected = fokker_planck::with_additive_backward_error(limit, g, width);
  const Place place = find_place(limit, attractors);
  const auto plain = solve_correlation(limit, place, cells, times);
  const auto better = solve_correlation(corrected, place, cells, times);
  const auto limit_modes = solve_modes(limit, place, cells, modes);
  const auto corrected_modes = solve_modes(corrected, place, cells, modes);

  Vector slope(n);
  for (Index i = 0; i < n; ++i)
    slope(i) = activations::derivative(network.activation, 1, stable->argument(i));
  const models::NoisyDiffusion straight(chain.linearized(slope), Vector(0));
  const auto straight_coefficients = fokker_planck::coefficients_of(straight);
  const Place straight_place = find_place(straight_coefficients, {});
  const auto straight_grid = solve_correlation(straight_coefficients, straight_place, cells, times);
  const auto straight_modes = solve_modes(straight_coefficients, straight_place, cells, modes);
  const Matrix linear = linear_correlation(J, algebraic::solve_lyapunov(J, noise).X, times);

  // 4. Monte Carlo of the chain.
  const double longest_time =
      corrected_modes.eigenvalues.empty() ? 1.0 : -1.0 / corrected_modes.eigenvalues[0].real();
  const Index burn_in = static_cast<Index>(std::ceil(10.0 * longest_time / g));
  const Index steps = static_cast<Index>(std::ceil(duration / g));
  require(static_cast<double>(n * paths) * static_cast<double>(burn_in + steps) < 3e8, "--paths",
          paths, " paths of ", burn_in + steps, " steps (slowest mode: ", longest_time,
          " tau) do not fit into memory: choose fewer paths, a shorter duration or more noise");
  const auto sampled =
      statistics::autocovariance(simulate(chain, paths, burn_in + steps, options), burn_in, lags);

  // 5. Comparison and tables.
  io::Table autocovariance({"unit", "time", "fokker_planck", "corrected", "linearised",
                            "monte_carlo", "monte_carlo_se", "allowance"});
  double worst = 0.0, worst_plain = 0.0, gap = 0.0, worst_linear = 0.0, next_order = 0.0;
  for (Index i = 0; i < n; ++i) {
    const double first_order = (better.value.row(i) - plain.value.row(i)).cwiseAbs().maxCoeff();
    const double allowance = better.error + first_order * first_order / better.value(i, 0);
    next_order = studies::worse(next_order, allowance / better.value(i, 0));
    for (Index k = 0; k < times.size(); ++k) {
      const double se = sampled.standard_error(i, k), C = sampled.value(i, k);
      worst = studies::worse(worst, std::abs(better.value(i, k) - C) / (5.0 * se + allowance));
      gap = studies::worse(gap, std::abs(better.value(i, k) - C) / se);
      worst_plain = studies::worse(worst_plain, std::abs(plain.value(i, k) - C) / se);
      worst_linear = studies::worse(worst_linear, std::abs(linear(i, k) - C) / se);
      autocovariance.row(
          {i + 1, times(k), plain.value(i, k), better.value(i, k), linear(i, k), C, se, allowance});
    }
  }
  results.table("autocovariance", autocovariance);
  io::Table eigenvalues({"method", "number", "real", "imaginary"});
  const auto list = [&eigenvalues](const char* method, const Eigenvalues& values) {
    for (std::size_t k = 0; k < values.size(); ++k)
      eigenvalues.row({method, static_cast<Index>(k + 1), values[k].real(), values[k].imag()});
  };
  list("fokker_planck", limit_modes.eigenvalues);
  list("corrected", corrected_modes.eigenvalues);
  list("linearised", linear_spectrum(rates, static_cast<std::size_t>(modes + 6)));
  results.table("eigenvalues", eigenvalues);

  // 6. The slowest mode at every noise.
  io::Table relaxation_times({"sigma", "valid", "relaxation_time", "period", "linearised"});
  Index solved = 0;
  Progress progress("noise levels", static_cast<Index>(levels.size()));
  for (const double level : levels) {
    const models::NoisyDiffusion at(network.chain(level), Vector(0));
    const auto coefficients = fokker_planck::coefficients_of(at);
    const auto slow =
        solve_modes(coefficients, find_place(coefficients, attractors), n == 1 ? 512 : 80, modes);
    const bool good = slow.report.ok() && !slow.eigenvalues.empty();
    const auto first = good ? slow.eigenvalues[0] : std::complex<double>(not_a_number, 0.0);
    relaxation_times.row({level, good, -1.0 / first.real(),
                          first.imag() != 0.0 ? 2.0 * M_PI / std::abs(first.imag()) : not_a_number,
                          -1.0 / rates.real().maxCoeff()});
    solved += good;
    results.table("relaxation_times", relaxation_times);
    progress.advance();
  }

  // 7. Judge, draw.
  verdict.solved("autocovariance of the diffusion", plain.report);
  verdict.solved("autocovariance with the chain's correction", better.report);
  verdict.solved("modes of the diffusion", limit_modes.report);
  verdict.at_most("Monte Carlo against corrected, gap over 5 standard errors + allowance", worst,
                  1.0);
  verdict.at_most("allowance over the variance", next_order, 0.1);
  verdict.at_most("linearised network: C(t) of the grid against e^{tJ} C, over estimated error",
                  (straight_grid.value - linear).cwiseAbs().maxCoeff() /
                      (straight_grid.error + 1e-4 * linear.col(0).maxCoeff()),
                  1.0);
  verdict.at_most("linearised network: slowest eigenvalues against the Jacobian's",
                  distance(straight_modes.eigenvalues, linear_spectrum(rates, 80), 2), 0.01);
  if (activation == "identity") {
    const Matrix step = Matrix::Identity(n, n) + g * J;
    const auto law = algebraic::solve_stein(step, g * noise);
    Matrix lagged = law.X;
    double worst_exact = law.report.ok() ? 0.0 : not_a_number;
    for (Index k = 0, lag = 0; k < times.size(); ++k) {
      for (; lag < lags[static_cast<std::size_t>(k)]; ++lag) lagged = step * lagged;
      for (Index i = 0; i < n; ++i)
        worst_exact = studies::worse(worst_exact, std::abs(lagged(i, i) - sampled.value(i, k)) /
                                                      sampled.standard_error(i, k));
    }
    verdict.at_most("Monte Carlo against the exact linear chain, standard errors", worst_exact,
                    5.0);
  }
  verdict.field("relaxation_time", longest_time);
  verdict.field("standard_errors_corrected", gap);
  verdict.field("standard_errors_fokker_planck", worst_plain);
  verdict.field("standard_errors_linearised", worst_linear);
  verdict.field("grid_error_over_variance", better.error / better.value.col(0).minCoeff());
  verdict.field("levels_solved", static_cast<std::int64_t>(solved));
  if (options.plots()) plots::relaxation(results);
  return verdict.exit_code();
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("relaxation", run, argc, argv); }
