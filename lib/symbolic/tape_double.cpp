// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

#include "lib/activations/normal.hpp"
#include "lib/symbolic/complex_erf.hpp"
#include "lib/symbolic/smoothed_value.hpp"
#include "lib/symbolic/tape_run.hpp"

namespace stillpoint::symbolic {
namespace {

struct Real {
  using T = double;
  static bool refuses(Operation) { return false; }
  static bool refuses(const TapeProgram::Average&) { return false; }
  static double from(const TapeProgram::Constant& constant) { return constant.nearest; }
  static double pi() { return std::numbers::pi; }
  static double accuracy() { return 39.0; }

  static double multiply(double a, double b) { return a * b; }
  static double square(double a) { return a * a; }
  static double power(double a, double b) { return std::pow(a, b); }
  static double square_root(double a) { return std::sqrt(a); }
  static double exponential(double a) { return std::exp(a); }
  static double logarithm(double a) { return std::log(a); }
  static double sine(double a) { return std::sin(a); }
  static double cosine(double a) { return std::cos(a); }
  static double tanh(double a) { return std::tanh(a); }
  static double absolute(double a) { return std::fabs(a); }
  static double erf(double a) { return std::erf(a); }
  static double normal_pdf(double a) { return activations::normal_density(a); }
  static double normal_cdf(double a) { return activations::normal_distribution(a); }
  static double relu(double a) { return activations::Relu{}(a); }
  static double heaviside(double a) { return activations::Heaviside{}(a); }
  static double logistic(double a) { return activations::Logistic{}(a); }
  static double softplus(double a) {
    return (a < 0.0 ? 0.0 : a) + std::log1p(std::exp(-std::fabs(a)));
  }
  static double leaky_relu(double a, double slope) { return a < 0.0 ? slope * a : a; }
  static double saturating_linear(double a) { return activations::SaturatingLinear{}(a); }
  static double smoothed(const TapeProgram::Average& f, double u, double q) {
    if (!(q >= 0.0) || std::isinf(q)) return std::numeric_limits<double>::quiet_NaN();
    if (f.order == 0) return activations::averages(f.f, u, q).mean;
    if (f.order == 1) return activations::averages(f.f, u, q).slope;
    if (q == 0.0 && f.order <= 4) return activations::derivative(f.f, f.order, u);
    if (q == 0.0) return std::numeric_limits<double>::quiet_NaN();
    return smoothed_value<Real>(f.f, f.order, u, q);
  }
  static double transmitted_variance(const TapeProgram::Average& f, double u, double q) {
    if (!(q >= 0.0) || std::isinf(q)) return std::numeric_limits<double>::quiet_NaN();
    return activations::averages(f.f, u, q).variance;
  }
};

struct Complex {
  using T = std::complex<double>;
  static bool refuses(Operation operation) {
    switch (operation) {
      case Operation::absolute:
      case Operation::relu:
      case Operation::heaviside:
      case Operation::leaky_relu:
      case Operation::saturating_linear:
      case Operation::smoothed:
      case Operation::transmitted_variance:
        return true;
      default:
        return false;
    }
  }
  static bool refuses(const TapeProgram::Average&) { return true; }
  static T from(const TapeProgram::Constant& constant) { return constant.nearest; }

  // std::complex checks every product for infinities; formulas have their NaN without that.
  static T multiply(const T& a, const T& b) {
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
  }
  static T square(const T& a) { return multiply(a, a); }
  static T power(const T& a, const T& b) { return std::pow(a, b); }
  static T square_root(const T& a) { return std::sqrt(a); }
  static T exponential(const T& a) { return std::exp(a); }
  static T logarithm(const T& a) { return std::log(a); }
  static T sine(const T& a) { return std::sin(a); }
  static T cosine(const T& a) { return std::cos(a); }
  static T tanh(const T& a) { return std::tanh(a); }
  static T erf(const T& a) { return complex_erf(a); }
  static T normal_pdf(const T& a) { return activations::normal_peak * std::exp(-0.5 * square(a)); }
  static T normal_cdf(const T& a) { return 0.5 * (1.0 + complex_erf(a / std::numbers::sqrt2)); }
  static T logistic(const T& a) {
    const T s = std::exp(a.real() < 0.0 ? a : -a);
    return (a.real() < 0.0 ? s : T(1.0)) / (1.0 + s);
  }
  /// ln(1 + eᵃ) continued from the real axis: the branch with the cuts Re a > 0, |Im a| ≥ π… apart.
  static T softplus(const T& a) {
    return a.real() < 0.0 ? std::log(1.0 + std::exp(a)) : a + std::log(1.0 + std::exp(-a));
  }

  // Refused; never called.
  static T absolute(const T& a) { return a; }
  static T relu(const T& a) { return a; }
  static T heaviside(const T& a) { return a; }
  static T leaky_relu(const T& a, const T&) { return a; }
  static T saturating_linear(const T& a) { return a; }
  static T smoothed(const TapeProgram::Average&, const T& u, const T&) { return u; }
  static T transmitted_variance(const TapeProgram::Average&, const T& u, const T&) { return u; }
};

}  // namespace

template <>
TapeWorkspace<double> Tape::workspace<double>() const {
  return make_workspace<Real>(program_, "double");
}

template <>
void Tape::evaluate<double>(std::span<const double> in, std::span<double> out,
                            TapeWorkspace<double>& workspace) const {
  evaluate_tape<Real>(program_, in, out, workspace);
}

template <>
TapeWorkspace<std::complex<double>> Tape::workspace<std::complex<double>>() const {
  return make_workspace<Complex>(program_, "complex numbers");
}

template <>
void Tape::evaluate<std::complex<double>>(std::span<const std::complex<double>> in,
                                          std::span<std::complex<double>> out,
                                          TapeWorkspace<std::complex<double>>& workspace) const {
  evaluate_tape<Complex>(program_, in, out, workspace);
}

std::vector<double> Tape::evaluate(const std::vector<double>& in) const {
  auto space = workspace<double>();
  std::vector<double> out(program_.outputs.size());
  evaluate<double>(in, out, space);
  return out;
}

double evaluate(const Expression& e, const std::vector<Value>& values) {
  std::vector<Expression> inputs;
  std::vector<double> in;
  for (const auto& [symbol, value] : values) {
    inputs.push_back(symbol);
    in.push_back(value);
  }
  return Tape::compile({e}, inputs).evaluate(in).front();
}

}  // namespace stillpoint::symbolic
