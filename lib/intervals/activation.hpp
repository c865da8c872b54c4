// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/activations/activation.hpp"
#include "lib/intervals/interval.hpp"

namespace stillpoint::intervals {

/// @brief Range of an activation over x, ends rounded outward. At a jump, both sides.
Interval value(const activations::Activation& f, const Interval& x);

/// @brief Range of the slope f' over x, ends rounded outward; at a kink, all slopes between the
/// one-sided ones. For heaviside the whole line where x holds 0.
Interval slope(const activations::Activation& f, const Interval& x);

}  // namespace stillpoint::intervals
