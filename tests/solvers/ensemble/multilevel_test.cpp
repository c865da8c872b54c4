// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE multilevel
#include "solvers/ensemble/multilevel.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "lib/random/normal.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;

namespace {

/// Geometric Brownian motion dX = μ X dt + σ X dW, X_0 = 1, to time 1 on 2ˡ steps.
struct GeometricBrownianMotion {
  double mu = 0.5, sigma = 0.6;
  bool milstein = false;
  std::uint64_t seed = tests::seed;

  double step(double x, double h, double dW) const {
    double next = x + mu * x * h + sigma * x * dW;
    if (milstein) next += 0.5 * sigma * sigma * x * (dW * dW - h);
    return next;
  }

  /// X_1 on the mesh of a level minus X_1 on the one below, the same Brownian path.
  void operator()(Index level, Index first_path, Vector& difference) const {
    const random::Stream stream{seed, static_cast<std::uint32_t>(level)};
    const Index steps = Index{1} << level;
    const double h = 1.0 / static_cast<double>(steps);
    for (Index k = 0; k < difference.size(); ++k) {
      double fine = 1.0, coarse = 1.0, dW_coarse = 0.0;
      for (Index t = 0; t < steps; ++t) {
        const double dW =
            std::sqrt(h) * random::normal(stream, static_cast<std::uint64_t>(first_path + k),
                                          static_cast<std::uint32_t>(t), 0);
        fine = step(fine, h, dW);
        dW_coarse += dW;
        if (t % 2 == 0) continue;
        coarse = step(coarse, 2.0 * h, dW_coarse);
        dW_coarse = 0.0;
      }
      difference(k) = level == 0 ? fine : fine - coarse;
    }
  }
};

double steps_of(Index level) { return std::exp2(static_cast<double>(level)); }

}  // namespace

// E X_1 = e^μ. The error is that of the estimate, five of its standard errors, and the bias, which
// the options bound by half of one; it would see a telescoping sum with a wrong sign or a level
// forgotten: the levels' means are 5 to 60 standard errors.
BOOST_AUTO_TEST_CASE(the_mean_of_geometric_brownian_motion) {
  for (const bool milstein : {false, true}) {
    const GeometricBrownianMotion model{.milstein = milstein};
    const auto answer = ensemble::multilevel(model, steps_of, {.standard_error = 2e-3});
    const double exact = std::exp(model.mu), error = answer.estimate.value - exact;
    BOOST_TEST_MESSAGE("milstein " << milstein << ": " << answer.estimate.value << " +- "
                                   << answer.estimate.standard_error << ", exact " << exact
                                   << ", bias " << answer.bias << ", orders " << answer.weak_order
                                   << " and " << answer.variance_order << ", levels "
                                   << answer.levels.size());
    BOOST_TEST(answer.report.ok());
    BOOST_TEST(answer.estimate.standard_error <= 2e-3 * 1.01);
    BOOST_TEST(std::abs(error) <= 5.0 * answer.estimate.standard_error + 2.0 * answer.bias);
    // The scheme's own exact mean on the finest level: (1 + μ h)^{1/h} for both schemes.
    const double finest = std::exp2(static_cast<double>(answer.levels.size() - 1));
    const double scheme = std::pow(1.0 + model.mu / finest, finest);
    BOOST_TEST(std::abs(answer.estimate.value - scheme) <= 5.0 * answer.estimate.standard_error);
    // Var(P_l − P_{l−1}) falls as h for Euler–Maruyama and as h² for Milstein.
    BOOST_TEST(std::abs(answer.variance_order - (milstein ? 2.0 : 1.0)) < 0.3);
    BOOST_TEST(std::abs(answer.weak_order - 1.0) < 0.3);
  }
}

// Milstein: β = 2 > γ = 1, cost ∝ ε⁻² once the cost is that of coarse levels.
BOOST_AUTO_TEST_CASE(cost_is_the_inverse_square_of_the_error) {
  const GeometricBrownianMotion model{.milstein = true};
  const auto coarse = ensemble::multilevel(model, steps_of, {.standard_error = 8e-3, .pilot = 100});
  const auto fine = ensemble::multilevel(model, steps_of, {.standard_error = 1e-3, .pilot = 100});
  const double slope = std::log(fine.cost / coarse.cost) / std::log(1e-3 / 8e-3);
  BOOST_TEST_MESSAGE("slope " << slope);
  BOOST_TEST(std::abs(slope + 2.0) < 0.2);
}

// Errors in units of the standard error that is stated, over independent runs: mean square 1, with
// standard error √(2/60); the bias adds at most ¼.
BOOST_AUTO_TEST_CASE(the_standard_error_is_the_scatter) {
  const int runs = 60;
  double square = 0.0;
  for (int run = 0; run < runs; ++run) {
    const GeometricBrownianMotion model{.milstein = true,
                                        .seed = tests::seed + static_cast<std::uint64_t>(run)};
    const auto answer = ensemble::multilevel(model, steps_of, {.standard_error = 2e-2});
    const double finest = std::exp2(static_cast<double>(answer.levels.size() - 1));
    const double scheme = std::pow(1.0 + model.mu / finest, finest);
    square += std::pow((answer.estimate.value - scheme) / answer.estimate.standard_error, 2) / runs;
  }
  BOOST_TEST(std::abs(square - 1.0) < 5.0 * std::sqrt(2.0 / runs));
}

BOOST_AUTO_TEST_CASE(bit_identical_for_any_number_of_threads) {
  const GeometricBrownianMotion model;
  const auto run = [&](int threads) {
    return ensemble::multilevel(model, steps_of, {.standard_error = 1e-2, .threads = threads});
  };
  const auto one = run(1);
  for (const int threads : {2, 4}) {
    BOOST_TEST(run(threads).estimate.value == one.estimate.value);
    BOOST_TEST(run(threads).estimate.standard_error == one.estimate.standard_error);
  }
}

BOOST_AUTO_TEST_CASE(what_goes_wrong_is_said) {
  const auto slow = [](Index level, Index, Vector& difference) {
    difference.setConstant(level == 0 ? 0.0 : 1.0 / static_cast<double>(level));
  };
  const auto stuck = ensemble::multilevel(slow, steps_of, {.standard_error = 1e-3, .max_level = 4});
  BOOST_TEST(static_cast<int>(stuck.report.status) == static_cast<int>(Status::step_limit));
  BOOST_TEST(stuck.report.message.find("max_level") != std::string::npos);

  const auto broken = [](Index, Index, Vector& difference) { difference.setConstant(NAN); };
  const auto answer = ensemble::multilevel(broken, steps_of, {.standard_error = 1e-3});
  BOOST_TEST(static_cast<int>(answer.report.status) == static_cast<int>(Status::non_finite_state));

  const GeometricBrownianMotion model;
  BOOST_CHECK_THROW(ensemble::multilevel(model, steps_of, {}), std::invalid_argument);
  BOOST_CHECK_THROW(ensemble::multilevel(model, steps_of, {.standard_error = NAN}),
                    std::invalid_argument);
  BOOST_CHECK_THROW(ensemble::multilevel(model, steps_of, {.standard_error = 1.0, .pilot = 1}),
                    std::invalid_argument);
  BOOST_CHECK_THROW(ensemble::multilevel(model, [](Index) { return 0.0; }, {.standard_error = 1.0}),
                    std::invalid_argument);
}
