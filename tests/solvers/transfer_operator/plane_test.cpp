// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE transfer_operator_plane
#include "solvers/transfer_operator/plane.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>
#include <string>

#include "solvers/transfer_operator/stationary.hpp"
#include "tests/solvers/transfer_operator/one_neuron.hpp"
#include "tests/solvers/transfer_operator/two_neurons.hpp"
#include "tests/support/chains.hpp"
#include "tests/support/effort.hpp"

using namespace stillpoint;
using networks::Equation;
using networks::NoiseSource;
using networks::NoiseSpec;
using tests::noise_at;
using tests::two;
using tests::two_by_two;
using tests::two_neurons;
using transfer_operator::PlaneOptions;
using transfer_operator::PlaneSolution;
using transfer_operator::solve_plane;

namespace {

const activations::Activation identity = activations::Identity{};
const activations::Activation relu = activations::Relu{};
const activations::Activation hyperbolic = activations::Tanh{};
const activations::Activation softplus = activations::Softplus{};
const activations::Activation logistic = activations::Logistic{};
constexpr auto inside = NoiseSource::inside, outside = NoiseSource::outside;

const Matrix coupled = two_by_two(0.8, -0.5, 0.7, 0.3);
const Vector biases = two(0.3, -0.2);

NoiseSpec both(double s0, double s1, double o0, double o1) {
  return {{.where = inside, .sigma = {s0, s1}}, {.where = outside, .sigma = {o0, o1}}};
}

PlaneSolution solve(const models::NoisyChain& chain, const PlaneOptions& options = {}) {
  const PlaneSolution solution = solve_plane(chain, Vector(), options);
  BOOST_TEST_REQUIRE(solution.report.ok(), solution.report.message);
  return solution;
}

double relative(double value, double reference) { return std::abs(value / reference - 1.0); }

}  // namespace

// Linear f: the law is Gaussian, its covariance solves C = M C Mᵀ + N. The bound is what the
// tolerance promises for a covariance.
BOOST_AUTO_TEST_CASE(linear_network) {
  const double tolerance = tests::full_effort() ? 1e-9 : 1e-8;
  double worst = 0.0;
  tests::Sampled sampled(7, 3);
  for (const auto equation : {Equation::rate, Equation::current}) {
    for (const double g : {0.1, 0.5, 1.0}) {
      for (const NoiseSpec& noise :
           {noise_at(inside, 0.4, 0.6), noise_at(outside, 0.5, 0.3), both(0.4, 0.6, 0.5, 0.3)}) {
        // A rotation: no box is invariant, but every path spirals in.
        for (const Matrix& W : {coupled, two_by_two(0.0, -0.8, 0.8, 0.0)}) {
          if (!sampled.next()) continue;
          const auto chain = two_neurons(identity, noise, W, biases, g, equation);
          const auto exact = tests::linear_stationary(chain, Vector());
          const auto law = solve(chain, {.tolerance = tolerance});
          const Vector sd = exact.covariance.diagonal().cwiseSqrt();
          for (Index i = 0; i < 2; ++i) {
            BOOST_TEST(std::abs(law.mean(i) - exact.mean(i)) < 1e-12);
            BOOST_TEST(std::abs(law.skewness(i)) < 1e-11);
            for (Index j = 0; j < 2; ++j) {
              worst = std::max(
                  worst, std::abs(law.covariance(i, j) - exact.covariance(i, j)) / (sd(i) * sd(j)));
            }
          }
        }
      }
    }
  }
  BOOST_TEST_MESSAGE("linear: largest error of a covariance, in sdᵢ sdⱼ: " << worst);
  BOOST_TEST(worst < 10.0 * tolerance);
}

// Without coupling: the product of two laws of one neuron, each known to rounding.
BOOST_AUTO_TEST_CASE(uncoupled_network) {
  double worst[3] = {0, 0, 0}, correlation = 0.0, time = 0.0;
  const double w[] = {0.6, -1.2}, s[] = {0.4, 0.7};
  tests::Sampled sampled(5);
  for (const auto& f : {relu, hyperbolic, softplus, logistic}) {
    for (const auto equation : {Equation::rate, Equation::current}) {
      for (const auto where : {inside, outside}) {
        if (!sampled.next()) continue;
        const double g = 0.3;
        const auto chain = two_neurons(f, noise_at(where, s[0], s[1]),
                                       two_by_two(w[0], 0.0, 0.0, w[1]), biases, g, equation);
        const auto law = solve(chain, {.tolerance = 1e-9});
        const Vector sd = law.covariance.diagonal().cwiseSqrt();
        correlation = std::max(correlation, std::abs(law.covariance(0, 1)) / (sd(0) * sd(1)));
        for (Index i = 0; i < 2; ++i) {
          const auto one = transfer_operator::solve_stationary(
              tests::one_neuron(f, where, w[i], biases(i), g, s[i], equation), Vector());
          BOOST_TEST_REQUIRE(one.report.ok());
          worst[0] = std::max(worst[0], std::abs(law.mean(i) - one.mean) / sd(i));
          worst[1] = std::max(worst[1], relative(law.covariance(i, i), one.variance));
          worst[2] = std::max(worst[2], std::abs(law.skewness(i) - one.skewness));
          time = std::max(time, relative(law.correlation_time(i), one.correlation_time));
        }
      }
    }
  }
  BOOST_TEST_MESSAGE("uncoupled: mean " << worst[0] << " sd, variance " << worst[1] << ", skewness "
                                        << worst[2] << ", correlation " << correlation
                                        << ", correlation time " << time);
  BOOST_TEST(worst[0] < 1e-9);
  BOOST_TEST(worst[1] < 1e-9);
  BOOST_TEST(worst[2] < 1e-8);
  BOOST_TEST(correlation < 1e-11);
  BOOST_TEST(time < 1e-6);
}

// Theory, (3) and (5), and section 17 for the current equation, F = E f(a | y):
// E y = G E F + d + λ E y,  C = λ² C + λ (G K + Kᵀ Gᵀ) + G (Cov F + diag E Var f) Gᵀ + diag ν².
BOOST_AUTO_TEST_CASE(exact_identities) {
  // The tolerance promises 1e-7 in the full version, 1e-4 in the fast one.
  const double tolerance = tests::full_effort() ? 1e-8 : 1e-5;
  const double bound = tests::full_effort() ? 1e-7 : 1e-6;
  double worst = 0.0;
  tests::Sampled sampled(5, 1);
  for (const auto& f : {relu, hyperbolic, softplus}) {
    for (const auto equation : {Equation::rate, Equation::current}) {
      for (const NoiseSpec& noise :
           {noise_at(inside, 0.4, 0.6), noise_at(outside, 0.5, 0.3), both(0.4, 0.6, 0.5, 0.3)}) {
        if (!sampled.next()) continue;
        const auto chain = two_neurons(f, noise, coupled, biases, 0.2, equation);
        const auto law = solve(chain, {.tolerance = tolerance});
        const Vector a0 = chain.argument_offset(Vector());
        Matrix F(2, law.weights.size()), spread(2, law.weights.size());
        for (Index k = 0; k < law.weights.size(); ++k) {
          const Vector a = chain.argument_weights() * law.nodes.col(k) + a0;
          for (Index i = 0; i < 2; ++i) {
            const auto average = activations::averages(f, a(i), chain.argument_sd()(i));
            F(i, k) = average.mean;
            spread(i, k) = average.variance;
          }
        }
        const auto& G = chain.gain();
        const double keep = chain.retention()(0);
        const Vector mean_F = F * law.weights;
        const Vector mean = G * mean_F + chain.state_offset(Vector()) + keep * law.mean;
        const Matrix dF = F.colwise() - mean_F, dy = law.nodes.colwise() - law.mean;
        const Matrix W = law.weights.asDiagonal();
        const Matrix K = dF * W * dy.transpose();
        Matrix inner = dF * W * dF.transpose();
        inner.diagonal() += spread * law.weights;
        Matrix C = keep * keep * law.covariance + keep * (G * K + K.transpose() * G.transpose()) +
                   G * inner * G.transpose();
        C.diagonal() += chain.state_sd().cwiseAbs2();
        const double scale = law.covariance.diagonal().maxCoeff();
        const double error = std::max((mean - law.mean).cwiseAbs().maxCoeff() / std::sqrt(scale),
                                      (C - law.covariance).cwiseAbs().maxCoeff() / scale);
        worst = std::max(worst, error);
        BOOST_TEST(error < bound, activations::name(f) << " " << error);
      }
    }
  }
  BOOST_TEST_MESSAGE("identities hold to " << worst << " of the largest standard deviation");
}

// Odd f without bias: y and −y have the same law. Exchanging the units exchanges the moments.
BOOST_AUTO_TEST_CASE(symmetric_networks) {
  for (const auto equation : {Equation::rate, Equation::current}) {
    for (const auto where : {inside, outside}) {
      const auto law = solve(
          two_neurons(hyperbolic, noise_at(where, 0.4, 0.4), coupled, two(0, 0), 0.2, equation));
      BOOST_TEST(law.mean.cwiseAbs().maxCoeff() < 1e-11);
      BOOST_TEST(law.skewness.cwiseAbs().maxCoeff() < 1e-10);
      const auto twins =
          solve(two_neurons(softplus, noise_at(where, 0.4, 0.4), two_by_two(0.3, -0.9, -0.9, 0.3),
                            two(0.2, 0.2), 0.2, equation));
      BOOST_TEST(std::abs(twins.mean(0) - twins.mean(1)) < 1e-11);
      BOOST_TEST(relative(twins.covariance(0, 0), twins.covariance(1, 1)) < 1e-10);
      BOOST_TEST(twins.covariance(0, 1) < 0.0);
    }
  }
}

// Fixed box, n = 10, 20, 40 and in the full version 80: the error falls faster than any power until
// rounding or the mass beyond the box (1e-13) is reached.
BOOST_AUTO_TEST_CASE(spectral_convergence_in_the_number_of_nodes) {
  struct Case {
    activations::Activation f;
    NoiseSource::Where where;
    Equation equation;
  };
  for (const auto& [f, where, equation] :
       {Case{hyperbolic, inside, Equation::rate}, Case{hyperbolic, outside, Equation::rate},
        Case{softplus, outside, Equation::rate}, Case{relu, inside, Equation::rate},
        Case{relu, outside, Equation::current}}) {
    const auto chain = two_neurons(f, noise_at(where, 0.6, 0.8), coupled, biases, 0.4, equation);
    const auto box = solve_plane(chain, Vector(), {.tolerance = 1e-9, .max_nodes = 48}).box;
    const bool full = tests::full_effort();
    const auto exact = transfer_operator::collocate_plane(chain, Vector(), box, full ? 100 : 60);
    std::vector<double> errors;
    for (const Index n :
         full ? std::vector<Index>{10, 20, 40, 80} : std::vector<Index>{10, 20, 40}) {
      const auto law = transfer_operator::collocate_plane(chain, Vector(), box, n);
      const Vector sd = exact.covariance.diagonal().cwiseSqrt();
      errors.push_back(
          std::max((law.mean - exact.mean).cwiseQuotient(sd).cwiseAbs().maxCoeff(),
                   (law.covariance - exact.covariance).cwiseAbs().maxCoeff() / (sd(0) * sd(1))));
    }
    BOOST_TEST_MESSAGE("spectral: " << activations::name(f) << " " << to_string(where) << " "
                                    << to_string(equation) << ": " << errors[0] << " " << errors[1]
                                    << " " << errors[2] << " " << errors.back());
    BOOST_TEST(errors[1] < errors[0] / 3);
    BOOST_TEST(errors[2] < std::max(errors[1] / 20, 1e-12));
    if (full) BOOST_TEST(errors[3] < std::max(errors[2] / 100, 1e-12));
  }
}

// g = 1 and W = 0: the state is its noise, whatever the box, and the mass outside is Gauss's.
// Else, for a box too small on purpose, its error in a covariance is below the mass outside times
// the square of the box, until it is that of 40 nodes.
BOOST_AUTO_TEST_CASE(mass_outside_the_box) {
  const auto beyond = [](double end) { return std::erfc(end / std::sqrt(2.0)); };  // both ends
  const auto noise =
      two_neurons(identity, noise_at(outside, 1.0, 0.5), Matrix::Zero(2, 2), two(0, 0), 1.0);
  for (const double end : {3.0, 5.0}) {
    const auto law = transfer_operator::collocate_plane(
        noise, Vector(), {{{-end, end}, {-0.5 * end, 0.5 * end}}}, 40);
    BOOST_TEST(relative(law.mass_outside, 2.0 * beyond(end)) < 1e-9);
  }
  for (const auto equation : {Equation::rate, Equation::current}) {
    for (const NoiseSpec& spec :
         {noise_at(inside, 0.5, 0.5), noise_at(outside, 0.5, 0.3), both(0.4, 0.6, 0.5, 0.3)}) {
      const auto chain = two_neurons(identity, spec, coupled, two(0, 0), 0.5, equation);
      const auto wide = solve(chain);
      const auto exact = tests::linear_stationary(chain, Vector()).covariance;
      BOOST_TEST(wide.mass_outside < 1e-11);
      for (const double share : {0.4, 0.6}) {
        const std::array<transfer_operator::Interval, 2> box{
            {{share * wide.box[0].lower, share * wide.box[0].upper},
             {share * wide.box[1].lower, share * wide.box[1].upper}}};
        const auto law = transfer_operator::collocate_plane(chain, Vector(), box, 40);
        const Vector width = law.nodes.rowwise().maxCoeff() - law.nodes.rowwise().minCoeff();
        const double error = (law.covariance - exact).cwiseAbs().maxCoeff();
        BOOST_TEST_MESSAGE("share " << share << ": outside " << law.mass_outside << ", error "
                                    << error);
        BOOST_TEST((law.mass_outside > 0.0 || share > 0.4));
        BOOST_TEST(error < law.mass_outside * width.squaredNorm() + 1e-10);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_report_says_where_it_does_not_hold) {
  const auto report = [](const models::NoisyChain& chain, const PlaneOptions& options = {}) {
    const auto solution = solve_plane(chain, Vector(), options);
    BOOST_TEST(!solution.report.message.empty());
    const auto law = transfer_operator::stationary_law(chain, Vector(), solution);
    BOOST_TEST(!law.valid);
    BOOST_TEST(law.note == solution.report.message);
    return solution.report;
  };
  const Vector zero = two(0, 0);
  const auto silent = report(two_neurons(hyperbolic, noise_at(outside, 0, 0), coupled, zero, 0.2));
  BOOST_CHECK(silent.status == Status::outside_validity);
  BOOST_TEST(silent.message.find("no noise") != std::string::npos);
  // Neither unit runs away alone.
  for (const Matrix& W : {two_by_two(1.2, 0, 0, 0.5), two_by_two(0, 1.2, 1.2, 0)}) {
    const auto away = report(two_neurons(relu, noise_at(outside, 0.1, 0.1), W, zero, 0.3));
    BOOST_CHECK(away.status == Status::outside_validity);
    BOOST_TEST(away.message.find("infinity") != std::string::npos);
  }
  const auto frozen = report(
      two_neurons(hyperbolic, noise_at(outside, 0.2, 0.2), two_by_two(4, 0.1, 0.1, 4), zero, 0.2),
      {.max_nodes = 48});
  BOOST_CHECK(frozen.status == Status::outside_validity);
  BOOST_TEST(frozen.message.find("exchange") != std::string::npos, frozen.message);
  const auto singular =
      report(two_neurons(hyperbolic, both(0.2, 0.2, 0.3, 0.3), two_by_two(0.4, 0.4, 0.4, 0.4), zero,
                         0.2, Equation::current));
  BOOST_CHECK(singular.status == Status::outside_validity);
  BOOST_TEST(singular.message.find("singular") != std::string::npos);
  const auto poor = report(two_neurons(hyperbolic, noise_at(outside, 0.5, 0.5), coupled, zero, 0.2),
                           {.max_nodes = 30});
  BOOST_CHECK(poor.status == Status::no_convergence);
}

BOOST_AUTO_TEST_CASE(bad_arguments) {
  const auto good = two_neurons(hyperbolic, noise_at(inside, 0.2, 0.2), coupled, biases, 0.2);
  const auto one = tests::one_neuron(hyperbolic, inside, 0.5, 0, 0.2, 0.3);
  BOOST_CHECK_THROW(solve_plane(one, Vector()), std::invalid_argument);
  BOOST_CHECK_THROW(solve_plane(good, Vector::Ones(1)), std::invalid_argument);
  BOOST_CHECK_THROW(solve_plane(good, Vector(), {.tolerance = 0.0}), std::invalid_argument);
  BOOST_CHECK_THROW(solve_plane(good, Vector(), {.max_nodes = 12}), std::invalid_argument);
  const NoiseSpec coloured{{.where = inside,
                            .sigma = {0.2},
                            .convention = networks::NoiseConvention::stationary_sd,
                            .correlation_time = 1.0}};
  BOOST_CHECK_THROW(solve_plane(two_neurons(hyperbolic, coloured, coupled, biases, 0.2), Vector()),
                    std::invalid_argument);
  BOOST_CHECK_THROW(transfer_operator::collocate_plane(good, Vector(), {{{-1, 1}, {-1, 1}}}, 4),
                    std::invalid_argument);
  BOOST_CHECK_THROW(transfer_operator::collocate_plane(good, Vector(), {{{-1, 1}, {1, 1}}}, 16),
                    std::invalid_argument);
}

// A unit that no noise reaches is a point; the other is the neuron alone with a shifted bias.
BOOST_AUTO_TEST_CASE(a_unit_without_noise) {
  const auto chain = two_neurons(hyperbolic, noise_at(outside, 0.5, 0.0),
                                 two_by_two(0.6, 0.8, 0.0, 0.5), two(0.1, 0.4), 0.3);
  const auto law = solve(chain);
  double rest = 0.0;
  for (int k = 0; k < 200; ++k) rest = std::tanh(0.5 * rest + 0.4);
  const auto alone = transfer_operator::solve_stationary(
      tests::one_neuron(hyperbolic, outside, 0.6, 0.1 + 0.8 * rest, 0.3, 0.5), Vector());
  BOOST_TEST(std::abs(law.mean(1) - rest) < 1e-10);
  BOOST_TEST(std::abs(law.covariance(1, 1)) < 1e-12);
  BOOST_TEST(std::abs(law.mean(0) - alone.mean) < 1e-9);
  BOOST_TEST(relative(law.covariance(0, 0), alone.variance) < 1e-8);
}

BOOST_AUTO_TEST_CASE(the_law_as_a_row_of_the_ladder) {
  networks::Network network{.W = coupled, .b = biases};
  network.W_in = Matrix::Ones(2, 1);
  network.W_out = two_by_two(1.0, 2.0, 0.0, -1.0);
  network.b_out = two(0.5, 0.0);
  network.leak = 0.3;
  const Vector input = Vector::Constant(1, 0.15);
  for (const auto equation : {Equation::rate, Equation::current}) {
    network.equation = equation;
    const models::NoisyChain chain(network, noise_at(outside, 0.4, 0.5));
    const auto solution = solve_plane(chain, input);
    const auto law = transfer_operator::stationary_law(chain, input, solution);
    BOOST_TEST(law.method == "transfer_operator");
    BOOST_TEST(law.valid, law.note);
    BOOST_TEST(law.mean.at(1).value == solution.mean(1));
    BOOST_TEST(law.variance.at(0).value == solution.covariance(0, 0));
    // Rate: z = W_out h + b_out. Current: E f(x) = W⁻¹ (E x − W_in u − b) by the exact identity.
    Vector read = solution.mean;
    if (equation == Equation::current) {
      const double det = coupled(0, 0) * coupled(1, 1) - coupled(0, 1) * coupled(1, 0);
      const Vector drive = (solution.mean - biases).array() - 0.15;
      read = two(coupled(1, 1) * drive(0) - coupled(0, 1) * drive(1),
                 coupled(0, 0) * drive(1) - coupled(1, 0) * drive(0)) /
             det;
    }
    BOOST_TEST(std::abs(law.output_mean.at(0).value - (read(0) + 2.0 * read(1) + 0.5)) < 1e-8);
    BOOST_TEST(std::abs(law.output_mean.at(1).value + read(1)) < 1e-8);
    if (equation == Equation::rate)
      BOOST_TEST(relative(law.output_variance.at(1).value, solution.covariance(1, 1)) < 1e-13);
    const double second = solution.expectation([](double, double y) { return y; });
    BOOST_TEST(std::abs(second - solution.mean(1)) < 1e-12);
  }
}
