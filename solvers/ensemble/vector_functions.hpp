// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "lib/core/lanes.hpp"

/// @file
/// @brief Activations for vectors of doubles, a few units in the last place from exact; NaN in, NaN
/// out. Polynomials are Chebyshev interpolants with relative error below 3e-16 on their interval.
///
/// slope(u, f(u)) is f'(u), at a kink the mean of its limits as in lib/activations; near 0 its
/// error is that of rounding 1.

namespace stillpoint::ensemble::STILLPOINT_LEVEL {

using namespace stillpoint::STILLPOINT_LEVEL;

/// c₀ + c₁ x + … by Horner's rule.
template <int n>
inline Lanes polynomial(Lanes x, const double (&c)[n]) {
  Lanes value = broadcast(c[n - 1]);
#pragma GCC unroll 16
  for (int k = n - 2; k >= 0; --k) value = multiply_add(value, x, broadcast(c[k]));
  return value;
}

inline Lanes magnitude(Lanes x) { return from_bits(to_bits(x) & 0x7fffffffffffffffU); }
inline Lanes with_sign_of(Lanes size, Lanes x) {
  return from_bits(to_bits(size) | (to_bits(x) & 0x8000000000000000U));
}

/// eˣ = 2ᵏ (1 + p) with |p| ≤ √2 − 1, for |x| ≤ 708.
struct Exponential {
  Lanes scale;  // 2ᵏ
  Lanes p;
  explicit Exponential(Lanes x) {
    constexpr double round = 0x1.8p52;
    const Lanes t = multiply_add(x, broadcast(1.4426950408889634), broadcast(round));
    const Lanes k = t - round;
    Lanes r = multiply_add(k, broadcast(-0.6931467056274414), x);
    r = multiply_add(k, broadcast(-4.7493250390316726e-07), r);
    constexpr double c[] = {0.5000000000000001,     0.16666666666666669,    0.041666666666624164,
                            0.008333333333330065,   0.0013888888917196719,  0.00019841269863040545,
                            2.4801521322368692e-05, 2.7557268480310024e-06, 2.7620075879983367e-07,
                            2.5100375832561234e-08};
    p = multiply_add(r * r, polynomial(r, c), r);
    scale = from_bits((to_bits(t) + 1023) << 52);
  }
};

/// eˣ for x ≤ 0; x below −708 counts as −708, where eˣ = 3e-308.
inline Lanes exp_of_negative(Lanes x) {
  const Exponential e(x < -708.0 ? broadcast(-708.0) : x);
  return multiply_add(e.scale, e.p, e.scale);
}

/// 0, ½ or 1 for x below, at or above 0.
inline Lanes step_up(Lanes x) {
  const Lanes right = x > 0.0 ? broadcast(1.0) : x + 0.5;
  return x < 0.0 ? Lanes{} : right;
}

struct Identity {
  Lanes operator()(Lanes u) const { return u; }
  Lanes slope(Lanes u, Lanes) const { return u - u + 1.0; }
};

struct Relu {
  Lanes operator()(Lanes u) const { return u < 0.0 ? Lanes{} : u; }
  Lanes slope(Lanes u, Lanes) const { return step_up(u); }
};

struct LeakyRelu {
  double below;  ///< Slope there.
  Lanes operator()(Lanes u) const { return u < 0.0 ? below * u : u; }
  Lanes slope(Lanes u, Lanes) const { return below + (1.0 - below) * step_up(u); }
};

struct SaturatingLinear {
  Lanes operator()(Lanes u) const {
    const Lanes one = broadcast(1.0);
    const Lanes below = u > 1.0 ? one : u;
    return below < -1.0 ? -one : below;
  }
  Lanes slope(Lanes u, Lanes) const { return step_up(1.0 - magnitude(u)); }
};

struct Heaviside {
  Lanes operator()(Lanes u) const { return step_up(u); }
  Lanes slope(Lanes u, Lanes) const { return u - u; }
};

/// tanh|u| = e/(e + 2), e = exp(2|u|) − 1, accurate for small u too; 1 from |u| = 22 on.
struct Tanh {
  Lanes operator()(Lanes u) const {
    const Lanes x = 2.0 * magnitude(u);
    const Exponential power(x > 44.0 ? broadcast(44.0) : x);
    const Lanes e = multiply_add(power.scale, power.p, power.scale - 1.0);
    return with_sign_of(e / (e + 2.0), u);
  }
  Lanes slope(Lanes, Lanes value) const { return (1.0 - value) * (1.0 + value); }
};

/// 1/(1 + e⁻ᵘ), for u < 0 as eᵘ/(1 + eᵘ).
struct Logistic {
  Lanes operator()(Lanes u) const {
    const Lanes e = exp_of_negative(-magnitude(u));
    const Lanes one = broadcast(1.0);
    return (u < 0.0 ? e : one) / (one + e);
  }
  Lanes slope(Lanes, Lanes value) const { return value * (1.0 - value); }
};

/// ln(1 + exp(k u))/k = (max(v, 0) + ln(1 + t))/k, v = k u, t = exp(−|v|) ∈ (0, 1];
/// ln(1 + t) = 2 artanh s, s = t/(2 + t) ≤ ⅓.
struct Softplus {
  double sharpness;
  Lanes operator()(Lanes u) const {
    const Lanes v = sharpness * u;
    const Lanes t = exp_of_negative(-magnitude(v));
    const Lanes s = t / (t + 2.0);
    const Lanes z = s * s;
    constexpr double c[] = {0.6666666666666666,  0.40000000000014585, 0.2857142856710876,
                            0.22222222717427864, 0.18181789436132859, 0.15385570064958623,
                            0.13314144209654935, 0.12001072809590713, 0.08800738486144674,
                            0.1616404561194353};
    const Lanes log = multiply_add(s * z, polynomial(z, c), s + s);
    return ((v < 0.0 ? Lanes{} : v) + log) / sharpness;
  }
  Lanes slope(Lanes u, Lanes) const { return Logistic{}(sharpness * u); }
};

/// u P(u²) up to |u| = 1; beyond, 1 − exp(−u²) Q(t), t = (|u| − 2.5)/(|u| + 2.5); 1 from 6 on.
struct Erf {
  Lanes operator()(Lanes u) const {
    const Lanes x = magnitude(u);
    constexpr double c[] = {
        1.1283791670955126,      -0.37612638903183543,   0.11283791670945006,
        -0.02686617064323777,    0.0052239776071164225,  -0.0008548325975389692,
        0.00012055294904839707,  -1.492473690741966e-05, 1.6447424703317362e-06,
        -1.6208483801871705e-07, 1.3720064546777686e-08, -7.795898827002142e-10};
    const Lanes small = x > 1.0 ? broadcast(1.0) : x;
    const Lanes centre = small * polynomial(small * small, c);
    Lanes large = x < 1.0 ? broadcast(1.0) : x;
    large = large > 6.0 ? broadcast(6.0) : large;
    constexpr double q[] = {
        0.2108063640611436,      -0.37173673394897294,    0.2517131932174488,
        -0.12503305237891782,    0.03992253907546523,     -0.003993701160123029,
        -0.0026423659518134547,  0.0008759152875774328,   0.0002283799633257643,
        -0.00012887483134837842, -3.4175718896856294e-05, 1.8596747731144528e-05,
        7.499735050763299e-06,   -2.2328516517555215e-06, -1.587633893127344e-06};
    const Lanes t = (large - 2.5) / (large + 2.5);
    const Lanes tail = 1.0 - exp_of_negative(-(large * large)) * polynomial(t, q);
    return with_sign_of(x > 1.0 ? tail : centre, u);
  }
  Lanes slope(Lanes u, Lanes) const { return 1.1283791670955126 * exp_of_negative(-(u * u)); }
};

}  // namespace stillpoint::ensemble::STILLPOINT_LEVEL
