// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// Chain and diffusion, a row an activation: the mean itself, and the errors of mean, variance and
/// skewness by order against what is varied, "sigma" or "leak".
void closure_orders(io::Results& results, const std::string& vary);

}  // namespace stillpoint::plots
