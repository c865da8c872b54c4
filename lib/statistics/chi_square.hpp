// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"

namespace stillpoint::statistics {

/// @brief How well counts of independent samples in bins fit their probabilities: chi-square,
/// measured from its mean in its standard deviations,
///
///     (Σ (k_i − N p_i)²/(N p_i) − ν)/√(2ν),   ν = bins − 1.
///
/// Bins that expect fewer than five samples are put together; those together expecting fewer than
/// five are left out. Large and positive where counts do not fit; about N(0, 1) for many bins.
/// @param[in] counts         k, ≥ 0, Σ = N > 0, (bins).
/// @param[in] probabilities  p, ≥ 0, Σ = 1 up to what lies outside the bins, (bins).
/// @throws std::invalid_argument for a wrong shape or number, or if fewer than two bins are left.
double chi_square_deviation(const Vector& counts, const Vector& probabilities);

}  // namespace stillpoint::statistics
