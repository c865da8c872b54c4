// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ensemble/panel_activation.hpp"

#include <string_view>
#include <variant>

#include "lib/core/require.hpp"

namespace stillpoint::ensemble {
namespace {

ActivationKind kind_of(std::string_view name) {
  if (name == "identity") return ActivationKind::identity;
  if (name == "relu") return ActivationKind::relu;
  if (name == "leaky_relu") return ActivationKind::leaky_relu;
  if (name == "saturating_linear") return ActivationKind::saturating_linear;
  if (name == "softplus") return ActivationKind::softplus;
  if (name == "tanh") return ActivationKind::tanh;
  if (name == "logistic") return ActivationKind::logistic;
  if (name == "erf") return ActivationKind::erf;
  if (name == "heaviside") return ActivationKind::heaviside;
  require(false, "ensemble", "the activation ", name, " has no vector kernel");
  return ActivationKind::identity;
}

}  // namespace

PanelActivation panel_activation(const activations::Activation& activation) {
  return std::visit(
      [](const auto& f) {
        double parameter = 0.0;
        if constexpr (requires { f.slope(); }) parameter = f.slope();
        if constexpr (requires { f.sharpness(); }) parameter = f.sharpness();
        return PanelActivation{.kind = kind_of(f.name), .parameter = parameter};
      },
      activation);
}

}  // namespace stillpoint::ensemble
