// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE transfer_operator_stationary
#include "solvers/transfer_operator/stationary.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>

#include "solvers/transfer_operator/distribution.hpp"
#include "tests/solvers/transfer_operator/one_neuron.hpp"

using namespace stillpoint;
using networks::Equation;
using networks::NoiseSource;
using tests::one_neuron;
using transfer_operator::Solution;
using transfer_operator::solve_stationary;

namespace {

const activations::Activation relu = activations::Relu{};
const activations::Activation hyperbolic = activations::Tanh{};
const activations::Activation softplus = activations::Softplus{};
const activations::Activation logistic = activations::Logistic{};
const activations::Activation error_function = activations::Erf{};

Solution solve(const models::NoisyChain& chain) {
  const Solution solution = solve_stationary(chain, Vector());
  BOOST_TEST_REQUIRE(solution.report.ok(), solution.report.message);
  return solution;
}

double relative(double value, double reference) { return std::abs(value / reference - 1.0); }

}  // namespace

// Theory, section 6: twelve digits after the point, from an independent program.
BOOST_AUTO_TEST_CASE(means_of_the_theory_table) {
  const double digits = 0.6e-12;
  const auto mean = [](const auto& f, NoiseSource::Where where, double w, double c, double g,
                       double s) { return solve(one_neuron(f, where, w, c, g, s)).mean; };
  BOOST_TEST(std::abs(mean(relu, NoiseSource::inside, .5, .3, .2, .5) - .653722468678) < digits);
  BOOST_TEST(std::abs(mean(relu, NoiseSource::outside, .5, .05, .2, .5) - .116449143143) < digits);
  BOOST_TEST(std::abs(mean(softplus, NoiseSource::inside, .5, 0, .5, 1) - 1.123552003282) < digits);
  BOOST_TEST(std::abs(mean(hyperbolic, NoiseSource::outside, 1.5, .05, .2, .6) - .518479680906) <
             digits);
}

// Theory, section 4: a neuron far below threshold; the digits printed there.
BOOST_AUTO_TEST_CASE(a_neuron_that_is_nearly_always_off) {
  const auto law = solve(one_neuron(relu, NoiseSource::inside, .9, -1, .05, .3));
  BOOST_TEST(std::abs(law.mean - 3.363663034e-5) < 0.6e-14);
  BOOST_TEST(std::abs(law.variance - 1.28076181e-7) < 0.6e-15);
  BOOST_TEST(std::abs(law.skewness - 20.286956) < 0.6e-6);
  BOOST_TEST(law.activity < 1e-3);
}

// Without recurrence y is a weighted sum of independent f(c + sξ), whose cumulants are known.
BOOST_AUTO_TEST_CASE(cumulants_without_recurrence) {
  for (const auto& f : {relu, hyperbolic, softplus, logistic, error_function}) {
    for (const double c : {-0.7, 0.2, 1.0}) {
      for (const double g : {0.05, 0.3, 1.0}) {
        const double s = 0.6;
        const auto averages = activations::averages(f, c, s);
        const double keep = 1.0 - g;
        const double variance = g * g * averages.variance / (1.0 - keep * keep);
        const double third = g * g * g * averages.third / (1.0 - keep * keep * keep);
        const auto law = solve(one_neuron(f, NoiseSource::inside, 0.0, c, g, s));
        BOOST_TEST(relative(law.mean, averages.mean) < 1e-11);
        BOOST_TEST(relative(law.variance, variance) < 1e-9);  // as accurate as v_s itself
        BOOST_TEST(std::abs(law.skewness - third / std::pow(variance, 1.5)) < 1e-8);
      }
    }
  }
  // ReLU at its kink in closed form: m = s/√(2π), V = g/(2−g) s² (1/2 − 1/(2π)).
  const double g = 0.2, s = 0.5, pi = std::numbers::pi;
  const auto law = solve(one_neuron(relu, NoiseSource::inside, 0, 0, g, s));
  BOOST_TEST(relative(law.mean, s / std::sqrt(2 * pi)) < 1e-14);
  BOOST_TEST(relative(law.variance, g / (2 - g) * s * s * (0.5 - 0.5 / pi)) < 1e-13);
  const auto white = solve(one_neuron(relu, NoiseSource::inside, 0, 0, 1.0, s));
  BOOST_TEST(relative(white.skewness, 1.640560926867) < 1e-12);  // theory, section 5
}

// Theory, section 13: the regulator's losses V + (m − target)², closed form without recurrence.
BOOST_AUTO_TEST_CASE(regulator_without_recurrence) {
  const double target = 0.3, c = 0.14521475;
  const auto law = solve(one_neuron(relu, NoiseSource::inside, 0, c, 0.2, 0.5));
  const double loss = law.variance + std::pow(law.mean - target, 2);
  BOOST_TEST(std::abs(loss - 0.0132322856) < 0.6e-10);
  const double at_the_best_noise = [&] {
    const auto l = solve(one_neuron(relu, NoiseSource::inside, 0, c, 0.2, 0.83489 * 0.5));
    return l.variance + std::pow(l.mean - target, 2);
  }();
  BOOST_TEST(at_the_best_noise < loss);
}

// Linear f: an autoregressive process. Identity and a ReLU that is never off.
BOOST_AUTO_TEST_CASE(linear_neuron) {
  for (const double w : {-2.0, -0.3, 0.9}) {
    for (const double g : {0.05, 0.4}) {
      const double s = 0.2, c = 0.7;
      const double variance = g * s * s / ((1 - w) * (2 - g * (1 - w)));
      const auto identity =
          solve(one_neuron(activations::Identity{}, NoiseSource::outside, w, c, g, s));
      BOOST_TEST(relative(identity.mean, c / (1 - w)) < 1e-13);
      BOOST_TEST(relative(identity.variance, variance) < 1e-13);
      BOOST_TEST(std::abs(identity.skewness) < 1e-13);
      const double gain = 1.0 - g * (1.0 - w);
      BOOST_TEST(relative(identity.correlation_time, (1 + gain) / (1 - gain)) < 1e-9);
      const auto active = solve(one_neuron(relu, NoiseSource::outside, w, 9.0, g, s));
      BOOST_TEST(relative(active.mean, 9.0 / (1 - w)) < 1e-13);
      BOOST_TEST(relative(active.variance, variance) < 1e-12);
    }
  }
}

// Noise inside a threshold neuron without memory: a chain on {0, 1} with
// P(1 | y) = Φ((w y + c)/s). Two atoms, no density.
BOOST_AUTO_TEST_CASE(two_atoms) {
  const double w = 0.8, c = -0.3, s = 0.5;
  const auto up = [&](double y) { return 0.5 * std::erfc(-(w * y + c) / (s * std::sqrt(2.0))); };
  const double p = up(0) / (1 - up(1) + up(0));
  const auto law = solve(one_neuron(activations::Heaviside{}, NoiseSource::inside, w, c, 1.0, s));
  BOOST_TEST(relative(law.mean, p) < 1e-13);
  BOOST_TEST(relative(law.variance, p * (1 - p)) < 1e-13);
  BOOST_TEST(relative(law.skewness, (1 - 2 * p) / std::sqrt(p * (1 - p))) < 1e-12);
}

// Theory, (3) and (4), and section 17 for the current equation.
BOOST_AUTO_TEST_CASE(exact_identities) {
  const double c = 0.25, s = 0.4;
  for (const auto& f : {relu, hyperbolic, softplus, logistic, error_function}) {
    for (const double w : {-1.3, 0.8}) {
      for (const double g : {0.1, 0.7}) {
        for (const auto where : {NoiseSource::inside, NoiseSource::outside}) {
          const double q = where == NoiseSource::inside ? s : 0.0;
          const auto rate = solve(one_neuron(f, where, w, c, g, s));
          const auto F = [&](double h) { return activations::averages(f, w * h + c, q).mean; };
          const auto noise = [&](double h) {
            return activations::averages(f, w * h + c, q).variance + (q > 0 ? 0.0 : s * s);
          };
          const double m = rate.mean;
          const double FF = rate.expectation([&](double h) { return std::pow(F(h) - m, 2); });
          const double hF = rate.expectation([&](double h) { return (h - m) * (F(h) - m); });
          BOOST_TEST(relative(rate.expectation(F), m) < 1e-10);
          BOOST_TEST(relative(2 * (1 - g) * hF + g * (FF + rate.expectation(noise)),
                              (2 - g) * rate.variance) < 1e-10);

          const auto current = solve(one_neuron(f, where, w, c, g, s, Equation::current));
          const auto A = [&](double x) { return activations::averages(f, x, q).mean; };
          const double mean_f = current.expectation(A);
          const double Af = current.expectation([&](double x) {
            const auto a = activations::averages(f, x, q);
            return a.variance + std::pow(a.mean - mean_f, 2);
          });
          const double K =
              current.expectation([&](double x) { return (x - current.mean) * (A(x) - mean_f); });
          const double nu = where == NoiseSource::outside ? g * s : 0.0;
          BOOST_TEST(std::abs(current.mean - (w * mean_f + c)) < 1e-10 * std::abs(c));
          BOOST_TEST(relative((1 - g) * (1 - g) * current.variance + 2 * g * (1 - g) * w * K +
                                  g * g * w * w * Af + nu * nu,
                              current.variance) < 1e-10);
        }
      }
    }
  }
}

// Noise inside: x = w h + c obeys the current equation if h obeys the rate equation.
BOOST_AUTO_TEST_CASE(current_and_rate_agree_for_noise_inside) {
  for (const auto& f : {relu, hyperbolic, softplus}) {
    for (const double w : {-1.7, 0.6}) {
      const double c = 0.3, g = 0.2, s = 0.5;
      const auto rate = solve(one_neuron(f, NoiseSource::inside, w, c, g, s));
      const auto current = solve(one_neuron(f, NoiseSource::inside, w, c, g, s, Equation::current));
      BOOST_TEST(relative(current.mean, w * rate.mean + c) < 1e-12);
      BOOST_TEST(relative(current.variance, w * w * rate.variance) < 1e-12);
      BOOST_TEST(relative(current.skewness, std::copysign(rate.skewness, w * rate.skewness)) <
                 1e-11);
    }
  }
}

BOOST_AUTO_TEST_CASE(odd_symmetry_gives_no_shift) {
  for (const auto where : {NoiseSource::inside, NoiseSource::outside}) {
    for (const double w : {-2.0, 0.9}) {
      for (const double g : {0.05, 1.0}) {
        for (const auto& f : {hyperbolic, error_function}) {
          const auto odd = solve(one_neuron(f, where, w, 0.0, g, 0.3));
          BOOST_TEST(std::abs(odd.mean) < 1e-11);
          BOOST_TEST(std::abs(odd.skewness) < 1e-11);
        }
        const auto shifted = solve(one_neuron(logistic, where, w, -0.5 * w, g, 0.3));
        BOOST_TEST(std::abs(shifted.mean - 0.5) < 1e-11);
        BOOST_TEST(std::abs(shifted.skewness) < 1e-11);
      }
    }
  }
}

// Both noises at once: with linear f they are one noise; otherwise identity (4) holds with both.
BOOST_AUTO_TEST_CASE(noise_inside_and_outside) {
  const double w = 0.6, c = 0.1, g = 0.3, s = 0.4, o = 0.5;
  const networks::NoiseSpec both{{.where = NoiseSource::inside, .sigma = {s}},
                                 {.where = NoiseSource::outside, .sigma = {o}}};
  const auto linear = solve(one_neuron(activations::Identity{}, both, w, c, g));
  const auto merged =
      solve(one_neuron(activations::Identity{}, NoiseSource::outside, w, c, g, std::hypot(s, o)));
  BOOST_TEST(relative(linear.variance, merged.variance) < 1e-12);
  for (const auto& f : {relu, hyperbolic}) {
    const auto law = solve(one_neuron(f, both, w, c, g));
    const double m = law.mean;
    const auto F = [&](double h) { return activations::averages(f, w * h + c, s); };
    const double FF = law.expectation(
        [&](double h) { return F(h).variance + o * o + std::pow(F(h).mean - m, 2); });
    const double hF = law.expectation([&](double h) { return (h - m) * (F(h).mean - m); });
    BOOST_TEST(relative(law.expectation([&](double h) { return F(h).mean; }), m) < 1e-10);
    BOOST_TEST(relative(2 * (1 - g) * hF + g * FF, (2 - g) * law.variance) < 1e-10);
  }
}

// Fixed panels, p = 4, 8, 16, 32 nodes each: the error falls faster than any power, at least
// 30-fold and then 1000-fold per doubling, until rounding (1e-13) is reached.
BOOST_AUTO_TEST_CASE(spectral_convergence_in_the_number_of_nodes) {
  struct Case {
    activations::Activation f;
    NoiseSource::Where where;
  };
  for (const auto& [f, where] :
       {Case{relu, NoiseSource::inside}, Case{relu, NoiseSource::outside},
        Case{softplus, NoiseSource::inside}, Case{softplus, NoiseSource::outside},
        Case{hyperbolic, NoiseSource::inside}, Case{hyperbolic, NoiseSource::outside},
        Case{logistic, NoiseSource::inside}, Case{logistic, NoiseSource::outside},
        Case{error_function, NoiseSource::inside}, Case{error_function, NoiseSource::outside}}) {
    const auto chain = one_neuron(f, where, -1.5, 0.2, 0.6, 0.7);
    const auto exact = solve(chain);
    std::vector<double> errors;
    for (const Index p : {4, 8, 16, 32}) {
      const auto law = transfer_operator::collocate(chain, Vector(), exact.edges, p);
      errors.push_back(
          std::max({relative(law.mean, exact.mean), relative(law.variance, exact.variance),
                    std::abs(law.skewness - exact.skewness)}));
    }
    BOOST_TEST_MESSAGE("spectral: " << activations::name(f) << " " << to_string(where) << " "
                                    << exact.edges.size() - 1 << " panels: " << errors[0] << " "
                                    << errors[1] << " " << errors[2] << " " << errors[3]);
    BOOST_TEST(errors[1] < std::max(errors[0] / 30, 1e-13));
    BOOST_TEST(errors[2] < std::max(errors[1] / 1000, 1e-13));
    BOOST_TEST(errors[3] < 1e-13);
  }
}

BOOST_AUTO_TEST_CASE(the_report_says_where_it_does_not_hold) {
  const auto status = [](const models::NoisyChain& chain) {
    const auto solution = solve_stationary(chain, Vector());
    BOOST_TEST(!solution.report.message.empty());
    return solution.report.status;
  };
  const auto inside = NoiseSource::inside, outside = NoiseSource::outside;
  BOOST_CHECK(status(one_neuron(relu, inside, 0.5, -1, 0.3, 0.1)) == Status::outside_validity);
  BOOST_CHECK(status(one_neuron(relu, outside, 1.2, 0, 0.3, 0.1)) == Status::outside_validity);
  BOOST_CHECK(status(one_neuron(hyperbolic, outside, 4, 0, 0.2, 0.2)) == Status::outside_validity);
  BOOST_CHECK(status(one_neuron(hyperbolic, outside, 0.5, 0, 0.2, 0)) == Status::outside_validity);
  // Noise outside a neuron that is off: Gaussian to rounding, said but not refused.
  BOOST_CHECK(status(one_neuron(relu, outside, 0.5, -1, 0.3, 0.1)) == Status::success);
  // The noise of the current equation does not reach the state if w = 0.
  const auto point = one_neuron(relu, inside, 0, 0.4, 0.3, 0.1, Equation::current);
  BOOST_CHECK(status(point) == Status::success);
  const auto law = transfer_operator::stationary_law(point, Vector(), solve(point));
  BOOST_TEST(relative(law.mean.at(0).value, 0.4) < 1e-15);
  BOOST_TEST(law.variance.at(0).value == 0.0);
  BOOST_TEST(std::isnan(law.skewness.at(0).value));
  const auto poor =
      solve_stationary(one_neuron(relu, outside, 0.9, 0, 0.05, 0.5), Vector(), {.max_nodes = 100});
  BOOST_CHECK(poor.report.status == Status::no_convergence);
}

BOOST_AUTO_TEST_CASE(the_law_as_a_row_of_the_ladder) {
  networks::Network network{.W = Matrix::Constant(1, 1, -0.8), .b = Vector::Constant(1, 0.2)};
  network.W_in = Matrix::Constant(1, 1, 2.0);
  network.W_out = Matrix::Constant(2, 1, 3.0);
  network.b_out = Vector::Constant(2, -1.0);
  network.leak = 0.3;
  for (const auto equation : {Equation::rate, Equation::current}) {
    network.equation = equation;
    const models::NoisyChain chain(network, {{.where = NoiseSource::outside, .sigma = {0.4}}});
    const Vector input = Vector::Constant(1, 0.15);
    const auto law = transfer_operator::stationary_law(
        chain, input, transfer_operator::solve_stationary(chain, input));
    const auto same =
        solve(one_neuron(hyperbolic, NoiseSource::outside, -0.8, 0.5, 0.3, 0.4, equation));
    BOOST_TEST(law.method == "transfer_operator");
    BOOST_TEST(law.valid);
    BOOST_TEST(relative(law.mean.at(0).value, same.mean) < 1e-13);
    BOOST_TEST(law.covariance(0, 0) == law.variance.at(0).value);
    // Rate: z = 3h − 1. Current: E f(x) = (E x − c)/w by the exact identity.
    const double read = equation == Equation::rate ? same.mean : (same.mean - 0.5) / -0.8;
    BOOST_TEST(relative(law.output_mean.at(1).value, 3 * read - 1) < 1e-11);
    if (equation == Equation::rate) {
      BOOST_TEST(relative(law.output_variance.at(0).value, 9 * same.variance) < 1e-11);
    }
  }
}

// Noise inside, current equation: the read-out weighs relu(x) without fresh noise. Where x > 0
// always in a state that never meets its kink (w > 0, c > 0), E relu(x) = E x; with w < 0 the law
// straddles it.
BOOST_AUTO_TEST_CASE(read_out_of_a_kinked_current_neuron) {
  const auto law_of = [](double w, double c) {
    networks::Network network{.equation = Equation::current, .W = Matrix::Constant(1, 1, w)};
    network.b = Vector::Constant(1, c);
    network.W_out = Matrix::Ones(1, 1);
    network.activation = activations::Relu{};
    network.leak = 1.0;
    const models::NoisyChain chain(network, {{.where = NoiseSource::inside, .sigma = {0.5}}});
    return transfer_operator::stationary_law(chain, Vector(), solve(chain));
  };
  const auto linear = law_of(0.5, 0.3);
  BOOST_TEST(std::abs(linear.output_mean.at(0).value - linear.mean.at(0).value) < 1e-7);
  BOOST_TEST(std::abs(linear.output_variance.at(0).value - linear.variance.at(0).value) < 1e-7);
  // w < 0: x = c + w h with h of the rate equation, E relu(x) = |w| ∫₀^{c/|w|} P(h ≤ y) dy.
  const double w = -1.5, c = 0.2;
  const auto rate = one_neuron(relu, NoiseSource::inside, w, c, 1.0, 0.5);
  const auto h = transfer_operator::solve_distribution(rate, Vector(), solve(rate));
  const int midpoints = 4000;
  double integral = 0.0;
  for (int k = 0; k < midpoints; ++k) integral += h.cumulative(-c / w * (k + 0.5) / midpoints);
  BOOST_TEST(std::abs(law_of(w, c).output_mean.at(0).value - c * integral / midpoints) < 1e-7);
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_named) {
  networks::Network two{.W = Matrix::Zero(2, 2)};
  const networks::NoiseSpec noise{{.where = NoiseSource::outside, .sigma = {0.4}}};
  BOOST_CHECK_THROW(solve_stationary({two, noise}, Vector()), std::invalid_argument);
  const networks::NoiseSpec coloured{{.where = NoiseSource::inside,
                                      .sigma = {0.4},
                                      .convention = networks::NoiseConvention::stationary_sd,
                                      .correlation_time = 1.0}};
  BOOST_CHECK_THROW(solve_stationary(one_neuron(hyperbolic, coloured, 0.5, 0, 0.3), Vector()),
                    std::invalid_argument);
  const auto chain = one_neuron(hyperbolic, noise, 0.5, 0, 0.3);
  BOOST_CHECK_THROW(solve_stationary(chain, Vector::Zero(1)), std::invalid_argument);
  BOOST_CHECK_THROW(solve_stationary(chain, Vector(), {.tolerance = 0}), std::invalid_argument);
  BOOST_CHECK_THROW(solve_stationary(chain, Vector(), {.nodes_per_panel = 7}),
                    std::invalid_argument);
  BOOST_CHECK_THROW(transfer_operator::collocate(chain, Vector(), {1.0, 0.0}, 8),
                    std::invalid_argument);
}
