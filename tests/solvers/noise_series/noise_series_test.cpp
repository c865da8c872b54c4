// SPDX-License-Identifier: GPL-3.0-or-later
// The noise series against the exact law (transfer operator, quadrature of the Fokker–Planck law):
// the orders of the errors; the two derivations against each other (raw moments of one neuron,
// cumulants of a network); the conjugacy of the two equations.
#define BOOST_TEST_MODULE noise_series
#include <Eigen/LU>
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "lib/networks/single_unit.hpp"
#include "solvers/fokker_planck/spectral.hpp"
#include "solvers/moments/stationary.hpp"
#include "solvers/noise_series/noise_series.hpp"
#include "solvers/noise_series/series_validity.hpp"
#include "solvers/transfer_operator/plane.hpp"
#include "solvers/transfer_operator/stationary.hpp"
#include "tests/solvers/noise_series/series_cases.hpp"
#include "tests/support/effort.hpp"

using namespace stillpoint;
using networks::Equation;
using networks::NoiseSource;
using noise_series::evaluate;
using tests::NeuronCase;

namespace {

/// Mean, variance and third cumulant, and what each may be wrong by.
struct Exact {
  double value[3], error[3];
};

/// @brief Orders of mean, variance and third cumulant after orders 2 and 4 of a one-neuron series.
///
/// Read between x and x/2, x = level², where the terms after the next, which the series knows,
/// change the error by at most 2 %, and so the order by 0.03. A quantity whose error is there below
/// a hundred times that of the exact law, or whose next term vanishes by chance, is left out; the
/// caller sees how many were measured.
template <typename Solve>
int check_orders(const noise_series::NoiseSeries& series, Solve&& exact_at,
                 const std::string& name) {
  const auto coefficient = [&](int quantity, std::size_t k) {
    return std::abs(quantity == 0   ? series.mean[k](0)
                    : quantity == 1 ? series.covariance[k](0, 0)
                                    : series.third[k][0](0, 0));
  };
  int measured = 0;
  for (int quantity = 0; quantity < 3; ++quantity)
    for (const std::size_t omitted : {2, 3}) {
      const double c = coefficient(quantity, omitted);
      double x = 0.1 / series.argument_covariance(0, 0);
      for (std::size_t k = 1; k <= 2; ++k)
        x = std::min(x, std::pow(0.02 * c / coefficient(quantity, omitted + k), 1.0 / k));
      const auto error = [&](double level, double& uncertainty) {
        const Exact exact = exact_at(level);
        const auto sum = evaluate(series, level, 2 * static_cast<Index>(omitted) - 2);
        const double values[] = {sum.mean(0), sum.covariance(0, 0), sum.third[0](0, 0)};
        uncertainty = exact.error[quantity];
        return std::abs(exact.value[quantity] - values[quantity]);
      };
      double high_uncertainty = 0.0, uncertainty = 0.0;
      const double high = error(std::sqrt(x), high_uncertainty),
                   low = error(std::sqrt(0.5 * x), uncertainty);
      if (c * std::pow(0.5 * x, omitted) < 100.0 * uncertainty) continue;
      ++measured;
      const double order = 2.0 * std::log2(high / low), expected = 2.0 * omitted;
      BOOST_TEST(std::abs(order - expected) < 0.1,
                 name << ", quantity " << quantity << ": observed order " << order << " at level "
                      << std::sqrt(x) << ", expected " << expected);
    }
  return measured;
}

}  // namespace

// The exact values are good to some units of the last place of h0, of h0 sd and h0 sd²: their own
// estimates, changes on doubling the resolution, are upper bounds that hide this.
BOOST_AUTO_TEST_CASE(errors_of_one_neuron_vanish_with_the_promised_order) {
  int measured = 0;
  for (const NeuronCase& neuron : tests::smooth_neurons()) {
    const auto series =
        noise_series::solve_noise_series(neuron.chain(1.0), Vector(), neuron.fixed_point(), 4);
    BOOST_REQUIRE(series.report.ok());
    measured += check_orders(
        series,
        [&](double s) {
          const auto exact = transfer_operator::solve_stationary(neuron.chain(s), Vector());
          BOOST_REQUIRE(exact.report.ok());
          const double sd = std::sqrt(exact.variance), unit = std::abs(exact.mean) + sd;
          return Exact{{exact.mean, exact.variance, exact.skewness * std::pow(sd, 3)},
                       {5e-16 * unit, 1e-15 * unit * sd, 3e-15 * unit * sd * sd}};
        },
        neuron.name);
  }
  BOOST_TEST_MESSAGE("chain: " << measured << " orders of 54 measured");
  BOOST_TEST(measured >= 45);
}

// The diffusion's law in closed form, p = (const/b) exp(2∫A/b).
BOOST_AUTO_TEST_CASE(errors_of_the_diffusion_vanish_with_the_promised_order) {
  int measured = 0;
  for (const NeuronCase& neuron : tests::smooth_neurons()) {
    const models::NoisyDiffusion unit_noise(neuron.chain(1.0), Vector());
    const auto series = noise_series::solve_noise_series(unit_noise, neuron.fixed_point(), 4);
    BOOST_REQUIRE(series.report.ok());
    measured += check_orders(
        series,
        [&](double s) {
          const models::NoisyDiffusion diffusion(neuron.chain(s), Vector());
          const double sd = s * std::sqrt(series.covariance[1](0, 0));
          const auto exact = tests::exact_diffusion_law(diffusion, series.fixed_point(0), sd);
          const double unit = std::abs(exact.mean) + sd;
          return Exact{{exact.mean, exact.variance, exact.third},
                       {1e-13 * sd + 2e-16 * unit, 1e-13 * sd * sd, 3e-13 * sd * sd * sd}};
        },
        neuron.name + " diffusion");
  }
  BOOST_TEST_MESSAGE("diffusion: " << measured << " orders of 54 measured");
  BOOST_TEST(measured >= 40);
}

// Uncoupled units: the network's cumulant tensors against the recursion of one neuron, which was
// derived otherwise. Equal to rounding, chain and diffusion.
BOOST_AUTO_TEST_CASE(uncoupled_networks_are_single_neurons) {
  for (const auto equation : networks::all_equations)
    for (const bool diffusion : {false, true}) {
      const Vector w = (Vector(3) << 0.5, -1.2, 0.8).finished(),
                   b = (Vector(3) << 0.4, 0.7, -0.3).finished();
      const std::vector<double> inside = {0.4, 0.9, 0.0}, outside = {0.0, 0.5, 0.7};
      const auto chain_of = [&](const std::vector<Index>& units) {
        networks::Network network{.equation = equation,
                                  .W = Matrix::Zero(units.size(), units.size()),
                                  .b = Vector(units.size()),
                                  .activation = activations::Logistic{},
                                  .leak = 0.4};
        networks::NoiseSpec noise{{.where = NoiseSource::inside, .sigma = {}},
                                  {.where = NoiseSource::outside, .sigma = {}}};
        for (std::size_t k = 0; k < units.size(); ++k) {
          network.W(k, k) = w(units[k]);
          network.b(k) = b(units[k]);
          noise[0].sigma.push_back(inside[units[k]]);
          noise[1].sigma.push_back(outside[units[k]]);
        }
        return models::NoisyChain(network, noise);
      };
      const auto solve = [&](const models::NoisyChain& chain) {
        const Vector state = tests::fixed_point_of(chain);
        return diffusion ? noise_series::solve_noise_series(models::NoisyDiffusion(chain, Vector()),
                                                            state, 4)
                         : noise_series::solve_noise_series(chain, Vector(), state, 4);
      };
      const auto network = solve(chain_of({0, 1, 2}));
      BOOST_REQUIRE(network.report.ok());
      for (Index i = 0; i < 3; ++i) {
        const auto neuron = solve(chain_of({i}));
        for (std::size_t k = 1; k <= 2; ++k) {
          const auto near = [&](double a, double c) {
            BOOST_TEST(std::abs(a - c) < 1e-13 * (1.0 + std::abs(c)), a << ", expected " << c);
          };
          near(network.mean[k](i), neuron.mean[k](0));
          near(network.covariance[k](i, i), neuron.covariance[k](0, 0));
          near(network.third[k][i](i, i), neuron.third[k][0](0, 0));
        }
      }
      BOOST_TEST(std::abs(network.covariance[2](0, 1)) < 1e-15);
      BOOST_TEST(std::abs(network.third[2][0](1, 2)) < 1e-15);
    }
}

// Two coupled neurons against the transfer operator in the plane.
BOOST_AUTO_TEST_CASE(errors_of_two_neurons_vanish_with_the_promised_order) {
  tests::Sampled sampled(5);
  for (const auto equation : networks::all_equations)
    for (const activations::Activation& f : {activations::Activation(activations::Tanh{}),
                                             activations::Activation(activations::Softplus{})})
      for (int placement = 0; placement < 3; ++placement) {
        if (!sampled.next()) continue;
        const auto chain_at = [&](double s) {
          networks::NoiseSpec noise;
          if (placement != 1) noise.push_back({.where = NoiseSource::inside, .sigma = {0.7, 1.0}});
          if (placement != 0) noise.push_back({.where = NoiseSource::outside, .sigma = {1.1, 0.6}});
          return models::NoisyChain(
              networks::Network{.equation = equation,
                                .W = (Matrix(2, 2) << 0.7, -0.9, 0.8, 0.3).finished(),
                                .b = (Vector(2) << 0.5, -0.4).finished(),
                                .activation = f,
                                .leak = 0.4},
              networks::scaled(noise, s));
        };
        std::ostringstream name;
        name << activations::name(f) << ' ' << to_string(equation) << " placement " << placement;
        const auto series = noise_series::solve_noise_series(
            chain_at(1.0), Vector(), tests::fixed_point_of(chain_at(1.0)), 4);
        BOOST_REQUIRE(series.report.ok());
        const double unit = 0.12 / std::sqrt(series.argument_covariance.diagonal().maxCoeff());
        const std::vector<double> levels = {unit, 0.6 * unit};
        Matrix mean(2, 2), covariance(2, 2), third = Matrix::Zero(2, 2);  // errors: (level, order)
        for (Index l = 0; l < 2; ++l) {
          const double s = levels[static_cast<std::size_t>(l)];
          const auto exact =
              transfer_operator::solve_plane(chain_at(s), Vector(), {.tolerance = 1e-11});
          BOOST_TEST(exact.mean_error.maxCoeff() < 1e-10, name.str());
          for (Index k = 0; k < 2; ++k) {
            const auto value = evaluate(series, s, 2 * (k + 1));
            mean(l, k) = (exact.mean - value.mean).norm();
            covariance(l, k) = (exact.covariance - value.covariance).norm();
            for (Index i = 0; i < 2; ++i)
              third(l, k) = std::hypot(
                  third(l, k),
                  exact.skewness(i) * std::pow(exact.covariance(i, i), 1.5) - value.third[i](i, i));
            const Vector error = (exact.mean - value.mean).cwiseAbs();
            BOOST_TEST((error.array() <= value.mean_remainder.array()).all(),
                       name.str() << ": error " << error.transpose() << ", remainder "
                                  << value.mean_remainder.transpose());
            const Matrix difference = (exact.covariance - value.covariance).cwiseAbs();
            BOOST_TEST((difference.array() <= value.covariance_remainder.array()).all(),
                       name.str() << ": error " << difference << ", remainder "
                                  << value.covariance_remainder);
          }
        }
        // The next order changes the observed one by up to 0.16 at this level.
        for (Index k = 0; k < 2; ++k) {
          const auto order = [&](const Matrix& errors) {
            return std::log(errors(0, k) / errors(1, k)) / std::log(levels[0] / levels[1]);
          };
          const double expected = 4.0 + 2.0 * static_cast<double>(k);
          BOOST_TEST(std::abs(order(mean) - expected) < 0.15,
                     name.str() << " mean, observed order " << order(mean));
          BOOST_TEST(std::abs(order(covariance) - expected) < 0.15,
                     name.str() << " covariance, observed order " << order(covariance));
          BOOST_TEST(std::abs(order(third) - expected) < 0.2,
                     name.str() << " third cumulants, observed order " << order(third));
        }
      }
}

// Two coupled neurons in the diffusion limit against its spectral law.
BOOST_AUTO_TEST_CASE(errors_of_two_diffusing_neurons_vanish_with_the_promised_order) {
  tests::Sampled sampled(2, 1);
  for (const auto equation : networks::all_equations) {
    if (!sampled.next()) continue;
    const auto diffusion_at = [&](double s) {
      const networks::NoiseSpec noise{{.where = NoiseSource::inside, .sigma = {0.9, 0.6}},
                                      {.where = NoiseSource::outside, .sigma = {0.5, 1.0}}};
      return models::NoisyDiffusion(
          models::NoisyChain(
              networks::Network{.equation = equation,
                                .W = (Matrix(2, 2) << 0.7, -0.9, 0.8, 0.3).finished(),
                                .b = (Vector(2) << 0.5, -0.4).finished(),
                                .activation = activations::Softplus{},
                                .leak = 0.3},
              networks::scaled(noise, s)),
          Vector());
    };
    const auto unit_noise = diffusion_at(1.0);
    const auto series =
        noise_series::solve_noise_series(unit_noise, tests::fixed_point_of(unit_noise.chain()), 4);
    BOOST_REQUIRE(series.report.ok());
    const double unit = 0.4 / std::sqrt(series.argument_covariance.diagonal().maxCoeff());
    const std::vector<double> levels = {unit, 0.6 * unit};
    Matrix mean(2, 2), covariance(2, 2), third = Matrix::Zero(2, 2);  // errors: (level, order)
    for (Index l = 0; l < 2; ++l) {
      const double s = levels[static_cast<std::size_t>(l)];
      const auto diffusion = diffusion_at(s);
      const auto coefficients = fokker_planck::coefficients_of(diffusion);
      const auto exact =
          fokker_planck::solve_spectral(coefficients, evaluate(series, s).mean,
                                        evaluate(series, s).covariance, {.tolerance = 1e-9});
      BOOST_TEST(exact.error < 1e-8, exact.report.message);
      for (Index k = 0; k < 2; ++k) {
        const auto value = evaluate(series, s, 2 * (k + 1));
        mean(l, k) = (exact.mean - value.mean).norm();
        covariance(l, k) = (exact.covariance - value.covariance).norm();
        for (Index i = 0; i < 2; ++i)
          third(l, k) =
              std::hypot(third(l, k), exact.skewness(i) * std::pow(exact.covariance(i, i), 1.5) -
                                          value.third[i](i, i));
      }
    }
    for (Index k = 0; k < 2; ++k) {
      const auto order = [&](const Matrix& errors) {
        return std::log(errors(0, k) / errors(1, k)) / std::log(levels[0] / levels[1]);
      };
      const double expected = 4.0 + 2.0 * static_cast<double>(k);
      BOOST_TEST_MESSAGE(to_string(equation) << " diffusion: orders " << order(mean) << ' '
                                             << order(covariance) << ' ' << order(third));
      BOOST_TEST(std::abs(order(mean) - expected) < 0.15);
      BOOST_TEST(std::abs(order(covariance) - expected) < 0.15);
      BOOST_TEST(std::abs(order(third) - expected) < 0.15);
    }
  }
}

// x = W h + c + η: a rate network with coloured noise inside, 2n states, is a current network with
// noise on the state, n states. Mean, covariance and third cumulants map exactly at every order.
BOOST_AUTO_TEST_CASE(conjugacy_of_the_two_equations) {
  const double g = 0.3, nu = 0.4;
  const Matrix W = (Matrix(3, 3) << 0.6, -0.8, 0.3, 0.5, 0.2, -0.4, 0.1, 0.7, -0.5).finished();
  networks::Network network{.equation = Equation::current,
                            .W = W,
                            .b = (Vector(3) << 0.4, -0.2, 0.6).finished(),
                            .activation = activations::Tanh{},
                            .leak = g};
  const models::NoisyChain current(
      network, networks::white_noise(NoiseSource::state, nu, networks::NoiseConvention::raw_step));
  network.equation = Equation::rate;
  const models::NoisyChain rate(
      network, networks::NoiseSpec{{.where = NoiseSource::inside,
                                    .sigma = {nu / std::sqrt(g * (2.0 - g))},
                                    .convention = networks::NoiseConvention::stationary_sd,
                                    .correlation_time = -g / std::log(1.0 - g)}});
  const auto x =
      noise_series::solve_noise_series(current, Vector(), tests::fixed_point_of(current), 4);
  const auto h = noise_series::solve_noise_series(rate, Vector(), tests::fixed_point_of(rate), 4);
  BOOST_REQUIRE(x.report.ok());
  BOOST_REQUIRE(h.report.ok());
  const Matrix& B = rate.argument_weights();  // (W, 1)
  for (std::size_t k = 1; k <= 2; ++k) {
    BOOST_TEST((x.mean[k] - B * h.mean[k]).norm() < 1e-13 * (1.0 + x.mean[k].norm()));
    BOOST_TEST((x.covariance[k] - B * h.covariance[k] * B.transpose()).norm() <
               1e-13 * (1.0 + x.covariance[k].norm()));
    for (Index i = 0; i < 3; ++i) {
      Matrix mapped = Matrix::Zero(3, 3);
      for (Index r = 0; r < 6; ++r) mapped += B(i, r) * (B * h.third[k][r] * B.transpose());
      BOOST_TEST((x.third[k][i] - mapped).norm() < 1e-13 * (1.0 + mapped.norm()));
    }
  }
  BOOST_TEST(x.third[2][0].norm() > 1e-5);  // the comparison is of something
}

// A linear network ends at second order, and is exact.
BOOST_AUTO_TEST_CASE(linear_network) {
  const Matrix W = (Matrix(2, 2) << 0.5, -0.9, 0.8, 0.2).finished();
  const models::NoisyChain chain(
      networks::Network{
          .W = W, .b = Vector::Ones(2), .activation = activations::Identity{}, .leak = 0.3},
      networks::white_noise(NoiseSource::inside, 0.7));
  const Vector state = (Matrix::Identity(2, 2) - W).inverse() * Vector::Ones(2);
  const auto series = noise_series::solve_noise_series(chain, Vector(), state, 4);
  BOOST_TEST(series.mean[1].norm() < 1e-15);
  BOOST_TEST(series.covariance[2].norm() < 1e-15);
  const auto closure = moments::solve_closure(chain, Vector(), state, {.tolerance = 1e-15});
  BOOST_TEST((series.covariance[1] - closure.covariance).norm() < 1e-12);
  const auto value = evaluate(series, 1.0);
  BOOST_TEST(value.covariance_remainder.norm() == 0.0);
}

BOOST_AUTO_TEST_CASE(bad_arguments) {
  const auto chain = tests::smooth_neurons().front().chain(0.3);
  const Vector state = tests::smooth_neurons().front().fixed_point();
  BOOST_CHECK_THROW(noise_series::solve_noise_series(chain, Vector(), state, 3),
                    std::invalid_argument);
  BOOST_CHECK_THROW(noise_series::solve_noise_series(chain, Vector(), state, 26),
                    std::invalid_argument);
  BOOST_CHECK_THROW(noise_series::solve_noise_series(chain, Vector(), Vector::Zero(2), 4),
                    std::invalid_argument);
  BOOST_CHECK_THROW(noise_series::solve_noise_series(chain, Vector(), state.array() + 0.01, 4),
                    std::invalid_argument);
  const auto series = noise_series::solve_noise_series(chain, Vector(), state, 4);
  BOOST_CHECK_THROW(evaluate(series, -1.0), std::invalid_argument);
  BOOST_CHECK_THROW(evaluate(series, 1.0, 6), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(unstable_point) {
  const models::NoisyChain chain(
      networks::single_unit(Equation::rate, activations::Tanh{}, 1.5, 0.0, 0.2),
      networks::white_noise(NoiseSource::outside, 0.3));
  const auto series = noise_series::solve_noise_series(chain, Vector(), Vector::Zero(1), 4);
  BOOST_TEST((series.report.status == Status::outside_validity));
  BOOST_TEST(!noise_series::judge_series(series, chain.activation(), 1.0).valid);
  BOOST_CHECK_THROW(evaluate(series, 1.0), std::invalid_argument);
}
