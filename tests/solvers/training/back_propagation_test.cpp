// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE back_propagation
#include "solvers/training/back_propagation.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include "lib/models/noisy_chain.hpp"
#include "lib/networks/single_unit.hpp"
#include "solvers/ensemble/chain_block.hpp"
#include "solvers/training/gradient_check.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using networks::Equation;
using networks::NoiseSource;
using tasks::Trials;
using training::BackPropagation;
using training::Draws;
using training::Gradient;
using training::Parameters;

namespace {

const Draws draws{.stream = {.seed = tests::seed, .stream = 3}, .first_path = 64};

Matrix gaussian(Index rows, Index columns, double sd, std::mt19937_64& engine) {
  std::normal_distribution<double> normal(0.0, sd);
  return Matrix::NullaryExpr(rows, columns, [&] { return normal(engine); });
}

networks::Network random_network(const activations::Activation& f, Equation equation,
                                 std::mt19937_64& engine) {
  const Index n = 7;
  return networks::make_network({.equation = equation,
                                 .W = gaussian(n, n, 0.5, engine),
                                 .W_in = gaussian(n, 2, 1.0, engine),
                                 .b = gaussian(n, 1, 0.5, engine),
                                 .W_out = gaussian(3, n, 0.5, engine),
                                 .b_out = gaussian(3, 1, 0.3, engine),
                                 .activation = f,
                                 .leak = 0.4});
}

/// 40 trials, one panel and a piece of another; inputs and targets of every step, gaps in the
/// weights.
Trials random_trials(std::mt19937_64& engine) {
  Trials trials{.steps = 6,
                .count = 40,
                .weights = gaussian(6, 40, 1.0, engine).cwiseAbs(),
                .output_weights = Eigen::Vector3d(1.0, 0.5, 2.0),
                .h0 = gaussian(7, 40, 0.5, engine)};
  for (Index t = 0; t < trials.steps; ++t) {
    trials.inputs.push_back(gaussian(2, 40, 1.0, engine));
    trials.targets.push_back(gaussian(3, 40, 1.0, engine));
  }
  trials.weights.row(0).setZero();
  trials.weights.row(3).setZero();
  trials.weights(4, 7) = 0.0;
  return trials;
}

/// The loss by the common form of the chain, one trial and one number after the other.
struct Plain {
  double loss = 0.0, activity = 0.0;
  double nearest_kink = std::numeric_limits<double>::infinity();
};

Plain plain_loss(const networks::Network& network, const networks::NoiseSpec& noise,
                 const Trials& trials) {
  const models::NoisyChain chain(network, noise);
  const auto& f = chain.activation();
  const auto kinks = activations::kinks(f);
  Plain plain;
  const auto apply = [&](const Vector& a) {
    for (const double kink : kinks)
      plain.nearest_kink = std::min(plain.nearest_kink, (a.array() - kink).abs().minCoeff());
    return Vector(a.unaryExpr([&](double u) { return activations::value(f, u); }));
  };
  const Index n = chain.units();
  double total = 0.0;
  for (Index k = 0; k < trials.count; ++k) {
    const auto path = draws.first_path + static_cast<std::uint64_t>(k);
    Vector y = trials.h0.col(trials.h0.cols() == 1 ? 0 : k);
    for (Index t = 1; t <= trials.steps; ++t) {
      const Vector u = trials.input(t).col(k);
      const auto draw = [&](std::uint32_t index) {
        return random::normal(draws.stream, path, static_cast<std::uint32_t>(t - 1), index);
      };
      Vector inside(n), outside(n);
      for (Index i = 0; i < n; ++i) {
        inside(i) = draw(static_cast<std::uint32_t>(i));
        outside(i) = draw(ensemble::state_index + static_cast<std::uint32_t>(i));
      }
      const Vector a = chain.argument_weights() * y + chain.argument_offset(u) +
                       chain.argument_sd().cwiseProduct(inside);
      y = chain.retention().cwiseProduct(y) + chain.gain() * apply(a) + chain.state_offset(u) +
          chain.state_sd().cwiseProduct(outside);
      const Vector r = chain.reads_activation() ? apply(y) : y;
      plain.activity += r.squaredNorm() / static_cast<double>(trials.steps * trials.count * n);
      const Vector error = network.W_out * r + network.b_out - trials.target(t).col(k);
      const double w = trials.weight(t, k);
      plain.loss += w * error.cwiseAbs2().dot(trials.output_weights);
      total += w * trials.output_weights.sum();
    }
  }
  plain.loss /= total;
  return plain;
}

networks::NoiseSpec noise_of(NoiseSource::Where where) {
  if (where == NoiseSource::state)
    return networks::NoiseSpec{
        {.where = where, .sigma = {0.3}, .convention = networks::NoiseConvention::raw_step}};
  return networks::white_noise(where, 0.3);
}

}  // namespace

// Loss against the chain written out; gradient against differences, to 1e-8 of its largest entry.
BOOST_AUTO_TEST_CASE(loss_and_gradient) {
  std::mt19937_64 engine(tests::seed);
  for (const auto name : activations::activation_names()) {
    if (name == "heaviside") continue;
    for (const Equation equation : networks::all_equations)
      for (const auto where : networks::all_placements) {
        for (const double penalty : {0.0, 0.7}) {
          const auto network = random_network(activations::make_activation(name), equation, engine);
          const auto noise = noise_of(where);
          Trials trials = random_trials(engine);
          Plain plain = plain_loss(network, noise, trials);
          while (plain.nearest_kink < 1e-4) {  // differences would cross it
            trials = random_trials(engine);
            plain = plain_loss(network, noise, trials);
          }
          const auto step_noise = networks::step_noise(network, noise);
          BackPropagation back({.activity_penalty = penalty, .threads = 1});
          Gradient gradient;
          const auto loss = back(network, step_noise, trials, draws, &gradient);
          const auto what = std::string(name) + " " + std::string(to_string(equation)) + " " +
                            std::string(to_string(where));
          BOOST_TEST(std::abs(loss.loss - plain.loss) < 1e-13 * plain.loss, what);
          if (penalty > 0.0)
            BOOST_TEST(std::abs(loss.activity - plain.activity) < 1e-13 * plain.activity, what);
          BOOST_TEST(loss.objective == loss.loss + penalty * loss.activity);
          const Parameters parameters(network, {});
          const auto check = training::check_gradient(
              [&](const Vector& values) {
                networks::Network moved = network;
                parameters.assign(values, moved);
                return back(moved, step_noise, trials, draws, nullptr).objective;
              },
              parameters.values(network), parameters.values(gradient),
              {.most = tests::full_effort() ? 0 : 24});
          BOOST_TEST(check.error < 1e-8, what << ": " << check.error << " +- " << check.uncertainty
                                              << " at " << check.worst);
        }
      }
  }
}

BOOST_AUTO_TEST_CASE(the_number_of_threads_does_not_matter) {
  std::mt19937_64 engine(tests::seed);
  const auto network = random_network(activations::Relu{}, Equation::rate, engine);
  const auto noise = networks::step_noise(network, networks::white_noise(NoiseSource::inside, 0.3));
  const Trials trials = random_trials(engine);
  Gradient one, three;
  BackPropagation single({.threads = 1}), several({.threads = 3});
  const auto a = single(network, noise, trials, draws, &one);
  const auto b = several(network, noise, trials, draws, &three);
  BOOST_TEST(a.loss == b.loss);
  BOOST_TEST((one.W == three.W));
  BOOST_TEST((one.W_out == three.W_out));
  // The same object again, and after another shape.
  Trials longer = random_trials(engine);
  longer.count = 3;
  longer.steps = 2;
  longer.weights = Matrix::Ones(2, 1);
  longer.h0 = Vector::Zero(7);
  for (auto* list : {&longer.inputs, &longer.targets}) {
    list->resize(2);
    for (Matrix& entry : *list) entry = Matrix(entry.leftCols(3));
  }
  Gradient other;
  several(network, noise, longer, draws, &other);
  const auto c = several(network, noise, trials, draws, &three);
  BOOST_TEST(c.loss == a.loss);
  BOOST_TEST((one.W_in == three.W_in));
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  std::mt19937_64 engine(tests::seed);
  const auto network = random_network(activations::Relu{}, Equation::rate, engine);
  const auto noise = networks::step_noise(network, networks::white_noise(NoiseSource::inside, 0.3));
  const Trials good = random_trials(engine);
  BackPropagation back({.threads = 1});
  const auto refused = [&](const Trials& trials) {
    BOOST_CHECK_THROW(back(network, noise, trials, draws, nullptr), std::invalid_argument);
  };
  Trials bad = good;
  bad.weights.setZero();
  refused(bad);
  bad = good;
  bad.weights(1, 1) = -1.0;
  refused(bad);
  bad = good;
  bad.inputs.pop_back();
  refused(bad);
  bad = good;
  bad.targets[2](1, 1) = std::numeric_limits<double>::quiet_NaN();
  refused(bad);
  bad = good;
  bad.h0 = Matrix::Zero(6, 40);
  refused(bad);
  bad = good;
  bad.output_weights = Eigen::Vector2d(1.0, 1.0);
  refused(bad);
  BOOST_CHECK_THROW(back(network, noise, good, {.stream = {}, .first_path = 33}, nullptr),
                    std::invalid_argument);
  auto jumping = network;
  jumping.activation = activations::Heaviside{};
  BOOST_CHECK_THROW(back(jumping, noise, good, draws, nullptr), std::invalid_argument);
  const auto slow =
      networks::step_noise(network, {{.where = NoiseSource::inside,
                                      .sigma = {0.3},
                                      .convention = networks::NoiseConvention::stationary_sd,
                                      .correlation_time = 2.0}});
  BOOST_CHECK_THROW(back(network, slow, good, draws, nullptr), std::invalid_argument);
  BOOST_CHECK_THROW(BackPropagation({.activity_penalty = -1.0}), std::invalid_argument);
}
