// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE train
#include "solvers/training/train.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "lib/core/interrupt.hpp"
#include "lib/networks/initial_weights.hpp"
#include "lib/networks/single_unit.hpp"
#include "lib/tasks/function_approximation.hpp"
#include "solvers/training/back_propagation.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace stillpoint;
using networks::NoiseSource;
using tasks::FunctionApproximation;
using training::train;
using training::Training;
using training::TrainingOptions;

namespace {

networks::Network start(Index units, std::uint64_t seed) {
  return networks::draw_network({.W = Matrix::Zero(units, units),
                                 .W_in = Matrix::Zero(units, 1),
                                 .W_out = Matrix::Zero(1, units),
                                 .activation = activations::Relu{},
                                 .leak = 0.5},
                                {}, {.seed = seed, .stream = 1});
}

training::Sampler sampler(Index count, Index units, std::uint64_t seed) {
  return [=](Index iteration) {
    return FunctionApproximation{}.draw(count, units, {.seed = seed, .stream = 2},
                                        static_cast<std::uint32_t>(iteration));
  };
}

/// Loss at a noise level, 4096 trials: standard error below 2 % of it.
double loss_at(const networks::Network& network, NoiseSource::Where where, double sigma) {
  training::BackPropagation run({.threads = 1});
  const auto trials = FunctionApproximation{}.draw(4096, network.units(), {.seed = 77}, 0);
  return run(network, networks::step_noise(network, networks::white_noise(where, sigma)), trials,
             {.stream = {.seed = 78}}, nullptr)
      .loss;
}

bool same(const networks::Network& a, const networks::Network& b) {
  return a.W == b.W && a.W_in == b.W_in && a.b == b.b && a.W_out == b.W_out && a.b_out == b.b_out;
}

}  // namespace

// Recipe A of the theory page, section 12: noise inside is preferred (its loss without noise is
// about 10 to 15 times that at the training noise), noise outside is not (0.2 to 0.5).
BOOST_AUTO_TEST_CASE(noise_is_preferred_inside_and_not_outside) {
  for (const auto where : {NoiseSource::inside, NoiseSource::outside}) {
    const double sigma = 1.0;
    const Training trained =
        train(start(50, 1), networks::white_noise(where, sigma), sampler(32, 50, 1), {});
    BOOST_TEST(trained.report.ok());
    BOOST_TEST(trained.losses.size() == 1000u);
    const double quiet = loss_at(trained.network, where, 0.0),
                 noisy = loss_at(trained.network, where, sigma);
    BOOST_TEST(noisy < 0.1 * loss_at(start(50, 1), where, sigma));
    BOOST_TEST_MESSAGE(to_string(where) << ": L(0) = " << quiet << ", L(sigma) = " << noisy);
    if (where == NoiseSource::inside)
      BOOST_TEST(quiet > 5.0 * noisy);
    else
      BOOST_TEST(quiet < 0.7 * noisy);
  }
}

BOOST_AUTO_TEST_CASE(the_number_of_threads_does_not_matter) {
  const auto noise = networks::white_noise(NoiseSource::inside, 0.5);
  const Training one =
      train(start(9, 2), noise, sampler(70, 9, 2), {.iterations = 30, .threads = 1});
  const Training three =
      train(start(9, 2), noise, sampler(70, 9, 2), {.iterations = 30, .threads = 3});
  BOOST_TEST(same(one.network, three.network));
  BOOST_TEST((one.losses == three.losses));
  const Training other =
      train(start(9, 2), noise, sampler(70, 9, 2), {.iterations = 30, .seed = 9});
  BOOST_TEST(!same(one.network, other.network));
}

// A run that is stopped by Ctrl-C in iteration 17 and started again, to the bit.
BOOST_AUTO_TEST_CASE(a_stopped_run_goes_on) {
  const tests::ScratchFolder folder;
  const auto noise = networks::white_noise(NoiseSource::inside, 0.5);
  const auto sample = sampler(32, 9, 3);
  TrainingOptions options{.iterations = 40, .weight_decay = 0.1, .activity_penalty = 0.01};
  const Training whole = train(start(9, 3), noise, sample, options);
  options.checkpoint = folder.path() / "run.npz";
  const auto stopping = [&](Index iteration) {
    if (iteration == 17) request_interrupt();
    return sample(iteration);
  };
  BOOST_CHECK_THROW(train(start(9, 3), noise, stopping, options), Interrupted);
  request_interrupt(false);
  const Training rest = train(start(9, 3), noise, sample, options);
  BOOST_TEST(rest.resumed_at == 17);
  BOOST_TEST(same(rest.network, whole.network));
  BOOST_TEST((rest.losses == whole.losses));
  // Finished: nothing is left to do.
  const Training again = train(start(9, 3), noise, sample, options);
  BOOST_TEST(again.resumed_at == 40);
  BOOST_TEST(same(again.network, whole.network));
  // Another seed, network or file is not taken for it.
  options.seed = 2;
  BOOST_CHECK_THROW(train(start(9, 3), noise, sample, options), std::invalid_argument);
  options.seed = 1;
  BOOST_CHECK_THROW(train(start(9, 4), noise, sample, options), std::invalid_argument);
  std::ofstream(options.checkpoint) << "text";
  BOOST_CHECK_THROW(train(start(9, 3), noise, sample, options), std::invalid_argument);
}

// What is not trained stays, weights decay, and a factor 0 takes the noise away.
BOOST_AUTO_TEST_CASE(options_do_what_they_say) {
  const auto before = start(9, 5);
  const auto noise = networks::white_noise(NoiseSource::inside, 0.5);
  TrainingOptions options{.iterations = 20, .trained = {.W = false, .b_out = false}};
  const Training part = train(before, noise, sampler(32, 9, 5), options);
  BOOST_TEST((part.network.W == before.W));
  BOOST_TEST((part.network.b_out == before.b_out));
  BOOST_TEST((part.network.W_in != before.W_in));
  options.weight_decay = 1.0;
  const Training decayed = train(before, noise, sampler(32, 9, 5), options);
  BOOST_TEST(decayed.network.W_in.norm() < part.network.W_in.norm());
  options.noise_factor = [](Index) { return 0.0; };
  const Training quiet = train(before, noise, sampler(32, 9, 5), options);
  const Training silent =
      train(before, networks::white_noise(NoiseSource::inside, 0.0), sampler(32, 9, 5), options);
  BOOST_TEST(same(quiet.network, silent.network));
}

BOOST_AUTO_TEST_CASE(what_diverges_is_reported) {
  const Training lost =
      train(start(9, 6), networks::white_noise(NoiseSource::inside, 0.5), sampler(32, 9, 6),
            {.schedule = {.shape = training::Schedule::Shape::constant, .rate = 1e150}});
  BOOST_TEST(!lost.report.ok());
  BOOST_TEST(lost.report.message.find("learning rate") != std::string::npos);
  BOOST_TEST(lost.losses.size() < 1000u);
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  const auto noise = networks::white_noise(NoiseSource::inside, 0.5);
  const auto refused = [&](const TrainingOptions& options) {
    BOOST_CHECK_THROW(train(start(4, 1), noise, sampler(8, 4, 1), options), std::invalid_argument);
  };
  refused({.iterations = -1});
  refused({.schedule = {.rate = 0.0}});
  refused({.schedule = {.final_share = 2.0}});
  refused({.clip = -1.0});
  refused({.weight_decay = std::numeric_limits<double>::quiet_NaN()});
  refused({.activity_penalty = -1.0});
  refused({.checkpoint_every = 0});
  refused({.trained = {.W = false, .W_in = false, .b = false, .W_out = false, .b_out = false}});
  refused({.noise_factor = [](Index) { return -1.0; }});
  BOOST_CHECK_THROW(train(start(4, 1), noise, sampler(8, 5, 1), {}), std::invalid_argument);
}
