// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// Mean and variance against the noise level, theory and Monte Carlo, beside their errors with the
/// observed orders; a grey upright line where the fourth-order series ends to be valid.
void noise_series(io::Results& results);

}  // namespace stillpoint::plots
