// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "lib/core/lanes.hpp"

/// @file
/// @brief Box–Muller without a library function, one source for vectors and for single numbers.
///
/// Only IEEE +, −, ∗, /, √ and bit operations, each rounded once (the build forbids contraction),
/// so every instruction set gives the same bits. The polynomials are Chebyshev interpolants, with
/// relative errors below 2e-17 (logarithm), 4e-18 (sine) and 2e-16 (cosine).

namespace stillpoint::random::STILLPOINT_LEVEL {

using namespace stillpoint::STILLPOINT_LEVEL;

/// A number in [1, 2) whose 52 bits after the point are the lower 20 (of high: bits 12 to 31) and
/// 32 (of low) random bits. What lies above bit 31 of either word does not matter.
template <typename Word>
inline auto one_to_two(const Word& low, const Word& high) {
  const Word mixed = (low & 0xffffffffU) | ((high << 20) & 0xffffffff00000000U);
  return from_bits((mixed & 0x000fffffffffffffU) | 0x3ff0000000000000U);
}

/// @brief Two independent standard normals of four random 32-bit words (what lies above bit 31 of
/// a word does not matter).
///
/// √(−2 ln u) (cos ϑ, sin ϑ) with u = (k + ½)/2⁵², k the upper 52 bits of (w1, w0). The angle is
/// (π/2) r, r ∈ [−½, ½) from the upper 52 bits of (w3, w2), spread over the full circle by two more
/// bits: bit 0 of w3 is the sign of the cosine, bit 1 lets cosine and sine change places.
/// |result| ≤ 8.58. The order of the lines hides the division and the root behind the polynomials.
template <typename Real, typename Word>
[[gnu::always_inline]] inline void box_muller(const Word& w0, const Word& w1, const Word& w2,
                                              const Word& w3, Real& first, Real& second) {
  // u = 2ᵉ m, m ∈ [√½, √2);  ln m = 2 artanh s,  s = (m − 1)/(m + 1).
  const Real u = one_to_two(w0, w1) - (1.0 - 0x1p-53);
  const Word shifted = to_bits(u) + (0x3ff0000000000000U - 0x3fe6a09e00000000U);
  const Real m = from_bits((shifted & 0x000fffffffffffffU) + 0x3fe6a09e00000000U);
  const Real s = (m - 1.0) / (m + 1.0);
  const Real e = from_bits((shifted >> 52) | 0x4330000000000000U) - (0x1p52 + 1023.0);

  const Real r = one_to_two(w2, w3) - 1.5;
  const Real x = r * r;
  Real sine = x * 5.633933781537854e-08 - 3.59864335298231e-06;
  Real cosine = x * 4.6632053886903437e-07 - 2.5200703761965414e-05;
  sine = sine * x + 0.0001604411507421909;
  cosine = cosine * x + 0.0009192601014426249;
  sine = sine * x - 0.004681754132340976;
  cosine = cosine * x - 0.02086348075319688;
  sine = sine * x + 0.07969262624604301;
  cosine = cosine * x + 0.2536695079008304;
  sine = sine * x - 0.6459640975062443;
  cosine = cosine * x - 1.233700550136169;
  sine = (sine * x + 1.5707963267948966) * r;
  cosine = cosine * x + 1.0;
  const Real signed_cosine = from_bits(to_bits(cosine) ^ (w3 << 63));
  first = signed_cosine;
  second = sine;
  exchange_if(w3 & 2U, first, second);

  const Real z = s * s;
  Real p = z * -0.29232899370086812 - 0.30663443201120084;  // −4 artanh(s)/s in powers of z
  p = p * z - 0.36365778250523446;
  p = p * z - 0.4444442226959016;
  p = p * z - 0.57142857251950974;
  p = p * z - 0.7999999999979901;
  p = p * z - 1.333333333333334;
  const Real radius = sqrt(e * -1.3862943611198906 + (p * z - 4.0) * s);
  first = radius * first;
  second = radius * second;
}

}  // namespace stillpoint::random::STILLPOINT_LEVEL
