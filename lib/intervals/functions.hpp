// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/intervals/interval.hpp"

/// Elementary functions of intervals: the range of f over x, ends rounded outward.
///
/// Ends come from MPFR. exp, log, sqrt, tanh, erf, erfc and pow are correctly rounded (the range's
/// ends are the nearest doubles outside it), the others within two units in the last place of that.
/// Where f is not defined on part of x the range is that over the rest, empty if there is none.
/// A call costs a microsecond or two for each end, half of that for a point.
namespace stillpoint::intervals {

Interval exp(const Interval& x);
Interval log(const Interval& x);   ///< Over x > 0.
Interval sqrt(const Interval& x);  ///< Over x ≥ 0.
Interval tanh(const Interval& x);
Interval erf(const Interval& x);
Interval erfc(const Interval& x);
Interval logistic(const Interval& x);    ///< 1/(1 + exp(−x))
Interval softplus(const Interval& x);    ///< ln(1 + exp x)
Interval normal_pdf(const Interval& x);  ///< exp(−x²/2)/√(2π)
Interval normal_cdf(const Interval& x);  ///< ½ erfc(−x/√2)
Interval relu(const Interval& x);        ///< max(x, 0)
/// 0 below 0, 1 above, and all of [0, 1] where x holds 0.
Interval heaviside(const Interval& x);
Interval abs(const Interval& x);
/// xⁿ; for n < 0 the whole line if x holds zero; 1 for n = 0.
Interval pow(const Interval& x, int n);

Interval tanh_slope(const Interval& x);      ///< 1 − tanh² x, with its digits in the tails.
Interval logistic_slope(const Interval& x);  ///< logistic(x)(1 − logistic(x)), likewise.
Interval erf_slope(const Interval& x);       ///< 2/√π exp(−x²)

}  // namespace stillpoint::intervals
