// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/activations/activation.hpp"
#include "solvers/ensemble/kernels.hpp"

namespace stillpoint::ensemble {

/// The kernel job of an activation: kind and parameter set, the rest as by default.
PanelActivation panel_activation(const activations::Activation& activation);

}  // namespace stillpoint::ensemble
