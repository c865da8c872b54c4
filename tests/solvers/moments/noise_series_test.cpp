// SPDX-License-Identifier: GPL-3.0-or-later
// The noise series against the exact law (transfer operator, quadrature of the Fokker–Planck law):
// the orders of the errors; the two derivations against each other (raw moments of one neuron,
// cumulants of a network); the conjugacy of the two equations; remainders against true errors.
#define BOOST_TEST_MODULE noise_series
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <numbers>
#include <sstream>
#include <string>
#include <vector>

#include "lib/networks/single_unit.hpp"
#include "lib/statistics/regression.hpp"
#include "solvers/moments/noise_series.hpp"
#include "solvers/moments/series_validity.hpp"
#include "solvers/moments/stationary.hpp"
#include "solvers/transfer_operator/plane.hpp"
#include "solvers/transfer_operator/stationary.hpp"
#include "tests/solvers/moments/series_cases.hpp"
#include "tests/support/effort.hpp"

using namespace stillpoint;
using moments::evaluate;
using networks::Equation;
using networks::NoiseSource;
using tests::NeuronCase;

namespace {

/// Observed order between two noise levels.
double order_between(double larger, double error_larger, double smaller, double error_smaller) {
  return std::log(std::abs(error_larger / error_smaller)) / std::log(larger / smaller);
}

void check_order(double order, double expected, const std::string& what) {
  BOOST_TEST(std::abs(order - expected) < 0.1, what << ": observed order " << order << ", expected "
                                                    << expected);
}

}  // namespace

// At s = 0.1 and 0.05 the next order contributes up to ten per cent of a per cent of the order.
BOOST_AUTO_TEST_CASE(errors_of_one_neuron_vanish_with_the_promised_order) {
  for (const NeuronCase& neuron : tests::smooth_neurons()) {
    const auto series =
        moments::solve_noise_series(neuron.chain(1.0), Vector(), neuron.fixed_point(), 6);
    BOOST_REQUIRE(series.report.ok());
    // Levels at which the argument's sd is small against the activation's scale, errors well above
    // the exact law's 1e-13.
    const double unit = 0.12 / std::sqrt(series.argument_covariance(0, 0));
    const std::vector<double> levels = {unit, 0.5 * unit};
    std::vector<std::vector<double>> mean(3), variance(3), third(2);
    for (const double s : levels) {
      const auto exact = transfer_operator::solve_stationary(neuron.chain(s), Vector());
      BOOST_REQUIRE(exact.report.ok());
      const double k3 = exact.skewness * std::pow(exact.variance, 1.5);
      for (int k = 0; k < 3; ++k) {
        const auto value = evaluate(series, s, 2 * (k + 1));
        mean[k].push_back(exact.mean - value.mean(0));
        variance[k].push_back(exact.variance - value.covariance(0, 0));
        if (k < 2) third[k].push_back(k3 - value.third[0](0, 0));
      }
    }
    const auto order = [&](const std::vector<double>& errors) {
      return order_between(levels[0], errors[0], levels[1], errors[1]);
    };
    check_order(order(mean[0]), 4.0, neuron.name + " mean, order 2");
    check_order(order(mean[1]), 6.0, neuron.name + " mean, order 4");
    check_order(order(variance[0]), 4.0, neuron.name + " variance, order 2");
    check_order(order(variance[1]), 6.0, neuron.name + " variance, order 4");
    check_order(order(third[0]), 4.0, neuron.name + " third cumulant, order 2");
    check_order(order(third[1]), 6.0, neuron.name + " third cumulant, order 4");
    // The sixth order is better than the fourth by the ratio of terms, unless its error is rounding.
    BOOST_TEST(std::abs(mean[2][1]) < std::max(0.1 * std::abs(mean[1][1]), 1e-13), neuron.name);
    BOOST_TEST(std::abs(variance[2][1]) < std::max(0.1 * std::abs(variance[1][1]), 1e-13),
               neuron.name);
  }
}

// The mean of the diffusion in closed form, p = (const/b) exp(2∫A/b), by a fine trapezoid rule.
BOOST_AUTO_TEST_CASE(errors_of_the_diffusion_vanish_with_the_promised_order) {
  for (const NeuronCase& neuron : tests::smooth_neurons()) {
    if (neuron.equation == Equation::current && neuron.where == NoiseSource::inside) continue;
    const models::NoisyDiffusion unit_noise(neuron.chain(1.0), Vector());
    const auto series = moments::solve_noise_series(unit_noise, neuron.fixed_point(), 4);
    BOOST_REQUIRE(series.report.ok());
    const double unit = 0.16 / std::sqrt(series.argument_covariance(0, 0));
    std::vector<std::vector<double>> mean(2), variance(2), third(2);
    const std::vector<double> levels = {unit, 0.5 * unit};
    for (const double s : levels) {
      const models::NoisyDiffusion diffusion(neuron.chain(s), Vector());
      const auto exact = tests::exact_diffusion_law(
          diffusion, series.fixed_point(0), s * std::sqrt(series.covariance[1](0, 0)));
      for (int k = 0; k < 2; ++k) {
        const auto value = evaluate(series, s, 2 * (k + 1));
        mean[k].push_back(exact.mean - value.mean(0));
        variance[k].push_back(exact.variance - value.covariance(0, 0));
        third[k].push_back(exact.third - value.third[0](0, 0));
      }
    }
    const auto order = [&](const std::vector<double>& errors) {
      return order_between(levels[0], errors[0], levels[1], errors[1]);
    };
    check_order(order(mean[0]), 4.0, neuron.name + " diffusion, mean, order 2");
    check_order(order(mean[1]), 6.0, neuron.name + " diffusion, mean, order 4");
    check_order(order(variance[0]), 4.0, neuron.name + " diffusion, variance, order 2");
    check_order(order(variance[1]), 6.0, neuron.name + " diffusion, variance, order 4");
    check_order(order(third[1]), 6.0, neuron.name + " diffusion, third cumulant, order 4");
  }
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
        return diffusion ? moments::solve_noise_series(
                               models::NoisyDiffusion(chain, Vector()), state, 4)
                         : moments::solve_noise_series(chain, Vector(), state, 4);
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
    for (const activations::Activation& f :
         {activations::Activation(activations::Tanh{}), activations::Activation(activations::Softplus{})})
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
        const auto series = moments::solve_noise_series(
            chain_at(1.0), Vector(), tests::fixed_point_of(chain_at(1.0)), 4);
        BOOST_REQUIRE(series.report.ok());
        const double unit = 0.25 / std::sqrt(series.argument_covariance.diagonal().maxCoeff());
        const std::vector<double> levels = {unit, 0.6 * unit};
        std::vector<std::vector<double>> mean(2), covariance(2);
        for (const double s : levels) {
          const auto exact = transfer_operator::solve_plane(chain_at(s), Vector(),
                                                            {.tolerance = 1e-9});
          BOOST_TEST(exact.mean_error.maxCoeff() < 1e-10, name.str());
          for (int k = 0; k < 2; ++k) {
            const auto value = evaluate(series, s, 2 * (k + 1));
            mean[k].push_back((exact.mean - value.mean).norm());
            covariance[k].push_back((exact.covariance - value.covariance).norm());
            const Vector error = (exact.mean - value.mean).cwiseAbs();
            BOOST_TEST((error.array() <= value.mean_remainder.array()).all(),
                       name.str() << ": error " << error.transpose() << ", remainder "
                                  << value.mean_remainder.transpose());
          }
          const auto value = evaluate(series, s, 4);
          for (Index i = 0; i < 2; ++i) {
            const double k3 = exact.skewness(i) * std::pow(exact.covariance(i, i), 1.5);
            BOOST_TEST(std::abs(k3 - value.third[i](i, i)) < 0.2 * std::abs(k3) + 1e-8,
                       name.str() << ": third cumulant " << k3 << ", series "
                                  << value.third[i](i, i));
          }
        }
        const auto order = [&](const std::vector<double>& errors) {
          return order_between(levels[0], errors[0], levels[1], errors[1]);
        };
        BOOST_TEST_MESSAGE(name.str() << ": " << order(mean[0]) << " " << order(mean[1]) << " "
                                      << order(covariance[0]) << " " << order(covariance[1]));
        check_order(order(mean[0]), 4.0, name.str() + " mean, order 2");
        check_order(order(mean[1]), 6.0, name.str() + " mean, order 4");
        check_order(order(covariance[0]), 4.0, name.str() + " covariance, order 2");
        check_order(order(covariance[1]), 6.0, name.str() + " covariance, order 4");
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
  const auto x = moments::solve_noise_series(current, Vector(), tests::fixed_point_of(current), 4);
  const auto h = moments::solve_noise_series(rate, Vector(), tests::fixed_point_of(rate), 4);
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
      networks::Network{.W = W, .b = Vector::Ones(2), .activation = activations::Identity{}, .leak = 0.3},
      networks::white_noise(NoiseSource::inside, 0.7));
  const Vector state = (Matrix::Identity(2, 2) - W).inverse() * Vector::Ones(2);
  const auto series = moments::solve_noise_series(chain, Vector(), state, 4);
  BOOST_TEST(series.mean[1].norm() < 1e-15);
  BOOST_TEST(series.covariance[2].norm() < 1e-15);
  const auto closure = moments::solve_closure(chain, Vector(), state, {.tolerance = 1e-15});
  BOOST_TEST((series.covariance[1] - closure.covariance).norm() < 1e-12);
  const auto value = evaluate(series, 1.0);
  BOOST_TEST(value.covariance_remainder.norm() == 0.0);
}

// Where the verdict says valid, the remainder bounds the true error; the table counts both.
BOOST_AUTO_TEST_CASE(remainder_bounds_the_error_where_valid) {
  int judged = 0, valid = 0, bound = 0;
  double worst = 0.0;
  for (const NeuronCase& neuron : tests::smooth_neurons()) {
    const auto series =
        moments::solve_noise_series(neuron.chain(1.0), Vector(), neuron.fixed_point(), 8);
    for (const double s : {0.1, 0.2, 0.4, 0.7, 1.0}) {
      const auto exact = transfer_operator::solve_stationary(neuron.chain(s), Vector());
      if (!exact.report.ok()) continue;
      for (const Index order : {2, 4, 6, 8}) {
        const auto value = evaluate(series, s, order);
        const auto verdict = moments::judge_series(series, neuron.activation, s, order);
        ++judged;
        BOOST_TEST(verdict.valid == verdict.note.empty());
        if (!verdict.valid) continue;
        ++valid;
        const auto check = [&](double error, double remainder, const std::string& what) {
          const double excess = std::abs(error) / (remainder + 1e-12);
          worst = std::max(worst, excess);
          BOOST_TEST(excess <= 1.0, neuron.name << " s " << s << " order " << order << ' ' << what
                                                << ": error " << error << ", remainder "
                                                << remainder);
          bound += excess <= 1.0;
        };
        check(exact.mean - value.mean(0), value.mean_remainder(0), "mean");
        check(exact.variance - value.covariance(0, 0), value.covariance_remainder(0, 0), "variance");
      }
    }
  }
  BOOST_TEST_MESSAGE("valid in " << valid << " of " << judged << " cases; remainder bounds " << bound
                                 << " of " << 2 * valid << " errors, largest error/remainder "
                                 << worst);
  BOOST_TEST(valid > judged / 3);
  BOOST_TEST(valid < judged);
}

BOOST_AUTO_TEST_CASE(bad_arguments) {
  const auto chain = tests::smooth_neurons().front().chain(0.3);
  const Vector state = tests::smooth_neurons().front().fixed_point();
  BOOST_CHECK_THROW(moments::solve_noise_series(chain, Vector(), state, 3), std::invalid_argument);
  BOOST_CHECK_THROW(moments::solve_noise_series(chain, Vector(), state, 26), std::invalid_argument);
  BOOST_CHECK_THROW(moments::solve_noise_series(chain, Vector(), Vector::Zero(2), 4),
                    std::invalid_argument);
  BOOST_CHECK_THROW(moments::solve_noise_series(chain, Vector(), state.array() + 0.01, 4),
                    std::invalid_argument);
  const auto series = moments::solve_noise_series(chain, Vector(), state, 4);
  BOOST_CHECK_THROW(evaluate(series, -1.0), std::invalid_argument);
  BOOST_CHECK_THROW(evaluate(series, 1.0, 6), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(unstable_point) {
  const models::NoisyChain chain(
      networks::single_unit(Equation::rate, activations::Tanh{}, 1.5, 0.0, 0.2),
      networks::white_noise(NoiseSource::outside, 0.3));
  const auto series = moments::solve_noise_series(chain, Vector(), Vector::Zero(1), 4);
  BOOST_TEST((series.report.status == Status::outside_validity));
  BOOST_TEST(!moments::judge_series(series, chain.activation(), 1.0).valid);
  BOOST_CHECK_THROW(evaluate(series, 1.0), std::invalid_argument);
}
