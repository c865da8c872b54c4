// SPDX-License-Identifier: GPL-3.0-or-later
//
// Every scheme on noise it is for: its rate (observed order against the one in its type) and its
// limit (the Itô or the Stratonovich solution), which are two things.
#define BOOST_TEST_MODULE schemes
#define EIGEN_RUNTIME_NO_MALLOC
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "lib/random/brownian_path.hpp"
#include "solvers/sde/drift_implicit_euler.hpp"
#include "solvers/sde/euler_maruyama.hpp"
#include "solvers/sde/exponential_euler.hpp"
#include "solvers/sde/interpretation.hpp"
#include "solvers/sde/milstein.hpp"
#include "solvers/sde/platen_weak2.hpp"
#include "solvers/sde/simulate.hpp"
#include "solvers/sde/sra1.hpp"
#include "solvers/sde/sri1.hpp"
#include "solvers/sde/stochastic_heun.hpp"
#include "tests/support/diffusions.hpp"
#include "tests/support/observed_order.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using random::BrownianPath;
using statistics::Estimate;
using tests::GeometricBrownianMotion;

static_assert(sde::Scheme<sde::EulerMaruyama<tests::Heisenberg>>);
static_assert(models::AdditiveNoise<tests::DrivenOscillator>);
static_assert(models::DiagonalNoise<GeometricBrownianMotion>);
static_assert(models::CommutativeNoise<tests::SharedGeometricMotion>);

// A scheme refuses noise that it does not handle.
template <template <typename> typename S, typename Model>
concept Takes = requires {
  typename S<Model>;
};
static_assert(!Takes<sde::Milstein, tests::Heisenberg>);
static_assert(!Takes<sde::Sra1, GeometricBrownianMotion>);
static_assert(!Takes<sde::Sri1, tests::SharedGeometricMotion>);
static_assert(!Takes<sde::PlatenWeak2, tests::Heisenberg>);
static_assert(Takes<sde::Milstein, tests::SharedGeometricMotion>);

namespace {

BrownianPath path_of(Index sample, Index components, std::uint32_t stream) {
  return {{tests::seed, stream}, static_cast<std::uint64_t>(sample), components, 1.0};
}

template <typename S, typename Model>
Vector end_of(const Model& model, const BrownianPath& path, Index level, const Vector& x0) {
  S scheme(model);
  const auto result = sde::simulate(scheme, path, level, x0, sde::Record::last());
  return result.states.col(result.states.cols() - 1);
}

/// observed ≥ promised − 3 standard errors, which are at most 0.1, and 0.05 for meshes that are not
/// small enough yet.
void check_order(const std::string& name, const Estimate& observed, double promised) {
  BOOST_TEST_MESSAGE(name << ": order " << observed.value << " +- " << observed.standard_error
                          << ", promised " << promised);
  BOOST_TEST(observed.standard_error <= 0.1);
  BOOST_TEST(observed.value >= promised - 3.0 * observed.standard_error - 0.05,
             name << ": " << observed.value << " +- " << observed.standard_error);
}

/// Strong order against an exact solution of the path's end.
template <typename S, typename Model, typename Exact>
void strong_order(const std::string& name, const Model& model, const Vector& x0, Index samples,
                  Index first, Index last, Exact&& exact) {
  Index known = -1;
  Vector truth;
  const Estimate order =
      tests::observed_order(samples, first, last, [&](Index sample, Index level) {
        const auto path = path_of(sample, model.noise_size(), 20);
        if (sample != known) {  // may itself be a run on a fine mesh
          truth = exact(path);
          known = sample;
        }
        return (end_of<S>(model, path, level, x0) - truth).norm();
      });
  check_order(name + ", strong", order, S::strong_order);
  // The limit: at the finest level the error is that of the rate, not of a wrong drift, which would
  // be of order one.
  double error = 0.0;
  for (Index sample = 0; sample < 50; ++sample) {
    const auto path = path_of(sample, model.noise_size(), 20);
    error += (end_of<S>(model, path, 10, x0) - exact(path)).norm() / 50.0;
  }
  BOOST_TEST(error < 0.1, name << ": mean error " << error << " with 1024 steps");
}

GeometricBrownianMotion geometric() {
  GeometricBrownianMotion model{Vector(2), Vector(2)};
  model.mu << 0.5, -0.3;
  model.sigma << 0.6, 0.9;
  return model;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(diagonal_noise)

BOOST_AUTO_TEST_CASE(ito_schemes) {
  const auto model = geometric();
  const Vector x0 = Vector::Ones(2);
  const auto exact = [&](const BrownianPath& path) {
    return model.ito(x0, 1.0, path.whole().increment.dW);
  };
  using Model = GeometricBrownianMotion;
  strong_order<sde::EulerMaruyama<Model>>("Euler-Maruyama", model, x0, 800, 4, 8, exact);
  strong_order<sde::Milstein<Model>>("Milstein", model, x0, 800, 4, 8, exact);
  strong_order<sde::Sri1<Model>>("SRI1", model, x0, 800, 3, 7, exact);
  strong_order<sde::PlatenWeak2<Model>>("Platen", model, x0, 800, 4, 8, exact);
}

BOOST_AUTO_TEST_CASE(stratonovich_scheme) {
  const auto model = geometric();
  const Vector x0 = Vector::Ones(2);
  using Model = GeometricBrownianMotion;
  strong_order<sde::StochasticHeun<Model>>(
      "Heun", model, x0, 800, 4, 8, [&](const BrownianPath& path) {
        return model.stratonovich(x0, 1.0, path.whole().increment.dW);
      });
}

// Converted models reach the solution of the other interpretation.
BOOST_AUTO_TEST_CASE(interpretations_are_converted) {
  const auto model = geometric();
  const Vector x0 = Vector::Ones(2);
  const auto as_stratonovich = sde::ito_to_stratonovich(model);
  const auto as_ito = sde::stratonovich_to_ito(model);
  strong_order<sde::StochasticHeun<decltype(as_stratonovich)>>(
      "Heun, converted", as_stratonovich, x0, 400, 4, 8,
      [&](const BrownianPath& path) { return model.ito(x0, 1.0, path.whole().increment.dW); });
  strong_order<sde::Milstein<decltype(as_ito)>>(
      "Milstein, converted", as_ito, x0, 400, 4, 8, [&](const BrownianPath& path) {
        return model.stratonovich(x0, 1.0, path.whole().increment.dW);
      });
}

// Weak order of E X₁²: the difference to the exact solution of the same path has the mean of the
// weak error and little variance.
BOOST_AUTO_TEST_CASE(weak_orders) {
  GeometricBrownianMotion model{Vector::Constant(1, 0.5), Vector::Constant(1, 0.3)};
  const Vector x0 = Vector::Ones(1);
  const auto weak = [&]<typename S>(const std::string& name, Index samples, Index first,
                                    Index last) {
    const Estimate order =
        tests::observed_order(samples, first, last, [&](Index sample, Index level) {
          const auto path = path_of(sample, 1, 21);
          const double end = end_of<S>(model, path, level, x0)(0);
          const double exact = model.ito(x0, 1.0, path.whole().increment.dW)(0);
          return end * end - exact * exact;
        });
    check_order(name + ", weak", order, S::weak_order);
  };
  using Model = GeometricBrownianMotion;
  weak.operator()<sde::EulerMaruyama<Model>>("Euler-Maruyama", 8000, 3, 6);
  weak.operator()<sde::Milstein<Model>>("Milstein", 4000, 3, 6);
  weak.operator()<sde::PlatenWeak2<Model>>("Platen", 16000, 2, 5);
  weak.operator()<sde::Sri1<Model>>("SRI1", 8000, 2, 5);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(commutative_noise) {
  tests::SharedGeometricMotion model{0.2, Matrix(2, 2)};
  model.B << 0.5, 0.3, -0.4, 0.6;
  const Vector x0 = Vector::Ones(2);
  const auto exact = [&](const BrownianPath& path) {
    return model.ito(x0, 1.0, path.whole().increment.dW);
  };
  using Model = tests::SharedGeometricMotion;
  strong_order<sde::EulerMaruyama<Model>>("Euler-Maruyama, commutative", model, x0, 800, 4, 8,
                                          exact);
  strong_order<sde::Milstein<Model>>("Milstein, commutative", model, x0, 800, 4, 8, exact);
}

// X₂(1) = ∫ W₁ dW₂ (Itô) against the same path on a mesh 64 times finer, whose error is an eighth
// of the finest tested one; E X₂² = ½.
BOOST_AUTO_TEST_CASE(noncommutative_noise) {
  const tests::Heisenberg model;
  const Vector x0 = Vector::Zero(2);
  using Model = tests::Heisenberg;
  strong_order<sde::EulerMaruyama<Model>>(
      "Euler-Maruyama, non-commutative", model, x0, 320, 3, 6, [&](const BrownianPath& path) {
        return end_of<sde::EulerMaruyama<Model>>(model, path, 12, x0);
      });
  const Index samples = 4000;
  double square = 0.0, fourth = 0.0;
  for (Index sample = 0; sample < samples; ++sample) {
    const double X = end_of<sde::EulerMaruyama<Model>>(model, path_of(sample, 2, 22), 6, x0)(1);
    square += X * X / samples;
    fourth += X * X * X * X / samples;
  }
  // The scheme's own: E X₂² = h Σ t_k = ½ (1 − h).
  const double exact = 0.5 * (1.0 - 1.0 / 64.0);
  BOOST_TEST(std::abs(square - exact) < 5.0 * std::sqrt((fourth - square * square) / samples));
}

BOOST_AUTO_TEST_SUITE(additive_noise)

BOOST_AUTO_TEST_CASE(nonlinear_drift) {
  const tests::DrivenOscillator model;
  const Vector x0 = Vector::Constant(1, 0.4);
  using Model = tests::DrivenOscillator;
  // The exact solution: SRA1 on a mesh 16 times finer than the finest, error 64 times smaller.
  const auto exact = [&](const BrownianPath& path) {
    return end_of<sde::Sra1<Model>>(model, path, 11, x0);
  };
  strong_order<sde::EulerMaruyama<Model>>("Euler-Maruyama, additive", model, x0, 320, 3, 7, exact);
  strong_order<sde::StochasticHeun<Model>>("Heun, additive", model, x0, 320, 3, 7, exact);
  strong_order<sde::Sra1<Model>>("SRA1", model, x0, 320, 3, 7, exact);
  strong_order<sde::ExponentialEuler<Model>>("exponential Euler", model, x0, 320, 3, 7, exact);
  strong_order<sde::DriftImplicitEuler<Model>>("drift-implicit Euler", model, x0, 160, 3, 7, exact);
}

/// Variance at time 1 from X₀ = 0 with 2^level steps, and its standard error.
template <typename S>
Estimate end_variance(const tests::OrnsteinUhlenbeck& model, Index level, Index samples) {
  double square = 0.0;
  for (Index sample = 0; sample < samples; ++sample)
    square += end_of<S>(model, path_of(sample, 1, 23), level, Vector::Zero(1)).squaredNorm();
  const double variance = square / static_cast<double>(samples);
  return {variance, variance * std::sqrt(2.0 / static_cast<double>(samples))};
}

// Against the exact answer of each scheme: after N steps of x' = a x + b dW, Var = b² h Σ a^{2k}.
// Catches a variance error of 5 %; noise scaled by h in the place of √h would be wrong by 8 or
// more.
BOOST_AUTO_TEST_CASE(variance_of_the_scheme) {
  const double theta = 3.0, sigma = 0.8;
  const tests::OrnsteinUhlenbeck model{Vector::Constant(1, theta), Vector::Constant(1, sigma)};
  const Index level = 3, samples = 20000;
  const double h = 1.0 / 8.0;
  const auto check = [&](const char* name, const Estimate& observed, double a, double b2) {
    double exact = 0.0;
    for (int k = 0; k < 8; ++k) exact += b2 * h * std::pow(a, 2 * k);
    BOOST_TEST(std::abs(observed.value - exact) < 5.0 * observed.standard_error,
               name << ": " << observed.value << ", exact " << exact);
  };
  using Model = tests::OrnsteinUhlenbeck;
  check("Euler-Maruyama", end_variance<sde::EulerMaruyama<Model>>(model, level, samples),
        1.0 - theta * h, sigma * sigma);
  const double implicit = 1.0 / (1.0 + theta * h);
  check("implicit", end_variance<sde::DriftImplicitEuler<Model>>(model, level, 5000), implicit,
        sigma * sigma * implicit * implicit);
  // The exponential scheme has the variance of the process itself, at any step.
  const double decay = std::exp(-theta * h);
  check("exponential", end_variance<sde::ExponentialEuler<Model>>(model, level, samples), decay,
        sigma * sigma * (1.0 - decay * decay) / (2.0 * theta * h));
}

// θ h = 100: explicit steps explode, the implicit and the exponential scheme stay.
BOOST_AUTO_TEST_CASE(stiff_drift) {
  const tests::OrnsteinUhlenbeck model{Vector::Constant(1, 800.0), Vector::Ones(1)};
  using Model = tests::OrnsteinUhlenbeck;
  const auto path = path_of(1, 1, 24);
  const Vector x0 = Vector::Ones(1);
  BOOST_TEST(std::abs(end_of<sde::EulerMaruyama<Model>>(model, path, 3, x0)(0)) > 1e10);
  BOOST_TEST(std::abs(end_of<sde::DriftImplicitEuler<Model>>(model, path, 3, x0)(0)) < 0.1);
  BOOST_TEST(std::abs(end_of<sde::ExponentialEuler<Model>>(model, path, 3, x0)(0)) < 0.2);
}

BOOST_AUTO_TEST_SUITE_END()

// Eigen counts allocations where assertions are on (preset dev).
BOOST_AUTO_TEST_CASE(a_step_allocates_nothing) {
  const auto check = [](auto&& scheme, Index m, Vector x) {
    const auto increment = path_of(0, m, 25).whole().increment;
    scheme.step(0.0, 0.01, increment, x);
    Eigen::internal::set_is_malloc_allowed(false);
    scheme.step(0.01, 0.01, increment, x);
    Eigen::internal::set_is_malloc_allowed(true);
    BOOST_TEST(x.allFinite());
  };
  const auto diagonal = geometric();
  const tests::DrivenOscillator additive;
  tests::SharedGeometricMotion shared{0.2, Matrix::Identity(2, 2)};
  check(sde::EulerMaruyama(diagonal), 2, Vector::Ones(2));
  check(sde::Milstein(diagonal), 2, Vector::Ones(2));
  check(sde::Milstein(shared), 2, Vector::Ones(2));
  check(sde::Sri1(diagonal), 2, Vector::Ones(2));
  check(sde::PlatenWeak2(diagonal), 2, Vector::Ones(2));
  check(sde::StochasticHeun(diagonal), 2, Vector::Ones(2));
  check(sde::Sra1(additive), 1, Vector::Ones(1));
  check(sde::ExponentialEuler(additive), 1, Vector::Ones(1));
}
