// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// Errors of mean, variance and skewness against the leak, noise inside and outside.
void leak_limit(io::Results& results);

}  // namespace stillpoint::plots
