// SPDX-License-Identifier: GPL-3.0-or-later
#include <boost/multiprecision/mpfr.hpp>
#include <cctype>

#include "lib/symbolic/smoothed_value.hpp"
#include "lib/symbolic/tape_run.hpp"

namespace stillpoint::symbolic {
namespace {

using Number = boost::multiprecision::number<boost::multiprecision::mpfr_float_backend<0>,
                                             boost::multiprecision::et_off>;

/// Decimal digits of new numbers, for as long as it lives; the default is this thread's.
class Precision {
 public:
  explicit Precision(int digits) : before_(Number::default_precision()) {
    Number::default_precision(static_cast<unsigned>(digits));
  }
  ~Precision() { Number::default_precision(before_); }
  Precision(const Precision&) = delete;
  Precision& operator=(const Precision&) = delete;

 private:
  unsigned before_;
};

template <auto Function>
Number apply(const Number& x) {
  Number result;
  Function(result.backend().data(), x.backend().data(), MPFR_RNDN);
  return result;
}

struct Multiprecision {
  using T = Number;
  static bool refuses(Operation operation) { return operation == Operation::transmitted_variance; }
  static bool refuses(const TapeProgram::Average&) { return false; }
  static Number from(const TapeProgram::Constant& constant) {
    if (constant.numerator.empty()) return pi();
    return Number(constant.numerator) / Number(constant.denominator);
  }
  static Number pi() {
    Number result;
    mpfr_const_pi(result.backend().data(), MPFR_RNDN);
    return result;
  }
  static double accuracy() { return 2.3026 * Number::default_precision(); }

  static Number multiply(const Number& a, const Number& b) { return a * b; }
  static Number square(const Number& a) { return a * a; }
  static Number power(const Number& a, const Number& b) { return pow(a, b); }
  static Number square_root(const Number& a) { return sqrt(a); }
  static Number exponential(const Number& a) { return exp(a); }
  static Number logarithm(const Number& a) { return log(a); }
  static Number sine(const Number& a) { return sin(a); }
  static Number cosine(const Number& a) { return cos(a); }
  static Number tanh(const Number& a) { return apply<mpfr_tanh>(a); }
  static Number absolute(const Number& a) { return abs(a); }
  static Number erf(const Number& a) { return apply<mpfr_erf>(a); }
  static Number normal_pdf(const Number& a) { return exp(-a * a / 2) / sqrt(2 * pi()); }
  static Number normal_cdf(const Number& a) { return apply<mpfr_erfc>(-a / sqrt(Number(2))) / 2; }
  static Number relu(const Number& a) { return a < 0 ? Number(0) : a; }
  static Number heaviside(const Number& a) {
    return a < 0 ? Number(0) : a > 0 ? Number(1) : Number(a + 0.5);
  }
  static Number logistic(const Number& a) { return 1 / (1 + exp(-a)); }
  static Number softplus(const Number& a) {
    return (a < 0 ? Number(0) : a) + apply<mpfr_log1p>(exp(-abs(a)));
  }
  static Number leaky_relu(const Number& a, const Number& slope) {
    return a < 0 ? Number(slope * a) : a;
  }
  static Number saturating_linear(const Number& a) {
    return a < -1 ? Number(-1) : a > 1 ? Number(1) : a;
  }
  static Number smoothed(const TapeProgram::Average& f, const Number& u, const Number& q) {
    require(q > 0, "smoothed", "the width is ", q.str(12), ", expected > 0");
    return smoothed_value<Multiprecision>(f.f, f.order, u, q);
  }
  static Number transmitted_variance(const TapeProgram::Average&, const Number& u, const Number&) {
    return u;  // refused; never called
  }
};

/// "12", "-1.5e-3": what a number looks like.
bool is_decimal(const std::string& text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at]))) ++at;
    return at > begin;
  };
  const auto skip = [&](std::string_view characters) {
    if (at == text.size() || characters.find(text[at]) == std::string_view::npos) return false;
    ++at;
    return true;
  };
  skip("+-");
  const bool whole = digits();
  const bool fraction = skip(".") && digits();
  if (!whole && !fraction) return false;
  if (skip("eE")) {
    skip("+-");
    const std::size_t begin = at;
    if (!digits() || at - begin > 6) return false;
  }
  return at == text.size();
}

}  // namespace

std::vector<std::string> Tape::evaluate_multiprecision(const std::vector<std::string>& in,
                                                       int digits) const {
  require(digits >= 10 && digits <= 10000, "Tape", digits, " digits, expected 10 to 10000");
  const Precision precision(digits + 10);
  std::vector<Number> x;
  for (const std::string& text : in) {
    require(is_decimal(text), "Tape", "\"", text.substr(0, 80),
            "\" is no decimal number, expected one such as \"-1.25e-3\"");
    x.emplace_back(text);
  }
  auto workspace = make_workspace<Multiprecision>(program_, "multiprecision");
  std::vector<Number> y(program_.outputs.size());
  evaluate_tape<Multiprecision>(program_, std::span<const Number>(x), std::span<Number>(y),
                                workspace);
  std::vector<std::string> result;
  for (const Number& value : y) result.push_back(value.str(digits, std::ios_base::scientific));
  return result;
}

}  // namespace stillpoint::symbolic
