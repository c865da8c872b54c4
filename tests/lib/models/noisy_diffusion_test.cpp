// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE noisy_diffusion
#include "lib/models/noisy_diffusion.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "lib/models/concepts.hpp"
#include "lib/networks/single_unit.hpp"
#include "solvers/fokker_planck/spectral.hpp"
#include "solvers/transfer_operator/stationary.hpp"
#include "tests/support/chains.hpp"

using namespace stillpoint;
using models::NoisyChain;
using models::NoisyDiffusion;
using networks::Equation;
using networks::NoiseSource;

static_assert(models::ItoDiffusion<NoisyDiffusion>);

namespace {

/// Mean and covariance of the fokker_planck law of one unit's diffusion.
struct Limit {
  double mean, variance, skewness;
  explicit Limit(const NoisyChain& chain) {
    const NoisyDiffusion diffusion(chain, Vector());
    const auto law =
        fokker_planck::solve_spectral(fokker_planck::coefficients_of(diffusion), Vector::Zero(1),
                                      Matrix::Identity(1, 1), {.tolerance = 1e-9});
    BOOST_TEST_REQUIRE(law.report.ok(), law.report.message);
    mean = law.mean(0);
    variance = law.covariance(0, 0);
    skewness = law.skewness(0);
  }
};

NoisyChain unit(const activations::Activation& f, double w, double c, double g,
                NoiseSource::Where where, double s) {
  return {networks::single_unit(Equation::rate, f, w, c, g), networks::white_noise(where, s)};
}

}  // namespace

// A step of the chain: E(y' − y) = (λ − 1)∘y + G f_s(a) + d = g A, Cov y' = G diag(v_s) Gᵀ + diag
// ν² = g C Cᵀ, for both equations and every source that is not coloured; coloured ones to first
// order.
BOOST_AUTO_TEST_CASE(a_step_of_the_chain_has_these_moments) {
  const Index n = 4;
  for (const auto equation : {Equation::rate, Equation::current})
    for (const activations::Activation& f : {activations::Activation(activations::Tanh{}),
                                             activations::Activation(activations::Relu{})}) {
      networks::NoiseSpec noise = tests::every_noise(n);
      noise.resize(3);  // white sources
      const NoisyChain chain(tests::wavy_network(n, 0.3, equation, f), noise);
      Vector u(2);
      u << 0.4, -0.2;
      const NoisyDiffusion diffusion(chain, u);
      const Vector y = Vector::LinSpaced(n, -0.7, 1.1);
      const Vector a = chain.argument_weights() * y + chain.argument_offset(u);
      Vector mean(n), variance(n);
      for (Index i = 0; i < n; ++i) {
        const auto averages = activations::averages(f, a(i), chain.argument_sd()(i));
        mean(i) = averages.mean;
        variance(i) = averages.variance;
      }
      const Vector moved =
          chain.retention().cwiseProduct(y) - y + chain.gain() * mean + chain.state_offset(u);
      Matrix spread = chain.gain() * variance.asDiagonal() * chain.gain().transpose();
      spread += Matrix(chain.state_sd().cwiseAbs2().asDiagonal());
      Vector A(n);
      Matrix C(n, diffusion.noise_size());
      diffusion.drift(0.0, y, A);
      diffusion.diffusion(0.0, y, C);
      BOOST_TEST((chain.leak() * A - moved).norm() < 1e-14);
      BOOST_TEST((chain.leak() * C * C.transpose() - spread).norm() < 1e-14);
      BOOST_TEST(diffusion.noise_size() == 2 * n - 1 + (n - 1) / 3);  // unit 0 has 0.1, none has 0
    }
}

// Coloured blocks: the exact correlation time, and stationary variance noise²/(2 rate) = sd².
BOOST_AUTO_TEST_CASE(coloured_sources_keep_time_and_variance) {
  const Index n = 3;
  const NoisyChain chain(tests::wavy_network(n, 0.2, Equation::rate, activations::Tanh{}),
                         {{.where = NoiseSource::inside,
                           .sigma = {0.25},
                           .convention = networks::NoiseConvention::stationary_sd,
                           .correlation_time = 0.8}});
  const NoisyDiffusion diffusion(chain, Vector::Zero(2));
  Vector y = Vector::Zero(2 * n), A(2 * n), A0(2 * n);
  Matrix C(2 * n, diffusion.noise_size());
  diffusion.drift(0.0, y, A0);
  y(n) = 1.0;
  diffusion.drift(0.0, y, A);
  diffusion.diffusion(0.0, y, C);
  const double rate = -(A(n) - A0(n));
  BOOST_TEST(diffusion.noise_size() == n);
  BOOST_TEST(std::abs(rate - 1.0 / 0.8) < 1e-14);
  BOOST_TEST(std::abs(C(n, 0) * C(n, 0) / (2.0 * rate) - 0.25 * 0.25) < 1e-15);
}

BOOST_AUTO_TEST_CASE(jacobian_is_the_derivative) {
  const Index n = 4;
  const NoisyChain chain(tests::wavy_network(n, 0.3, Equation::current, activations::Softplus{}),
                         tests::every_noise(n));
  const NoisyDiffusion diffusion(chain, Vector::Ones(2));
  const Index m = diffusion.state_size();
  const Vector y = Vector::LinSpaced(m, -1.0, 1.0);
  Matrix jacobian(m, m);
  diffusion.drift_jacobian(0.0, y, jacobian);
  const double h = 1e-4;  // fourth order: error h⁴ f⁗ ~ 1e-16, rounding 1e-12
  Vector value(m);
  for (Index j = 0; j < m; ++j) {
    Vector slope = Vector::Zero(m);
    const double weights[] = {8.0, -1.0};
    for (int k = 1; k <= 2; ++k)
      for (const double sign : {1.0, -1.0}) {
        diffusion.drift(0.0, y + sign * k * h * Vector::Unit(m, j), value);
        slope += sign * weights[k - 1] * value / (12.0 * h);
      }
    BOOST_TEST((slope - jacobian.col(j)).norm() < 1e-10);
  }
}

// The law of the diffusion against the exact law of the chain as g → 0 (theory: mean O(g²),
// variance relative O(g)).
BOOST_AUTO_TEST_CASE(the_limit_is_reached_with_the_orders_of_theory) {
  for (const auto where : {NoiseSource::inside, NoiseSource::outside}) {
    double mean_error[2], variance_error[2];
    int k = 0;
    for (const double g : {0.1, 0.05}) {
      const NoisyChain chain = unit(activations::Tanh{}, 0.5, 0.5, g, where, 0.6);
      const auto exact = transfer_operator::solve_stationary(chain, Vector());
      BOOST_TEST_REQUIRE(exact.report.ok(), exact.report.message);
      const Limit limit(chain);
      mean_error[k] = std::abs(limit.mean - exact.mean);
      variance_error[k++] = std::abs(limit.variance / exact.variance - 1.0);
    }
    const double mean_order = std::log2(mean_error[0] / mean_error[1]);
    const double variance_order = std::log2(variance_error[0] / variance_error[1]);
    BOOST_TEST_MESSAGE(networks::to_string(where)
                       << ": mean order " << mean_order << ", variance order " << variance_order);
    BOOST_TEST(std::abs(mean_order - 2.0) < 0.2);
    BOOST_TEST(std::abs(variance_order - 1.0) < 0.2);
  }
}

// Outside at fixed σ = s/√g the diffusion does not depend on g, and the chain tends to it at first
// order. The chain's mean for tanh, w = .5, c = .5, σ = 1, g = .025 is .6081 (theory, section 7).
BOOST_AUTO_TEST_CASE(white_noise_outside_has_a_limit) {
  double limits[2], gaps[2];
  int k = 0;
  for (const double g : {0.05, 0.025}) {
    const NoisyChain chain =
        unit(activations::Tanh{}, 0.5, 0.5, g, NoiseSource::outside, 1.0 / std::sqrt(g));
    const auto exact = transfer_operator::solve_stationary(chain, Vector());
    if (g == 0.025) BOOST_TEST(std::abs(exact.mean - 0.6081) < 5e-5);
    limits[k] = Limit(chain).mean;
    gaps[k] = exact.mean - limits[k];
    ++k;
  }
  BOOST_TEST(std::abs(limits[0] - limits[1]) < 1e-9);
  BOOST_TEST_MESSAGE("gaps " << gaps[0] << ", " << gaps[1]);
  BOOST_TEST(std::abs(gaps[0] / gaps[1] - 2.0) < 0.1);
}

// Softplus inside, w = .5, c = 0, s = 1, g = .025: skewness of the chain .1649, of the diffusion
// .0563, with the third cumulant .1648.
BOOST_AUTO_TEST_CASE(skewness_needs_the_third_cumulant) {
  const double w = 0.5, s = 1.0, g = 0.025;
  const activations::Softplus f{};
  const NoisyChain chain = unit(f, w, 0.0, g, NoiseSource::inside, s);
  const auto exact = transfer_operator::solve_stationary(chain, Vector());
  const Limit limit(chain);
  const double a = w * limit.mean, h = 1e-3;
  const auto here = f.averages(a, s), up = f.averages(a + h, s), down = f.averages(a - h, s);
  models::ThirdMomentTerms terms{.leak = g,
                                 .variance = limit.variance,
                                 .slope = w * here.slope,
                                 .curvature = w * w * (up.slope - down.slope) / (2.0 * h),
                                 .variance_slope = w * (up.variance - down.variance) / (2.0 * h),
                                 .third_cumulant = here.third};
  const double corrected = models::third_central_moment(terms) / std::pow(limit.variance, 1.5);
  terms.third_cumulant = 0.0;
  const double without = models::third_central_moment(terms) / std::pow(limit.variance, 1.5);
  BOOST_TEST_MESSAGE("chain " << exact.skewness << ", diffusion " << limit.skewness << ", formula "
                              << without << ", corrected " << corrected);
  BOOST_TEST(std::abs(exact.skewness - 0.1649) < 1e-4);
  BOOST_TEST(std::abs(limit.skewness - 0.0563) < 1e-4);
  BOOST_TEST(std::abs(without - limit.skewness) < 0.02 * limit.skewness);
  BOOST_TEST(std::abs(corrected - 0.1648) < 1e-3);
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  const NoisyChain chain(tests::wavy_network(3, 0.3, Equation::rate, activations::Tanh{}), {});
  BOOST_CHECK_THROW(NoisyDiffusion(chain, Vector::Zero(3)), std::invalid_argument);
  BOOST_CHECK_THROW(NoisyDiffusion(chain, Vector::Constant(2, NAN)), std::invalid_argument);
  BOOST_CHECK_THROW(models::third_central_moment({.slope = 1.0}), std::invalid_argument);
}
