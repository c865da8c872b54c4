// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/training/train.hpp"

#include <cmath>
#include <cstring>
#include <string>
#include <string_view>

#include "lib/core/interrupt.hpp"
#include "lib/core/progress.hpp"
#include "lib/core/require.hpp"
#include "lib/random/noise_panels.hpp"
#include "solvers/training/back_propagation.hpp"
#include "solvers/training/checkpoint.hpp"

namespace stillpoint::training {
namespace {

constexpr std::string_view where = "training::train";

/// A hash of the numbers that decide how a training goes on (Fowler–Noll–Vo, 64 bits).
class Fingerprint {
 public:
  Fingerprint& add(double number) {
    std::uint64_t bits;
    std::memcpy(&bits, &number, sizeof bits);
    return add(bits);
  }
  Fingerprint& add(std::uint64_t bits) {
    for (int k = 0; k < 8; ++k) hash_ = (hash_ ^ (bits >> (8 * k) & 0xff)) * 0x100000001b3U;
    return *this;
  }
  Fingerprint& add(const Eigen::Ref<const Matrix>& numbers) {
    for (Index j = 0; j < numbers.cols(); ++j)
      for (Index i = 0; i < numbers.rows(); ++i) add(numbers(i, j));
    return *this;
  }
  std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325U;
};

std::uint64_t fingerprint(const networks::Network& network, const networks::StepNoise& noise,
                          const TrainingOptions& options) {
  Fingerprint print;
  print.add(network.W).add(network.W_in).add(network.b).add(network.W_out).add(network.b_out);
  print.add(network.leak).add(static_cast<std::uint64_t>(network.equation));
  for (const char c : activations::name(network.activation))
    print.add(static_cast<std::uint64_t>(c));
  for (const auto& [name, value] : activations::parameters(network.activation)) print.add(value);
  print.add(noise.argument_sd).add(noise.state_sd);
  print.add(static_cast<std::uint64_t>(options.iterations)).add(options.seed);
  if (const auto* adam = std::get_if<Adam>(&options.method))
    print.add(adam->first).add(adam->second).add(adam->epsilon);
  else
    print.add(std::get<GradientDescent>(options.method).momentum);
  const Schedule& schedule = options.schedule;
  print.add(static_cast<std::uint64_t>(schedule.shape)).add(schedule.rate);
  print.add(schedule.final_share).add(static_cast<std::uint64_t>(schedule.warm_up));
  print.add(options.clip).add(options.weight_decay).add(options.activity_penalty);
  const Trained& t = options.trained;
  for (const bool part : {t.W, t.W_in, t.b, t.W_out, t.b_out})
    print.add(static_cast<std::uint64_t>(part));
  return print.value();
}

void require_sane(const TrainingOptions& options) {
  const auto at_least_0 = [](std::string_view name, double value) {
    require(value >= 0.0 && std::isfinite(value), where, name, " = ", value, ", expected >= 0");
  };
  require(options.iterations >= 0, where, "iterations = ", options.iterations, ", expected >= 0");
  require(options.checkpoint_every >= 1, where, "checkpoint_every = ", options.checkpoint_every,
          ", expected >= 1");
  require(options.schedule.rate > 0.0 && std::isfinite(options.schedule.rate), where,
          "schedule.rate = ", options.schedule.rate, ", expected > 0");
  require(options.schedule.final_share >= 0.0 && options.schedule.final_share <= 1.0, where,
          "schedule.final_share = ", options.schedule.final_share, ", expected 0 to 1");
  require(options.schedule.warm_up >= 0, where, "schedule.warm_up = ", options.schedule.warm_up,
          ", expected >= 0");
  at_least_0("clip", options.clip);
  at_least_0("weight_decay", options.weight_decay);
}

}  // namespace

Training train(networks::Network network, const networks::NoiseSpec& noise, const Sampler& sampler,
               const TrainingOptions& options) {
  require_sane(options);
  network = networks::make_network(std::move(network));
  networks::StepNoise step_noise = networks::step_noise(network, noise);
  const Parameters parameters(network, options.trained);
  Optimizer optimizer(options.method, parameters.size());
  BackPropagation back({.activity_penalty = options.activity_penalty, .threads = options.threads});

  Checkpoint state{.fingerprint = fingerprint(network, step_noise, options),
                   .values = parameters.values(network)};
  Training result;
  if (!options.checkpoint.empty() && std::filesystem::exists(options.checkpoint)) {
    Checkpoint saved = load_checkpoint(options.checkpoint);
    require(saved.fingerprint == state.fingerprint && saved.values.size() == state.values.size() &&
                saved.iteration <= options.iterations,
            options.checkpoint.string(),
            "is the checkpoint of another training (network, noise, seed, number of iterations or "
            "another option differs); remove it to start anew, or give another file");
    optimizer.restore(saved.iteration, saved.memory);
    state = std::move(saved);
    result.resumed_at = state.iteration;
  }
  const auto save = [&] {
    if (options.checkpoint.empty()) return;
    state.memory = optimizer.memory();
    save_checkpoint(options.checkpoint, state);
  };

  const Vector decays = options.weight_decay * parameters.is_weight();
  Gradient gradient;
  Progress progress("training", std::max<Index>(options.iterations, 1));
  progress.advance(state.iteration);
  parameters.assign(state.values, network);
  try {
    while (state.iteration < options.iterations) {
      throw_if_interrupted();
      const Index k = state.iteration;
      const tasks::Trials trials = sampler(k);
      const Index paths =
          (trials.count + random::panel_paths - 1) / random::panel_paths * random::panel_paths;
      const Draws draws{.stream = {.seed = options.seed},
                        .first_path = static_cast<std::uint64_t>(k * paths)};
      if (options.noise_factor)
        step_noise =
            networks::step_noise(network, networks::scaled(noise, options.noise_factor(k)));
      const BatchLoss loss = back(network, step_noise, trials, draws, &gradient);
      Vector slope = parameters.values(gradient);
      const double norm = slope.norm();
      if (!loss.finite() || !std::isfinite(norm)) {
        result.report = Report::failure(Status::non_finite_state,
                                        "the loss of iteration " + std::to_string(k) +
                                            " is not finite; try a smaller learning rate");
        break;
      }
      if (options.clip > 0.0 && norm > options.clip) slope *= options.clip / norm;
      const double rate = options.schedule.at(k, options.iterations);
      state.values.array() -= rate * decays.array() * state.values.array();
      optimizer.step(slope, rate, state.values);
      parameters.assign(state.values, network);
      state.losses.push_back(loss.loss);
      ++state.iteration;
      progress.advance();
      if (state.iteration % options.checkpoint_every == 0) save();
    }
  } catch (const Interrupted&) {
    save();
    throw;
  }
  save();
  result.network = std::move(network);
  result.losses = std::move(state.losses);
  result.report.iterations = state.iteration;
  return result;
}

}  // namespace stillpoint::training
