// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/intervals/functions.hpp"

#include <mpfr.h>

#include <algorithm>
#include <cmath>

namespace stillpoint::intervals {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

constexpr mpfr_prec_t double_digits = 53;
constexpr mpfr_prec_t guard_digits = 64;    // steps of a composed function
constexpr mpfr_prec_t square_digits = 106;  // x² and sums of like size, exact

/// A number of MPFR; holds x to begin with.
class Real {
 public:
  explicit Real(double x, mpfr_prec_t digits = double_digits) {
    mpfr_init2(value_, digits);
    mpfr_set_d(value_, x, MPFR_RNDN);
  }
  ~Real() { mpfr_clear(value_); }
  Real(const Real&) = delete;
  Real& operator=(const Real&) = delete;

  operator mpfr_ptr() { return value_; }  // NOLINT(google-explicit-constructor)
  double rounded(mpfr_rnd_t rounding) const { return mpfr_get_d(value_, rounding); }

 private:
  mpfr_t value_;
};

mpfr_rnd_t opposite(mpfr_rnd_t rounding) { return rounding == MPFR_RNDD ? MPFR_RNDU : MPFR_RNDD; }

using Function = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);

double rounded(Function f, double x, mpfr_rnd_t rounding) {
  Real value(x);
  f(value, value, rounding);
  return value.rounded(rounding);
}

/// Range of an increasing function of MPFR.
Interval increasing(Function f, const Interval& x) {
  if (x.is_empty()) return Interval::empty_set();
  if (!x.is_point()) return {rounded(f, x.lower, MPFR_RNDD), rounded(f, x.upper, MPFR_RNDU)};
  Real value(x.lower);
  const bool exact = f(value, value, MPFR_RNDD) == 0;
  const double lower = value.rounded(MPFR_RNDD);
  // Not exact: f(x) lies above this number of 53 digits and below the next.
  return {lower, exact ? value.rounded(MPFR_RNDU) : std::nextafter(lower, infinity)};
}

/// Range of an increasing function given by its bounds at a point.
template <typename Bound>
Interval increasing(const Bound& bound, const Interval& x) {
  if (x.is_empty()) return Interval::empty_set();
  return {bound(x.lower, MPFR_RNDD), bound(x.upper, MPFR_RNDU)};
}

/// Range of an even function that falls with |x|.
template <typename Bound>
Interval bell(const Bound& bound, const Interval& x) {
  if (x.is_empty()) return Interval::empty_set();
  const Interval distance = abs(x);
  return {bound(distance.upper, MPFR_RNDD), bound(distance.lower, MPFR_RNDU)};
}

double logistic_bound(double x, mpfr_rnd_t rounding) {
  // 1/(1 + e^{−x})
  Real value(-x, guard_digits);
  mpfr_exp(value, value, opposite(rounding));
  mpfr_add_ui(value, value, 1, opposite(rounding));
  mpfr_ui_div(value, 1, value, rounding);
  return value.rounded(rounding);
}

double softplus_bound(double x, mpfr_rnd_t rounding) {
  if (std::isinf(x)) return std::max(x, 0.0);
  // max(x, 0) + ln(1 + e^{−|x|})
  Real value(-std::fabs(x), guard_digits);
  mpfr_exp(value, value, rounding);
  mpfr_log1p(value, value, rounding);
  if (x > 0.0) mpfr_add_d(value, value, x, rounding);
  return value.rounded(rounding);
}

/// factor exp(−x² / 2^shift) for x ≥ 0, factor given at guard precision and rounded alike.
double gaussian_bound(double x, unsigned long shift, Real& factor, mpfr_rnd_t rounding) {
  Real square(x, square_digits);
  mpfr_sqr(square, square, MPFR_RNDN);  // exact
  mpfr_div_2ui(square, square, shift, MPFR_RNDN);
  mpfr_neg(square, square, MPFR_RNDN);
  Real value(0.0, guard_digits);
  mpfr_exp(value, square, rounding);
  mpfr_mul(value, value, factor, rounding);
  return value.rounded(rounding);
}

double normal_pdf_bound(double x, mpfr_rnd_t rounding) {
  Real factor(0.0, guard_digits);  // 1/√(2π)
  mpfr_const_pi(factor, opposite(rounding));
  mpfr_mul_2ui(factor, factor, 1, opposite(rounding));
  mpfr_sqrt(factor, factor, opposite(rounding));
  mpfr_ui_div(factor, 1, factor, rounding);
  return gaussian_bound(x, 1, factor, rounding);
}

double erf_slope_bound(double x, mpfr_rnd_t rounding) {
  Real factor(0.0, guard_digits);  // 2/√π
  mpfr_const_pi(factor, opposite(rounding));
  mpfr_sqrt(factor, factor, opposite(rounding));
  mpfr_ui_div(factor, 2, factor, rounding);
  return gaussian_bound(x, 0, factor, rounding);
}

double normal_cdf_bound(double x, mpfr_rnd_t rounding) {
  // ½ erfc(y) falls with y = −x/√2. The quotient is rounded at twice the digits, because erfc
  // multiplies a relative error by y².
  Real value(-x, 2 * square_digits), root(2.0, 2 * square_digits);
  mpfr_sqrt(root, root, x > 0.0 ? opposite(rounding) : rounding);
  mpfr_div(value, value, root, opposite(rounding));
  Real result(0.0, guard_digits);
  mpfr_erfc(result, value, rounding);
  mpfr_div_2ui(result, result, 1, rounding);
  return result.rounded(rounding);
}

double tanh_slope_bound(double x, mpfr_rnd_t rounding) {
  Real value(x, guard_digits);
  mpfr_sech(value, value, rounding);
  mpfr_sqr(value, value, rounding);
  return value.rounded(rounding);
}

double logistic_slope_bound(double x, mpfr_rnd_t rounding) {
  // ¼ (1 − tanh² x/2)
  Real value(x, guard_digits);
  mpfr_div_2ui(value, value, 1, rounding);
  mpfr_sech(value, value, rounding);
  mpfr_sqr(value, value, rounding);
  mpfr_div_2ui(value, value, 2, rounding);
  return value.rounded(rounding);
}

double pow_bound(double x, int n, mpfr_rnd_t rounding) {
  Real value(x);
  mpfr_pow_si(value, value, n, rounding);
  return value.rounded(rounding);
}

}  // namespace

Interval exp(const Interval& x) { return increasing(mpfr_exp, x); }

Interval log(const Interval& x) {
  if (!(x.upper > 0.0)) return Interval::empty_set();
  return increasing(mpfr_log, intersection(x, {0.0, infinity}));
}

Interval sqrt(const Interval& x) { return increasing(mpfr_sqrt, intersection(x, {0.0, infinity})); }

Interval tanh(const Interval& x) { return increasing(mpfr_tanh, x); }

Interval erf(const Interval& x) { return increasing(mpfr_erf, x); }

Interval erfc(const Interval& x) {
  if (x.is_empty()) return Interval::empty_set();
  return {rounded(mpfr_erfc, x.upper, MPFR_RNDD), rounded(mpfr_erfc, x.lower, MPFR_RNDU)};
}

Interval logistic(const Interval& x) { return increasing(logistic_bound, x); }

Interval softplus(const Interval& x) { return increasing(softplus_bound, x); }

Interval normal_pdf(const Interval& x) { return bell(normal_pdf_bound, x); }

Interval normal_cdf(const Interval& x) { return increasing(normal_cdf_bound, x); }

Interval relu(const Interval& x) {
  if (x.is_empty()) return Interval::empty_set();
  return {std::max(x.lower, 0.0), std::max(x.upper, 0.0)};
}

Interval heaviside(const Interval& x) {
  if (x.is_empty()) return Interval::empty_set();
  return {x.lower > 0.0 ? 1.0 : 0.0, x.upper < 0.0 ? 0.0 : 1.0};
}

Interval abs(const Interval& x) {
  if (x.is_empty()) return Interval::empty_set();
  if (x.lower >= 0.0) return x;
  if (x.upper <= 0.0) return -x;
  return {0.0, magnitude(x)};
}

Interval pow(const Interval& x, int n) {
  if (x.is_empty()) return Interval::empty_set();
  if (n == 0) return 1.0;
  if (n < 0 && x.contains(0.0)) return Interval::whole_line();
  const Interval base = n % 2 == 0 ? abs(x) : x;
  // On either side of 0 the power rises with its base for n > 0 and falls for n < 0.
  const double first = n > 0 ? base.lower : base.upper, last = n > 0 ? base.upper : base.lower;
  return {pow_bound(first, n, MPFR_RNDD), pow_bound(last, n, MPFR_RNDU)};
}

Interval tanh_slope(const Interval& x) { return bell(tanh_slope_bound, x); }

Interval logistic_slope(const Interval& x) { return bell(logistic_slope_bound, x); }

Interval erf_slope(const Interval& x) { return bell(erf_slope_bound, x); }

}  // namespace stillpoint::intervals
