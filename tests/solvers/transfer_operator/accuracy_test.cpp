// SPDX-License-Identifier: GPL-3.0-or-later
// The accuracy promised for one neuron: for relu, softplus, tanh, logistic and erf, both equations,
// both placements, w ∈ [−2, 0.9], |c| ≤ 1, σ and g ∈ [0.05, 1], wherever the neuron is active with
// probability ≥ 1e-4: relative error 1e-10 in the mean, 1e-9 in the variance, 1e-8 in the skewness;
// 1e-10 in all three where that probability is above 0.05; absolute 1e-11 where symmetry makes a
// moment zero, or where a relu that never meets its kink does (probability below 1e-9). That one of
// these is the case is checked: a moment that is merely small is judged relatively.
#define BOOST_TEST_MODULE transfer_operator_accuracy
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <iomanip>
#include <random>
#include <sstream>
#include <type_traits>
#include <vector>

#include "solvers/ensemble/stationary.hpp"
#include "solvers/transfer_operator/distribution.hpp"
#include "solvers/transfer_operator/stationary.hpp"
#include "tests/solvers/transfer_operator/independent_law.hpp"
#include "tests/solvers/transfer_operator/one_neuron.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using networks::Equation;
using networks::NoiseSource;
using tests::Extended;
using tests::IndependentLaw;
using tests::Neuron;
using tests::Quadruple;

namespace {

const std::vector<activations::Activation> functions{activations::Relu{}, activations::Softplus{},
                                                     activations::Tanh{}, activations::Logistic{},
                                                     activations::Erf{}};

struct Case {
  activations::Activation f;
  NoiseSource::Where where;
  Equation equation;
  double w, c, g, s;

  models::NoisyChain chain() const { return tests::one_neuron(f, where, w, c, g, s, equation); }
  template <typename Real>
  Neuron<Real> neuron() const {
    const bool rate = equation == Equation::rate, inside = where == NoiseSource::inside;
    const Real leak = g, weight = w, bias = c, sigma = s, zero = 0, one = 1;
    return {.name = activations::name(f),
            .lambda = one - leak,
            .d = rate ? zero : Real(leak * bias),
            .G = rate ? leak : Real(leak * weight),
            .beta = rate ? weight : one,
            .c = rate ? bias : zero,
            .s = inside ? sigma : zero,
            .nu = inside ? zero : Real(leak * sigma)};
  }
};

std::ostream& operator<<(std::ostream& out, const Case& k) {
  return out << activations::name(k.f) << ' ' << to_string(k.where) << ' ' << to_string(k.equation)
             << std::setprecision(4) << " w " << k.w << " c " << k.c << " g " << k.g << " s "
             << k.s;
}

template <typename Real>
IndependentLaw judge_in(const Case& k, const transfer_operator::Solution& law) {
  using std::fabs, std::sqrt;
  const Neuron<Real> neuron = k.neuron<Real>();
  const Real mean = law.mean, sd = std::sqrt(law.variance);
  if (k.where == NoiseSource::outside) {
    // The two branches of the relu have their own widths; a tail follows the wider one.
    Real widest = sd;
    const Real slope = neuron.lambda + neuron.G * neuron.beta * neuron.largest_slope();
    for (const Real& a : {neuron.lambda, slope}) {
      const Real branch = fabs(a) < 1 ? Real(1 / sqrt(1 - a * a)) : Real(sqrt(1 + a * a));
      widest = std::max<Real>(widest, neuron.nu * branch);
    }
    return tests::density_law<Real>(neuron, mean - 11 * widest, mean + 11 * widest);
  }
  const bool bounded = k.f.index() != functions[0].index() && k.f.index() != functions[1].index();
  // Tails of these laws are at worst exponential: 40 sd hold all but e^{-40}.
  const Real exponential = (bounded ? 40 : 40 + 20 * std::abs(law.skewness)) * sd;
  const Real reach = std::min<Real>(exponential, neuron.reach());
  const int most_nodes = std::is_same_v<Real, Extended> ? 320 : 160;
  return tests::one_panel_law<Real>(neuron, std::max<Real>(law.edges.front(), mean - reach),
                                    std::min<Real>(law.edges.back(), mean + reach), most_nodes);
}

/// A small skewness shows the rounding of extended precision.
IndependentLaw judge(const Case& k, const transfer_operator::Solution& law) {
  const bool small = std::abs(law.skewness) < 1e-2 && std::abs(law.skewness) > 1e-12;
  return small ? judge_in<Quadruple>(k, law) : judge_in<Extended>(k, law);
}

/// Six standard deviations from the kink: it is crossed with probability 1e-9.
constexpr double never = 6.0;

/// The relu stays on one branch but for such an event: the law is Gaussian, its skewness zero, but
/// for about as much. It cannot be judged relatively: 1e-10 of 1e-9 is below the rounding of any
/// moment in extended precision.
bool linear(const Neuron<double>& neuron, const transfer_operator::Solution& law) {
  if (neuron.name != "relu") return false;
  const double sd = std::hypot(neuron.beta * std::sqrt(law.variance), neuron.s);
  return std::abs(neuron.beta * law.mean + neuron.c) > never * sd;
}

/// The relu without memory changes branch at every step but for such an event, and the two branches
/// have opposite means.
bool cycle_about_zero(const Neuron<double>& neuron) {
  if (neuron.name != "relu" || neuron.lambda != 0.0) return false;
  const double first = neuron.beta * neuron.d + neuron.c;  // argument after the flat branch
  const double state = neuron.d + neuron.G * first;
  const double second = neuron.beta * state + neuron.c;
  const double noise = std::hypot(neuron.beta * neuron.nu, neuron.s);
  return first > never * noise &&
         second < -never * noise * std::hypot(1.0, neuron.beta * neuron.G) &&
         std::abs(neuron.d + state) < 1e-15;
}

/// Largest errors in units of what is allowed, and the cases that have them.
struct Tally {
  double worst[3] = {0, 0, 0};
  std::string where[3];
  int judged = 0, inactive = 0, symmetric = 0, linear = 0, by_doubling = 0;

  void note(int moment, double error, const Case& k) {
    if (!(error <= worst[moment])) {
      worst[moment] = error;
      std::ostringstream text;
      text << k;
      where[moment] = text.str();
    }
  }
};

void judge_into(Tally& tally, const Case& k) {
  const auto law = transfer_operator::solve_stationary(k.chain(), Vector());
  if (law.activity < 1e-4) {
    ++tally.inactive;
    BOOST_TEST(!law.report.message.empty());
    BOOST_TEST(law.report.ok() == (k.where == NoiseSource::outside));
    return;
  }
  if (law.report.ok() && law.variance == 0.0) return;  // w = 0 in the current equation
  std::ostringstream name;
  name << k;
  BOOST_TEST(law.report.ok(), name.str() + ": " + law.report.message);
  ++tally.judged;
  const IndependentLaw exact = judge(k, law);
  const bool strict = law.activity > 0.05;
  const double allowed[3] = {1e-10, strict ? 1e-10 : 1e-9, strict ? 1e-10 : 1e-8};
  const double values[3] = {law.mean, law.variance, law.skewness};
  const double doubled[3] = {law.mean_error, law.variance_error, law.skewness_error};
  const double units[3] = {std::sqrt(law.variance), law.variance, 1.0};
  double centre = 0.0;
  const bool symmetric = k.neuron<Extended>().symmetric_about(centre);
  const auto neuron = k.neuron<double>();
  const bool no_mean = (symmetric && centre == 0.0) || cycle_about_zero(neuron);
  const bool no_skewness = symmetric || linear(neuron, law);
  for (int moment = 0; moment < 3; ++moment) {
    const double truth = static_cast<double>(fabs(exact.value[moment]));
    double error = static_cast<double>(fabs(values[moment] - exact.value[moment]));
    double bound = allowed[moment] * truth;
    const bool zero = (moment == 0 && no_mean) || (moment == 2 && no_skewness);
    if (zero) {
      ++(symmetric ? tally.symmetric : tally.linear);
      bound = 1e-11 * units[moment];
      BOOST_TEST(truth < 1e-8 * units[moment]);
    }
    if (zero && symmetric) {
      error = std::abs(values[moment]);
    } else if (exact.change[moment] > 1e-2 * bound) {
      ++tally.by_doubling;  // the judge is not sharp enough: doubled resolution judges
      error = doubled[moment];
    }
    tally.note(moment, error / bound, k);
  }
}

void report(const Tally& tally) {
  BOOST_TEST_MESSAGE(
      tally.judged << " laws judged, " << tally.inactive << " hardly ever active; of the moments "
                   << tally.by_doubling << " judged by doubled resolution, " << tally.symmetric
                   << " zero by symmetry, " << tally.linear << " by a kink never met");
  const char* const names[] = {"mean", "variance", "skewness"};
  for (int moment = 0; moment < 3; ++moment) {
    BOOST_TEST_MESSAGE("  worst " << names[moment] << ": " << tally.worst[moment]
                                  << " of what is allowed, " << tally.where[moment]);
    BOOST_TEST(tally.worst[moment] <= 1.0);
  }
}

std::vector<Case> random_cases(int count) {
  std::mt19937_64 engine(tests::seed);
  const auto uniform = [&](double a, double b) {
    return a + (b - a) * static_cast<double>(engine() >> 11) * 0x1p-53;
  };
  std::vector<Case> cases;
  for (int k = 0; k < count; ++k) {
    cases.push_back({.f = functions[k % 5],
                     .where = k / 5 % 2 ? NoiseSource::inside : NoiseSource::outside,
                     .equation = k / 10 % 2 ? Equation::current : Equation::rate,
                     .w = uniform(-2.0, 0.9),
                     .c = uniform(-1.0, 1.0),
                     .g = uniform(0.05, 1.0),
                     .s = uniform(0.05, 1.0)});
  }
  return cases;
}

}  // namespace

BOOST_AUTO_TEST_CASE(random_neurons) {
  Tally tally;
  for (const Case& k : random_cases(tests::full_effort() ? 400 : 100)) judge_into(tally, k);
  report(tally);
}

BOOST_AUTO_TEST_CASE(corners_of_the_box) {
  Tally tally;
  int corner = 0;
  for (const auto& f : functions) {
    for (const auto where : {NoiseSource::inside, NoiseSource::outside}) {
      for (const auto equation : {Equation::rate, Equation::current}) {
        for (int bits = 0; bits < 16; ++bits) {
          const Case k{f,
                       where,
                       equation,
                       bits & 1 ? 0.9 : -2.0,
                       bits & 2 ? 1.0 : -1.0,
                       bits & 4 ? 1.0 : 0.05,
                       bits & 8 ? 1.0 : 0.05};
          if (tests::full_effort() || corner++ % 7 == 0) judge_into(tally, k);
        }
      }
    }
  }
  report(tally);
}

// Monte Carlo of the same chains: moments, and the bins of a histogram against the forward
// distribution. Statistical, 5 standard errors; catches errors of a few 1e-3 standard deviations in
// the mean, of a per cent in the variance and in a bin.
BOOST_AUTO_TEST_CASE(twenty_neurons_by_monte_carlo) {
  int judged = 0;
  double worst = 0.0;
  const auto agrees = [&](const Case& k, const char* what, double exact, double value, double se) {
    const double z = std::abs(value - exact) / se;
    worst = std::max(worst, z);
    std::ostringstream text;
    text << k << ": " << what << ' ' << value << ", exact " << exact << ", SE " << se << ", z "
         << z;
    BOOST_TEST(std::abs(value - exact) <= 5.0 * se + 1e-12 * std::abs(exact), text.str());
  };
  for (const Case& k : random_cases(40)) {
    if (judged == 20) break;
    const auto chain = k.chain();
    const auto law = transfer_operator::solve_stationary(chain, Vector());
    if (!law.report.ok() || law.activity < 0.01) continue;
    ++judged;
    const bool with_bins = judged % 3 == 0;
    const double sd = std::sqrt(law.variance);
    ensemble::Histogram histogram;
    histogram.edges = Vector::LinSpaced(13, law.mean - 3 * sd, law.mean + 3 * sd);
    std::vector<ensemble::Histogram> histograms(with_bins ? 1 : 0, histogram);
    const ensemble::StationaryOptions options{.paths = 2048, .seed = tests::seed, .steps = 2000};
    const auto sample = ensemble::simulate_stationary(
        chain, Vector(), Vector::Constant(1, law.mean), options, histograms);
    const auto &m = sample.mean.at(0), &v = sample.variance.at(0), &t = sample.skewness.at(0);
    agrees(k, "mean", law.mean, m.value, m.standard_error);
    agrees(k, "variance", law.variance, v.value, v.standard_error);
    agrees(k, "skewness", law.skewness, t.value, t.standard_error);
    if (!with_bins) continue;
    const auto distribution = transfer_operator::solve_distribution(chain, Vector(), law);
    BOOST_TEST(distribution.report.ok(), distribution.report.message);
    const auto& edges = histograms[0].edges;
    const Vector bins =
        distribution.bin_probabilities(std::vector<double>(edges.begin(), edges.end()));
    for (Index b = 0; b < bins.size(); ++b) {
      // A rare bin may not know its own error: never less than that of one sample a path.
      const double least = std::sqrt(bins(b) / (2048.0 * 2000.0)) + 1e-7;
      agrees(k, "bin", bins(b), histograms[0].fraction(b),
             std::max(least, histograms[0].standard_error(b)));
    }
  }
  BOOST_TEST(judged == 20);
  BOOST_TEST_MESSAGE("Monte Carlo: largest deviation " << worst << " standard errors");
}
