// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE simulate
#include "solvers/sde/simulate.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "solvers/sde/euler_maruyama.hpp"
#include "solvers/sde/milstein.hpp"
#include "solvers/sde/sra1.hpp"
#include "tests/support/diffusions.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using random::BrownianPath;

namespace {

BrownianPath path_of(Index sample, std::uint32_t stream = 30) {
  return {{tests::seed, stream}, static_cast<std::uint64_t>(sample), 1, 1.0};
}
const tests::GeometricBrownianMotion geometric{Vector::Constant(1, 0.5), Vector::Constant(1, 0.9)};
const tests::DrivenOscillator oscillator;

/// A drift that leaves the numbers within the time of the path.
struct Exploding {
  static constexpr bool additive_noise = true;
  Index state_size() const { return 1; }
  Index noise_size() const { return 1; }
  void drift(double, const Vector& x, Vector& f) const { f(0) = std::exp(x(0)); }
  void diffusion(double, const Vector&, Matrix& G) const { G(0, 0) = 0.1; }
};

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_recorded) {
  sde::EulerMaruyama scheme(geometric);
  const Vector x0 = Vector::Ones(1);
  const auto all = sde::simulate(scheme, path_of(0), 4, x0);
  const auto some = sde::simulate(scheme, path_of(0), 4, x0, {.every = 5});
  const auto last = sde::simulate(scheme, path_of(0), 4, x0, sde::Record::last());
  BOOST_TEST(all.times.size() == 17);
  BOOST_TEST(all.report.iterations == 16);
  BOOST_TEST(all.states(0, 0) == 1.0);
  BOOST_TEST(some.times.size() == 5);  // 0, 5, 10, 15 and the last
  BOOST_TEST(some.states(0, 2) == all.states(0, 10));
  BOOST_TEST(last.times.size() == 2);
  BOOST_TEST(last.states(0, 1) == all.states(0, 16));
  BOOST_TEST(std::abs(last.times(1) - 1.0) < 1e-15);
}

BOOST_AUTO_TEST_CASE(the_same_path_twice_is_the_same_to_the_bit) {
  sde::Milstein one(geometric), two(geometric);
  const auto a = sde::simulate(one, path_of(3), 8, Vector::Ones(1));
  const auto b = sde::simulate(two, path_of(3), 8, Vector::Ones(1));
  BOOST_TEST((a.states == b.states));
}

// A tighter tolerance gives a smaller error on the same path. It bounds the error of a step; those
// of all steps add up at random, so that the error at the end falls as its root or faster.
BOOST_AUTO_TEST_CASE(adaptive_steps_follow_the_tolerance) {
  sde::Milstein scheme(geometric);
  const Vector x0 = Vector::Ones(1);
  double before = 1.0;
  for (const double tolerance : {1e-2, 1e-3, 1e-4}) {
    double error = 0.0;
    Index steps = 0;
    for (Index sample = 0; sample < 200; ++sample) {
      const auto path = path_of(sample);
      const auto result =
          sde::simulate_adaptive(scheme, path, x0, {.tolerance = tolerance, .first_level = 2});
      BOOST_TEST(result.report.ok());
      const double exact = geometric.ito(x0, 1.0, path.whole().increment.dW)(0);
      error += std::abs(result.states(0, result.states.cols() - 1) - exact) / 200.0;
      steps += result.report.iterations;
    }
    BOOST_TEST_MESSAGE("tolerance " << tolerance << ": error " << error << ", steps a path "
                                    << static_cast<double>(steps) / 200.0);
    BOOST_TEST(error < 0.5 * before);
    before = error;
  }
}

// Rejections must not bias the path: the end lies where the whole path's own exact solution does,
// and that path has the law of Brownian motion. Dropping a rejected increment and drawing anew, the
// usual mistake, favours calm paths: then W(1)² would average well below 1.
BOOST_AUTO_TEST_CASE(rejected_steps_keep_the_path) {
  sde::Milstein scheme(geometric);
  const Index samples = 4000;
  double error = 0.0, square = 0.0;
  for (Index sample = 0; sample < samples; ++sample) {
    const auto path = path_of(sample, 31);
    const auto result = sde::simulate_adaptive(scheme, path, Vector::Ones(1),
                                               {.tolerance = 1e-3, .first_level = 1});
    const double x = result.states(0, result.states.cols() - 1);
    // W(1) as the scheme's end says it: X = exp((μ − σ²/2) + σ W).
    const double W = (std::log(x) - 0.5 + 0.5 * 0.81) / 0.9;
    error += std::abs(W - path.whole().increment.dW(0)) / samples;
    square += W * W / samples;
  }
  BOOST_TEST_MESSAGE("mean |W - W(path)| " << error << ", mean W^2 " << square);
  BOOST_TEST(error < 0.02);
  BOOST_TEST(std::abs(square - 1.0) < 5.0 * std::sqrt(2.0 / samples) + 0.02);
}

BOOST_AUTO_TEST_CASE(what_goes_wrong_is_said) {
  const Exploding model;
  sde::EulerMaruyama scheme(model);
  const auto path = sde::simulate(scheme, path_of(0), 6, Vector::Constant(1, 4.0));
  BOOST_TEST(static_cast<int>(path.report.status) == static_cast<int>(Status::non_finite_state));
  BOOST_TEST(path.report.message.find("t = ") != std::string::npos);
  BOOST_TEST(path.states.allFinite());

  sde::Sra1 rough(oscillator);
  const auto limited = sde::simulate_adaptive(
      rough, path_of(0), Vector::Ones(1), {.tolerance = 1e-14, .first_level = 1, .last_level = 4});
  BOOST_TEST(static_cast<int>(limited.report.status) == static_cast<int>(Status::step_limit));
  BOOST_TEST(std::abs(limited.times(limited.times.size() - 1) - 1.0) < 1e-14);  // to the end

  BOOST_CHECK_THROW(sde::simulate(scheme, path_of(0), 6, Vector::Zero(2)), std::invalid_argument);
  BOOST_CHECK_THROW(sde::simulate(scheme, path_of(0), 32, Vector::Zero(1)), std::invalid_argument);
  BOOST_CHECK_THROW(sde::simulate(scheme, BrownianPath({}, 0, 2, 1.0), 3, Vector::Zero(1)),
                    std::invalid_argument);
  BOOST_CHECK_THROW(sde::simulate_adaptive(scheme, path_of(0), Vector::Zero(1), {.tolerance = 0.0}),
                    std::invalid_argument);
}
