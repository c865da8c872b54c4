// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"

namespace stillpoint::algebraic {

struct MinimizeOptions {
  Index scan = 64;  ///< Number of intervals of the scan that looks for the global minimum, ≥ 2.
  /// Relative width of the final bracket; √ε is the best that values alone allow.
  double tolerance = 1e-8;
};

/// The least value found and where.
struct Minimum {
  double argument;
  double value;
  Report report;
};

/// @brief Minimum of a function of one variable on [lower, upper].
///
/// A scan on equally spaced points finds the lowest interior valley, Brent's method (Brent 1973,
/// chapter 5; GSL) polishes it; a minimum at an end of the interval is returned as such,
/// with a sentence in the report. Valleys narrower than (upper − lower)/scan can be missed.
/// @param[in] f  Continuous; a NaN or infinite value ends the search: Status::non_finite_state.
/// @throws std::invalid_argument if lower ≥ upper or an option is out of range; what f throws.
Minimum minimize(const std::function<double(double)>& f, double lower, double upper,
                 const MinimizeOptions& options = {});

/// @brief Minimum of samples of a smooth function: the vertex of the parabola through the lowest
/// sample and its two neighbours; the lowest sample itself if that is the first or the last.
/// @param[in] x  Strictly increasing, (k), k ≥ 1.
/// @param[in] y  Values, (k), finite.
/// @throws std::invalid_argument if the arguments are not as said.
Minimum minimum_of_samples(const Vector& x, const Vector& y);

}  // namespace stillpoint::algebraic
