// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "lib/intervals/functions.hpp"
#include "lib/intervals/interval.hpp"
#include "lib/symbolic/smoothed_value.hpp"
#include "lib/symbolic/tape_run.hpp"

namespace stillpoint::symbolic {
namespace {

using intervals::Interval;

struct Enclosure {
  using T = Interval;
  static bool refuses(Operation operation) {
    return operation == Operation::sine || operation == Operation::cosine ||
           operation == Operation::transmitted_variance;
  }
  static bool refuses(const TapeProgram::Average& average) {
    return std::holds_alternative<activations::Tanh>(average.f) ||
           std::holds_alternative<activations::Logistic>(average.f) ||
           std::holds_alternative<activations::Softplus>(average.f);
  }
  static Interval from(const TapeProgram::Constant& constant) {
    return {constant.lower, constant.upper};
  }

  static Interval multiply(const Interval& a, const Interval& b) { return a * b; }
  static Interval square(const Interval& a) { return intervals::pow(a, 2); }
  static Interval power(const Interval& a, const Interval& b) {
    return intervals::exp(b * intervals::log(a));
  }
  static Interval square_root(const Interval& a) { return intervals::sqrt(a); }
  static Interval exponential(const Interval& a) { return intervals::exp(a); }
  static Interval logarithm(const Interval& a) { return intervals::log(a); }
  static Interval tanh(const Interval& a) { return intervals::tanh(a); }
  static Interval absolute(const Interval& a) { return intervals::abs(a); }
  static Interval erf(const Interval& a) { return intervals::erf(a); }
  static Interval normal_pdf(const Interval& a) { return intervals::normal_pdf(a); }
  static Interval normal_cdf(const Interval& a) { return intervals::normal_cdf(a); }
  static Interval relu(const Interval& a) { return intervals::relu(a); }
  static Interval heaviside(const Interval& a) { return intervals::heaviside(a); }
  static Interval logistic(const Interval& a) { return intervals::logistic(a); }
  static Interval softplus(const Interval& a) { return intervals::softplus(a); }
  static Interval leaky_relu(const Interval& a, const Interval& slope) {
    if (a.is_empty() || a.lower >= 0.0) return a;
    if (a.upper <= 0.0) return slope * a;
    return intervals::hull({0.0, a.upper}, slope * Interval(a.lower, 0.0));
  }
  static Interval saturating_linear(const Interval& a) {
    if (a.is_empty()) return a;
    return {std::clamp(a.lower, -1.0, 1.0), std::clamp(a.upper, -1.0, 1.0)};
  }

  /// Widths are taken as |q|. What rises in u and in q needs its corners only.
  static Interval smoothed(const TapeProgram::Average& average, const Interval& u,
                           const Interval& width) {
    const Interval q = intervals::abs(width);
    if (u.is_empty() || q.is_empty()) return Interval::empty_set();
    const int n = average.order;
    const Interval slope = n == 1 ? 1.0 : 0.0;
    const Interval line = n == 0 ? u : slope;  // of the identity
    if (std::holds_alternative<activations::Relu>(average.f)) return rectifier(n, u, q);
    if (const auto* leaky = std::get_if<activations::LeakyRelu>(&average.f))
      return leaky->slope() * line + (Interval(1.0) - leaky->slope()) * rectifier(n, u, q);
    if (std::holds_alternative<activations::SaturatingLinear>(average.f)) {
      const Interval inner = rectifier(n, u + 1.0, q) - rectifier(n, u - 1.0, q);
      return n == 0 ? intervals::intersection(inner - 1.0, {-1.0, 1.0}) : inner;
    }
    if (std::holds_alternative<activations::Heaviside>(average.f))
      return smoothed_heaviside<Enclosure>(n, u, q);
    return smoothed_erf<Enclosure>(n, u, q);
  }

  // Refused; never called.
  static Interval sine(const Interval& a) { return a; }
  static Interval cosine(const Interval& a) { return a; }
  static Interval transmitted_variance(const TapeProgram::Average&, const Interval& u,
                                       const Interval&) {
    return u;
  }

 private:
  static Interval rectifier(int n, const Interval& u, const Interval& q) {
    if (n > 0) return smoothed_relu<Enclosure>(n, u, q);
    const auto corner = [](double a, double s) {
      return s == 0.0 ? intervals::relu(a) : smoothed_relu<Enclosure>(0, Interval(a), Interval(s));
    };
    return {std::max(corner(u.lower, q.lower).lower, 0.0), corner(u.upper, q.upper).upper};
  }
};

}  // namespace

template <>
TapeWorkspace<Interval> Tape::workspace<Interval>() const {
  return make_workspace<Enclosure>(program_, "intervals");
}

template <>
void Tape::evaluate<Interval>(std::span<const Interval> in, std::span<Interval> out,
                              TapeWorkspace<Interval>& workspace) const {
  evaluate_tape<Enclosure>(program_, in, out, workspace);
}

}  // namespace stillpoint::symbolic
