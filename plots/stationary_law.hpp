// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// One neuron: its density with the mean of every rung. Many: means and variances, theory against
/// simulation. Nothing is drawn where the tables for it are missing.
void stationary_law(io::Results& results);

}  // namespace stillpoint::plots
