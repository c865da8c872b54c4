// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/networks/network.hpp"
#include "lib/networks/noise.hpp"

namespace stillpoint::networks {

/// @brief A network of one unit without input that reads its own state or rate:
/// h' = (1−g) h + g f(w h + c), z = h (rate), or x' = (1−g) x + g (w f(x) + c), z = f(x) (current).
Network single_unit(Equation equation, const activations::Activation& activation, double weight,
                    double bias, double leak);

/// One white source with the same sigma for every unit.
NoiseSpec white_noise(NoiseSource::Where where, double sigma,
                      NoiseConvention convention = NoiseConvention::per_step);

}  // namespace stillpoint::networks
