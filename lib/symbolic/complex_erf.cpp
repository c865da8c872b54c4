// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/symbolic/complex_erf.hpp"

#include <cmath>
#include <numbers>

namespace stillpoint::symbolic {

// erf(x + iy) = erf x + e^{−x²}/(2πx) [(1 − cos 2xy) + i sin 2xy]
//             + 2/π e^{−x²} Σₙ e^{−n²/4}/(n² + 4x²) [fₙ + i gₙ],
// fₙ = 2x (1 − cosh ny cos 2xy) + n sinh ny sin 2xy,  gₙ = 2x cosh ny sin 2xy + n sinh ny cos 2xy.
// Every factor e^{−n²/4 ± ny} is formed at once: cosh ny alone overflows.
std::complex<double> complex_erf(std::complex<double> z) {
  const double x = z.real(), y = z.imag();
  const double c = std::cos(2.0 * x * y), s = std::sin(2.0 * x * y), decay = std::exp(-x * x);
  // (1 − cos 2xy)/x = 2 sin²(xy)/x and sin(2xy)/x tend to 0 and 2y.
  const double small = std::sin(x * y);
  const double re0 = x == 0.0 ? 0.0 : 2.0 * small * small / x;
  const double im0 = x == 0.0 ? 2.0 * y : s / x;
  double re = re0 / 4.0, im = im0 / 4.0;  // in units of 2/π e^{−x²}
  const int last = 14 + static_cast<int>(2.0 * std::fabs(y));
  for (int n = 1; n <= last + 14; ++n) {
    const double weight = 1.0 / (n * n + 4.0 * x * x);
    const double g = std::exp(-0.25 * n * n);
    const double up = 0.5 * std::exp(-0.25 * n * n + n * y);
    const double down = 0.5 * std::exp(-0.25 * n * n - n * y);
    const double cosh_ny = up + down;
    const double sinh_ny = std::fabs(n * y) < 1.0 ? g * std::sinh(n * y) : up - down;
    re += weight * (2.0 * x * (g - cosh_ny * c) + n * sinh_ny * s);
    im += weight * (2.0 * x * cosh_ny * s + n * sinh_ny * c);
  }
  const double scale = 2.0 * std::numbers::inv_pi * decay;
  return {std::erf(x) + scale * re, scale * im};
}

}  // namespace stillpoint::symbolic
