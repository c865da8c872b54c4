// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "lib/core/require.hpp"
#include "lib/models/concepts.hpp"

namespace stillpoint::sde {

/// What every scheme of this folder holds: the model (borrowed; must outlive the scheme), drift and
/// diffusion at the start of a step.
template <models::ItoDiffusion Model>
class Workspace {
 public:
  Index state_size() const { return model_.state_size(); }
  Index noise_size() const { return model_.noise_size(); }

 protected:
  /// @throws std::invalid_argument if the model has no state or no noise.
  Workspace(const Model& model, std::string_view scheme)
      : model_(model), f_(model.state_size()), G_(model.state_size(), model.noise_size()) {
    require(state_size() > 0, scheme, "state_size() = ", state_size(), ", expected > 0");
    require(noise_size() > 0, scheme, "noise_size() = ", noise_size(),
            ", expected > 0; a model without noise is an ordinary differential equation");
  }

  const Model& model_;
  Vector f_;  // (n)
  Matrix G_;  // (n, m)
};

}  // namespace stillpoint::sde
