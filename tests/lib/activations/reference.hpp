// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/math/constants/constants.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <cmath>
#include <limits>
#include <vector>

/// Gaussian averages from their definitions, with so many digits that cancellation does not matter.
namespace reference {

template <unsigned digits>
using Digits = boost::multiprecision::number<boost::multiprecision::cpp_bin_float<digits>,
                                             boost::multiprecision::et_off>;
using Real = Digits<80>;
using LongReal = Digits<360>;  // holds 1 + 1e-300 and 50 digits more

template <typename R>
struct Moments {
  R mean, slope, variance, third;
  R mean_rounding, third_rounding;  // of the reference itself, where these vanish by symmetry
};

/// T₊ and T₋.
template <typename R>
struct Parts {
  R up, down;
};

template <typename R>
R normal_density(const R& x) {
  return exp(-x * x / 2) / sqrt(2 * boost::math::constants::pi<R>());
}

/// erfc x by the trapezoid rule for its integral (2x/π) e^{−x²} ∫_0^∞ e^{−t²}/(t² + x²) dt, with
/// the residue of the pole at ix: relative error e^{−π²/step²}. (Boost's is 500 times slower.)
template <typename R>
R erfc(const R& x) {
  if (x < 0) return 2 - erfc(R(-x));
  const R pi = boost::math::constants::pi<R>();
  if (x < R(1) / 4) {  // 1 − erf x, from the series of positive terms
    R term = 2 * x * exp(-x * x) / sqrt(pi), sum = term;
    for (int n = 1; term > std::numeric_limits<R>::epsilon() * sum; ++n) {
      sum += term *= 2 * x * x / (2 * n + 1);
    }
    return 1 - sum;
  }
  static const R step(3.14159 / std::sqrt(std::numeric_limits<R>::digits10 * std::log(10.0)));
  struct Node {
    R square, weight;  // t² and e^{−t²}
  };
  static const std::vector<Node> nodes = [] {
    std::vector<Node> all{{0, R(1) / 2}};
    for (int n = 1; all.back().weight > std::numeric_limits<R>::epsilon(); ++n) {
      const R square = n * n * step * step;
      all.push_back({square, exp(-square)});
    }
    return all;
  }();
  const R x2 = x * x;
  R sum = 0;
  for (const Node& node : nodes) sum += node.weight / (node.square + x2);
  sum *= 2 * step * x / pi * exp(-x2);
  return x * step < pi ? sum - 2 / (exp(2 * pi * x / step) - 1) : sum;
}

/// f(t) = intercept + slope t between two points.
struct Piece {
  double from, to, intercept, slope;
};

/// ∫ zᵏ φ over [from, to], k = 0…3.
template <typename R>
struct PieceIntegrals {
  R M0 = 0, M1 = 0, M2 = 0, M3 = 0;

  PieceIntegrals(double from, double to, double u, double q) {
    add_end(from, u, q, -1);
    add_end(to, u, q, 1);
    M2 += M0;  // z²φ = φ − (zφ)',  z³φ = 2zφ − (z²φ)'
    M3 += 2 * M1;
  }
  void add_end(double t, double u, double q, int sign) {  // the primitives of zᵏφ at z = (t − u)/q
    const double nearby = (t - u) / q;
    if (std::fabs(nearby) > 40) {  // e^{−800}: nothing but 0 or 1
      M0 += nearby > 0 ? sign : 0;
      return;
    }
    const R z = (R(t) - u) / q, density = normal_density(z);
    M0 += sign * (1 - erfc(R(z / sqrt(R(2)))) / 2);
    M1 -= sign * density;
    M2 -= sign * z * density;
    M3 -= sign * z * z * density;
  }
};

/// Moments of a piecewise linear function by raw moments of its pieces; slope by Stein's identity.
template <typename R>
Moments<R> piecewise_moments(const std::vector<Piece>& pieces, double u, double q) {
  R first = 0, second = 0, third = 0, stein = 0;
  for (const Piece& piece : pieces) {
    const PieceIntegrals<R> z(piece.from, piece.to, u, q);
    const R A = R(piece.intercept) + R(piece.slope) * u, B = R(piece.slope) * q;
    first += A * z.M0 + B * z.M1;
    second += A * A * z.M0 + 2 * A * B * z.M1 + B * B * z.M2;
    third += A * A * A * z.M0 + 3 * A * A * B * z.M1 + 3 * A * B * B * z.M2 + B * B * B * z.M3;
    stein += A * z.M1 + B * z.M2;
  }
  const R size = 1e6 * std::numeric_limits<R>::epsilon(), span = 1 + std::fabs(u) + q;
  return {first,
          stein / q,
          second - first * first,
          third - 3 * first * second + 2 * first * first * first,
          size * span,
          size * span * span * span};
}

/// T± of a nondecreasing piecewise linear function; its value at u is the mean of its limits there.
template <typename R>
Parts<R> piecewise_parts(const std::vector<Piece>& pieces, double u, double q) {
  R left = 0, right = 0;
  for (const Piece& piece : pieces) {
    const R limit = R(piece.intercept) + R(piece.slope) * u;
    if (piece.from < u && u <= piece.to) left = limit;
    if (piece.from <= u && u < piece.to) right = limit;
  }
  const R centre = (left + right) / 2;
  Parts<R> parts{0, 0};
  for (const Piece& piece : pieces) {
    const R A = R(piece.intercept) + R(piece.slope) * u - centre, B = R(piece.slope) * q;
    if (piece.to > u) {
      const PieceIntegrals<R> z(std::fmax(piece.from, u), piece.to, u, q);
      parts.up += A * z.M0 + B * z.M1;
    }
    if (piece.from < u) {
      const PieceIntegrals<R> z(piece.from, std::fmin(piece.to, u), u, q);
      parts.down -= A * z.M0 + B * z.M1;
    }
  }
  return parts;
}

/// Whether a kink lies so far out that cancellation takes more than 30 of the digits of Real, and
/// not so far that it no longer matters: for these points there are LongReal's digits.
inline bool needs_long(const std::vector<Piece>& pieces, double u, double q) {
  for (const Piece& piece : pieces) {
    const double z = std::fabs(piece.from - u) / q;
    if (z > 9 && z < 40) return true;
  }
  return false;
}

/// A smooth function up to a constant, f = offset + sign·g, with g small where f saturates; g and
/// g' from y and E = e^{−y}.
struct Smooth {
  enum Kind { tanh, logistic, softplus, erf } kind;
  bool upper;  // the tail at y → ∞ is the one that g resolves

  double offset() const {
    if (kind == tanh || kind == erf) return upper ? 1 : -1;
    return kind == logistic && upper ? 1 : 0;
  }
  int sign() const { return upper && kind != softplus ? -1 : 1; }

  template <typename R>
  R g(const R& y, const R& E) const {
    switch (kind) {
      case tanh:
        return upper ? 2 * E * E / (1 + E * E) : 2 / (1 + E * E);
      case logistic:
        return upper ? E / (1 + E) : 1 / (1 + E);
      case softplus: {  // ln(1 + e^{−|y|}) by its series where that is quick
        const R w = y < 0 ? R(1 / E) : E;
        R logarithm = 0;
        if (w < 0.001) {
          R power = -1;
          for (int n = 1; n <= 28; ++n) logarithm += (power *= -w) / n;
        } else {
          logarithm = log(1 + w);
        }
        return y < 0 ? logarithm : R(y + logarithm);
      }
      default:
        return upper ? gaussian_tail(y) : gaussian_tail(R(-y));
    }
  }
  template <typename R>
  R slope(const R& y, const R& E) const {
    switch (kind) {
      case tanh:
        return 4 * E * E / ((1 + E * E) * (1 + E * E));
      case logistic:
        return E / ((1 + E) * (1 + E));
      case softplus:
        return 1 / (1 + E);
      default:
        return 2 * exp(-y * y) / sqrt(boost::math::constants::pi<R>());
    }
  }
  template <typename R>
  static R gaussian_tail(const R& y) {  // erfc, cut where it is below 1e-330
    if (y > 27.5) return 0;
    if (y < -27.5) return 2;
    return reference::erfc(y);
  }
};

/// Trapezoid rule in z; its aliasing error is exp(−accuracy) (theory notes on noisy CTRNNs, section
/// 5).
inline Moments<Real> smooth_moments(Smooth f, double u, double q) {
  const double pi = 3.14159265358979;
  const double accuracy = q < 0.1 ? 80 : 64;  // third moments are O(q⁴) of terms O(q³)
  double step = 2 * pi / std::sqrt(2 * accuracy), range = q < 0.1 ? 16 : 13;
  if (f.kind == Smooth::erf) {  // cubes of erfc are Gaussians of variance 1/6
    step /= std::sqrt(1 + 6 * q * q);
    range += 6 * std::fabs(u) * q / (1 + 6 * q * q);
  } else {
    const double scale = f.kind == Smooth::tanh ? 2 * q : q, p = pi / scale;
    if (p * p < 2 * accuracy) step = 2 * pi * p / (accuracy + p * p / 2);
    range += std::fmin(3 * scale, std::fabs(u) / q);
  }
  const int count = static_cast<int>(range / step);
  const Real h(step), first = exp(-h * h / 2), factor = exp(-h * q);
  const Real peak = h / sqrt(2 * boost::math::constants::pi<Real>());
  std::vector<Real> weights(1, peak), powers(1, Real(1));
  for (Real ratio = first; static_cast<int>(weights.size()) <= count; ratio *= first * first) {
    weights.push_back(weights.back() * ratio);
    powers.push_back(powers.back() * factor);
  }
  const Real E = exp(Real(-u));
  std::vector<Real> values;
  Moments<Real> moments{};
  Real total = 0;
  for (int k = -count; k <= count; ++k) {
    const std::size_t n = static_cast<std::size_t>(std::abs(k));
    const Real y = u + h * k * q, Ey = k < 0 ? Real(E / powers[n]) : Real(E * powers[n]);
    values.push_back(f.g(y, Ey));
    total += weights[n];
    moments.mean += weights[n] * values.back();
    moments.slope += weights[n] * f.slope(y, Ey);
  }
  moments.mean /= total;
  for (int k = -count; k <= count; ++k) {
    const Real deviation = values[static_cast<std::size_t>(k + count)] - moments.mean;
    const Real square = weights[static_cast<std::size_t>(std::abs(k))] * deviation * deviation;
    moments.variance += square;
    moments.third += square * deviation;
  }
  const Real size = 1e6 * std::numeric_limits<Real>::epsilon();
  moments.mean_rounding = size * moments.mean;
  moments.third_rounding = moments.mean_rounding * moments.variance;
  moments.mean = f.offset() + f.sign() * moments.mean;
  moments.third *= f.sign();
  return moments;
}

/// T± by the double exponential rule z = exp(t − e^{−t}) on either half line.
inline Parts<Digits<50>> smooth_parts(Smooth f, double u, double q) {
  using R = Digits<50>;
  // f changes over 1/q in z; its poles or its growth off the axis set the density of the nodes.
  const int per_unit = 40 + static_cast<int>((f.kind == Smooth::tanh ? 4 : 2) * (q + std::fabs(u)));
  const auto g = [&f](const R& y) { return f.g(y, f.kind == Smooth::erf ? R(0) : R(exp(-y))); };
  const R centre = g(R(u));
  Parts<R> parts{0, 0};
  for (int k = -7 * per_unit / 2; k <= 7 * per_unit / 2; ++k) {
    const R t = R(k) / per_unit, decay = exp(-t), z = exp(t - decay);
    const R weight = normal_density(z) * z * (1 + decay) / per_unit;
    if (weight < std::numeric_limits<R>::epsilon() * R("1e-50")) continue;
    parts.up += weight * (g(u + q * z) - centre);
    parts.down += weight * (centre - g(u - q * z));
  }
  return f.sign() > 0 ? parts : Parts<R>{-parts.up, -parts.down};
}

}  // namespace reference
