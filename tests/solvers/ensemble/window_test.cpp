// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE ensemble_window
#include "solvers/ensemble/window.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>

#include "lib/networks/network_file.hpp"
#include "tests/support/chains.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistical.hpp"

using namespace stillpoint;
using namespace stillpoint::activations;
using ensemble::simulate_window;
using networks::Equation;
using statistics::Estimate;
using tests::check_agrees;

namespace {

Matrix waves(Index steps) {
  Matrix inputs(2, steps);
  for (Index t = 0; t < steps; ++t) {
    inputs(0, t) = std::sin(0.4 * static_cast<double>(t));
    inputs(1, t) = t % 5 == 0 ? 1.0 : 0.0;
  }
  return inputs;
}

}  // namespace

// Transient law of linear networks under a time-varying input: every field of the answer.
BOOST_AUTO_TEST_CASE(linear_networks) {
  const Index n = 5, steps = 25, window = 8;
  const Matrix inputs = waves(steps);
  for (const Equation equation : {Equation::rate, Equation::current}) {
    const models::NoisyChain chain(tests::wavy_network(n, 0.3, equation, Identity{}),
                                   tests::every_noise(n));
    const Vector h0 = Vector::LinSpaced(n, 1.0, -1.0);
    const Matrix& W_out = chain.network().W_out;
    Matrix z(2, window), z_variance(2, window), targets(2, window);
    Vector mean = Vector::Zero(n), variance = Vector::Zero(n);
    double loss = 0.0;
    tests::LinearLaw law{chain.initial_state(h0),
                         Matrix::Zero(chain.state_size(), chain.state_size())};
    for (Index t = 0; t < steps; ++t) {
      tests::linear_step(chain, inputs.col(t), law);
      const Index k = t - (steps - window);
      if (k < 0) continue;
      z.col(k) = W_out * law.mean.head(n) + chain.network().b_out;
      z_variance.col(k) =
          (W_out * law.covariance.topLeftCorner(n, n) * W_out.transpose()).diagonal();
      targets.col(k) << 0.1 * static_cast<double>(k), -0.5;
      mean += law.mean.head(n) / window;
      variance += law.covariance.diagonal().head(n) / window;
      loss += ((z - targets).col(k).squaredNorm() + z_variance.col(k).sum()) / (2.0 * window);
    }
    const Index paths = 20000;
    const auto answer = simulate_window(chain, {inputs, h0, steps, window, targets},
                                        {.paths = paths, .seed = tests::seed});
    BOOST_TEST(answer.valid, answer.note);
    check_agrees(answer.loss, loss, "loss");
    BOOST_TEST(answer.loss.standard_error < 0.02 * loss);  // the power of the test
    for (Index i = 0; i < n; ++i) {
      check_agrees(answer.state_mean[i], mean(i), "state mean");
      check_agrees(answer.state_variance[i], variance(i), "state variance");
    }
    for (Index i = 0; i < 2; ++i) {
      check_agrees(answer.mean_output[i], z.row(i).mean(), "mean output");
      for (Index k = 0; k < window; ++k) {
        const double v = z_variance(i, k);
        check_agrees({answer.output_mean(i, k), std::sqrt(v / paths)}, z(i, k), "output mean");
        check_agrees({answer.output_variance(i, k), v * std::sqrt(2.0 / paths)}, v,
                     "output variance");
      }
    }
  }
}

// Standard errors against the scatter over streams: z² averages to 1; √(2/300) is its standard
// error, 1.5 times that allowed for the skewed loss and variance, 3 % for the reference
// (window.cpp) and Student's t.
BOOST_AUTO_TEST_CASE(standard_errors_are_the_scatter) {
  const Index steps = 12, window = 4;
  const std::uint32_t streams = 300;
  const models::NoisyChain chain(tests::wavy_network(3, 0.3, Equation::rate, Identity{}),
                                 tests::every_noise(3));
  const Matrix u = Matrix::Ones(2, 1), targets = Matrix::Constant(2, 1, 0.3);
  std::vector<statistics::WindowLaw> laws;
  for (std::uint32_t stream = 0; stream < streams; ++stream)
    laws.push_back(
        simulate_window(chain, {u, Vector::Zero(3), steps, window, targets},
                        {.paths = 256, .seed = tests::seed, .stream = stream, .threads = 1}));
  const auto check = [&](auto&& pick, const char* what) {
    double sum = 0.0, z2 = 0.0;
    for (const auto& law : laws) sum += pick(law).value / streams;
    for (const auto& law : laws)
      z2 += std::pow((pick(law).value - sum) / pick(law).standard_error, 2) / (streams - 1.0);
    BOOST_TEST(std::abs(z2 - 1.0) <= 5.0 * 1.5 * std::sqrt(2.0 / streams) + 0.03,
               what << ": mean z² = " << z2);
  };
  check([](const auto& law) { return law.loss; }, "loss");
  check([](const auto& law) { return law.state_mean[1]; }, "state mean");
  check([](const auto& law) { return law.state_variance[1]; }, "state variance");
  check([](const auto& law) { return law.mean_output[0]; }, "mean output");
}

// Antithetic pairs: the mean of a linear network without error, and a loss whose standard error is
// that of half the paths, as (z − target)² is even up to a part that cancels where z is unbiased.
BOOST_AUTO_TEST_CASE(antithetic_pairs) {
  const Index n = 3, steps = 12, window = 4;
  const models::NoisyChain chain(tests::wavy_network(n, 0.3, Equation::rate, Identity{}),
                                 tests::every_noise(n));
  const Matrix u = waves(steps);
  const models::NoisyChain silent(chain.network(), {});
  const Matrix exact = simulate_window(silent, {u, Vector::Zero(n), steps, window, {}}).output_mean;
  const tasks::WindowTask task{u, Vector::Zero(n), steps, window, exact};
  ensemble::WindowOptions options{.paths = 6000, .seed = tests::seed};
  const auto plain = simulate_window(chain, task, options);
  options.variance_reduction = ensemble::VarianceReduction::antithetic;
  const auto pairs = simulate_window(chain, task, options);
  BOOST_TEST(pairs.valid, pairs.note);
  BOOST_TEST((pairs.output_mean - exact).cwiseAbs().maxCoeff() < 1e-13);
  for (const Estimate& mean : pairs.mean_output) BOOST_TEST(mean.standard_error < 1e-14);
  check_agrees({pairs.loss.value - plain.loss.value,
                std::hypot(pairs.loss.standard_error, plain.loss.standard_error)},
               0.0, "loss");
  // The squares of the standard errors are known to 5 %.
  const double ratio = std::pow(pairs.loss.standard_error / plain.loss.standard_error, 2);
  BOOST_TEST(std::abs(ratio - 2.0) < 0.5, "ratio " << ratio);
  for (Index i = 0; i < n; ++i)
    check_agrees({pairs.state_variance[i].value - plain.state_variance[i].value,
                  std::hypot(pairs.state_variance[i].standard_error,
                             plain.state_variance[i].standard_error)},
                 0.0, "state variance");
  options.paths = 5999;
  BOOST_CHECK_THROW(simulate_window(chain, task, options), std::invalid_argument);
  options = {.variance_reduction = ensemble::VarianceReduction::control};
  BOOST_CHECK_THROW(simulate_window(chain, task, options), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(bit_identical_for_any_number_of_threads) {
  const models::NoisyChain chain(tests::wavy_network(9, 0.3, Equation::current, Tanh{}),
                                 tests::every_noise(9));
  const auto run = [&](int threads) {
    return simulate_window(chain, {waves(20), Vector::Zero(9), 20, 5, Matrix::Zero(2, 1)},
                           {.paths = 900, .threads = threads});
  };
  const auto one = run(1);
  for (const int threads : {2, 4}) {
    const auto many = run(threads);
    BOOST_TEST(one.loss.value == many.loss.value);
    BOOST_TEST(one.loss.standard_error == many.loss.standard_error);
    BOOST_TEST((one.output_mean == many.output_mean));
    BOOST_TEST((one.output_variance == many.output_variance));
    for (Index i = 0; i < 9; ++i) {
      BOOST_TEST(one.state_mean[i].value == many.state_mean[i].value);
      BOOST_TEST(one.state_variance[i].standard_error == many.state_variance[i].standard_error);
    }
  }
}

BOOST_AUTO_TEST_CASE(without_noise_there_is_no_error) {
  const Index n = 4, steps = 9, window = 3;
  const models::NoisyChain chain(tests::wavy_network(n, 0.3, Equation::rate, Tanh{}), {});
  const Vector h0 = Vector::Ones(n);
  const Matrix u = waves(steps);
  const auto law = simulate_window(chain, {u, h0, steps, window, Matrix::Zero(2, 1)});
  const Matrix slow = tests::slow_path(chain, u, h0, steps, 0, {}).rightCols(window);
  const Matrix z = (chain.network().W_out * slow).colwise() + Vector(chain.network().b_out);
  BOOST_TEST((law.output_mean - z).cwiseAbs().maxCoeff() < 1e-14);
  BOOST_TEST(law.output_variance.isZero(0.0));
  BOOST_TEST(std::abs(law.loss.value - z.squaredNorm() / (2.0 * window)) < 1e-14);
  BOOST_TEST(law.loss.standard_error == 0.0);
  for (const Estimate& mean : law.state_mean) BOOST_TEST(mean.standard_error == 0.0);
}

BOOST_AUTO_TEST_CASE(without_targets_there_is_no_loss) {
  const models::NoisyChain chain(tests::wavy_network(2, 0.3, Equation::rate, Tanh{}), {});
  const auto law = simulate_window(chain, {Matrix::Zero(2, 1), Vector::Zero(2), 5, 2, {}});
  BOOST_TEST(std::isnan(law.loss.value));
  BOOST_TEST(law.valid);
}

// Trained networks against losses and mean outputs that another program measured (5 combined
// standard errors; 2e-6 without noise, where both are deterministic and the file is rounded).
BOOST_AUTO_TEST_CASE(trained_networks) {
  for (const std::string network : {"sine_relu_inside", "sine_relu_outside"}) {
    const auto file = networks::load_network(STILLPOINT_TEST_DATA "/networks/" + network + ".toml");
    BOOST_REQUIRE(file.evaluation.has_value());
    const auto& table = *file.evaluation;
    for (const Index level : {Index{0}, Index{2}, Index{5}, table.sigma_test.size() - 1}) {
      const double sigma = table.sigma_test(level);
      const models::NoisyChain chain(file.network, file.noise_at(sigma));
      double loss = 0.0, square = 0.0;
      for (Index k = 0; k < file.conditions(); ++k) {
        const auto law = simulate_window(
            chain, tasks::window_task(file, k),
            {.paths = 1024, .seed = tests::seed, .stream = static_cast<std::uint32_t>(k)});
        const double share = 1.0 / static_cast<double>(file.conditions());
        loss += share * law.loss.value;
        square += std::pow(share * law.loss.standard_error, 2);
        if (sigma == 0.0) {
          BOOST_TEST(std::abs(law.mean_output[0].value - table.mean_output_zero_noise(k, 0)) <
                     2e-6);
        } else if (sigma == table.noisy_level) {
          check_agrees({law.mean_output[0].value, std::hypot(law.mean_output[0].standard_error,
                                                             table.mean_output_noisy_se(k, 0))},
                       table.mean_output_noisy(k, 0), network + " mean output");
        }
      }
      if (sigma == 0.0)
        BOOST_TEST(std::abs(loss - table.loss(level)) < 2e-6);
      else
        check_agrees({loss, std::hypot(std::sqrt(square), table.loss_se(level))}, table.loss(level),
                     network + " loss at sigma " + std::to_string(sigma));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_goes_wrong_is_said) {
  networks::Network network = tests::wavy_network(3, 1.0, Equation::rate, Identity{});
  network.W *= 1e6;
  const models::NoisyChain chain(network, {{.sigma = {1.0}}});
  const auto law = simulate_window(
      chain, {Matrix::Ones(2, 1), Vector::Ones(3), 100, 10, Matrix::Zero(2, 1)}, {.paths = 32});
  BOOST_TEST(!law.valid);
  BOOST_TEST(law.note.find("finite") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_named) {
  const models::NoisyChain chain(tests::wavy_network(3, 0.5, Equation::rate, Tanh{}), {});
  const tasks::WindowTask task{Matrix::Zero(2, 1), Vector::Zero(3), 5, 2, {}};
  BOOST_CHECK_THROW(simulate_window(chain, task, {.paths = 0}), std::invalid_argument);
  tasks::WindowTask longer = task;
  longer.window = 6;  // tests/lib/tasks has every other way in which a task does not fit
  BOOST_CHECK_THROW(simulate_window(chain, longer), std::invalid_argument);
}
