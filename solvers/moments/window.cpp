// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/moments/window.hpp"

#include <chrono>
#include <string>

#include "solvers/moments/exact.hpp"
#include "solvers/moments/moment_map.hpp"

namespace stillpoint::moments {

namespace {

statistics::WindowLaw evolve(const models::NoisyChain& chain, const tasks::WindowTask& task,
                             Rung rung) {
  tasks::require_fits(task, chain.network());
  const auto start = std::chrono::steady_clock::now();
  const Index n = chain.units(), K = task.window;
  MomentMap map(chain, rung);
  Moments moments = map.certain(task.h0);
  statistics::WindowLaw law{.method = std::string(to_string(rung)),
                            .output_mean = Matrix::Zero(chain.outputs(), K),
                            .output_variance = Matrix::Zero(chain.outputs(), K),
                            .argument_mean = Vector::Zero(n),
                            .argument_sd = Vector::Zero(n)};
  Vector c, d, mean, variance;
  Vector state_mean = Vector::Zero(n), state_variance = Vector::Zero(n);
  for (Index t = 0; t < task.steps; ++t) {
    if (t < task.inputs.cols()) {
      c = chain.argument_offset(task.inputs.col(t));
      d = chain.state_offset(task.inputs.col(t));
    }
    map.step(c, d, moments);
    const Index read = t - (task.steps - K);
    if (read < 0) continue;
    map.read_out(moments, mean, variance);
    law.output_mean.col(read) = mean;
    law.output_variance.col(read) = variance;
    law.argument_mean += map.argument_mean() / static_cast<double>(K);
    law.argument_sd += map.argument_sd() / static_cast<double>(K);
    state_mean += moments.mean.head(n) / static_cast<double>(K);
    if (rung == Rung::closure)
      state_variance += moments.covariance.diagonal().head(n) / static_cast<double>(K);
  }
  law.mean_output = exact(law.output_mean.rowwise().mean());
  law.state_mean = exact(state_mean);
  law.state_variance = exact(state_variance);
  if (task.targets.size() > 0) {
    const Matrix targets =
        task.targets.cols() == K ? task.targets : Matrix(task.targets.replicate(1, K));
    law.loss = {.value = ((law.output_mean - targets).cwiseAbs2() + law.output_variance).mean()};
  }
  if (!law.output_mean.allFinite() || !law.output_variance.allFinite() ||
      !state_variance.allFinite()) {
    law.valid = false;
    law.note = "the moments overflowed: the recursion is unstable";
  }
  law.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return law;
}

}  // namespace

statistics::WindowLaw evolve_deterministic(const models::NoisyChain& chain,
                                           const tasks::WindowTask& task) {
  return evolve(chain, task, Rung::deterministic);
}

statistics::WindowLaw evolve_smoothed(const models::NoisyChain& chain,
                                      const tasks::WindowTask& task) {
  statistics::WindowLaw law = evolve(chain, task, Rung::smoothed);
  if (!smoothing_applies(chain)) {
    law.valid = false;
    law.note = smoothing_note;
  }
  return law;
}

statistics::WindowLaw evolve_closure(const models::NoisyChain& chain,
                                     const tasks::WindowTask& task) {
  return evolve(chain, task, Rung::closure);
}

}  // namespace stillpoint::moments
