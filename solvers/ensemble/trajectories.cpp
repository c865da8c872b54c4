// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ensemble/trajectories.hpp"

#include "lib/core/interrupt.hpp"
#include "lib/core/require.hpp"
#include "solvers/ensemble/chain_block.hpp"

namespace stillpoint::ensemble {

std::vector<Matrix> simulate_trajectories(const models::NoisyChain& chain, const Matrix& inputs,
                                          const Vector& initial_state, Index steps, Index paths,
                                          const random::Stream& stream) {
  constexpr std::string_view where = "simulate_trajectories";
  require(steps >= 0, where, "steps = ", steps, ", expected >= 0");
  require(paths > 0, where, "paths = ", paths, ", expected > 0");
  require(inputs.cols() == 1 || inputs.cols() >= steps, where, "input has ", inputs.cols(),
          " columns, expected 1 or at least ", steps, " (one a step)");
  const ChainProgram program(chain, inputs, initial_state, stream);
  ChainBlock block(program, 0, (paths + Panels::paths_each - 1) / Panels::paths_each);
  std::vector<Matrix> trajectories(paths, Matrix(chain.units(), steps + 1));
  const auto record = [&](Index column) {
    for (Index path = 0; path < paths; ++path)
      for (Index i = 0; i < chain.units(); ++i)
        trajectories[path](i, column) = block.state()(i, path);
  };
  record(0);
  for (Index t = 0; t < steps; ++t) {
    throw_if_interrupted();
    block.step(t);
    record(t + 1);
  }
  return trajectories;
}

}  // namespace stillpoint::ensemble
