// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// Chain and diffusion, a row a case: the mean itself, and the errors of mean, variance and
/// skewness by order against what is varied, "sigma" or "leak".
void closure_orders(io::Results& results, const std::string& vary);

/// Mean and standard deviation of every state of a model along time, a line an order; dots where
/// the moments are those of no law.
void moments_along_time(io::Results& results);

}  // namespace stillpoint::plots
