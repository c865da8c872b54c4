// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE cumulant_equations
#include "solvers/cumulants/cumulant_equations.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "lib/activations/gauss_hermite.hpp"
#include "lib/networks/single_unit.hpp"
#include "solvers/moments/moment_map.hpp"
#include "tests/solvers/moments/sample_networks.hpp"

using namespace stillpoint;
using cumulants::CumulantChain;
using cumulants::CumulantDiffusion;
using cumulants::CumulantLaw;
using cumulants::GramCharlier;
using networks::Equation;
using networks::NoiseSource;

namespace {

constexpr Equation equations[] = {Equation::rate, Equation::current};

CumulantLaw some_law(Index states, Index order) {
  CumulantLaw law(states, order);
  for (Index p = 1; p < law.indices().size(); ++p)
    law.cumulants()[p] = 0.02 * std::sin(1.0 + 2.3 * p);
  Matrix root(states, states);
  Vector mean(states);
  for (Index i = 0; i < states; ++i) {
    mean(i) = 0.4 * std::cos(1.0 + i);
    for (Index j = 0; j < states; ++j) root(i, j) = 0.4 * std::cos(1.0 + i - 2.0 * j + 0.7 * i * j);
  }
  law.set_mean(mean);
  law.set_covariance(root * root.transpose() + 0.05 * Matrix::Identity(states, states));
  return law;
}

networks::Network two_units(Equation equation, const activations::Activation& f) {
  networks::Network network{.equation = equation, .activation = f, .leak = 0.4};
  network.W = Matrix{{0.5, -0.7}, {0.3, 0.6}};
  network.b = Vector{{0.2, -0.1}};
  return networks::make_network(network);
}

networks::NoiseSpec inside_and_outside(Equation equation) {
  networks::NoiseSpec noise = {{.where = NoiseSource::inside, .sigma = {0.4}}};
  noise.push_back({.where = equation == Equation::rate ? NoiseSource::outside : NoiseSource::state,
                   .sigma = {0.3},
                   .convention = equation == Equation::rate ? networks::NoiseConvention::per_step
                                                            : networks::NoiseConvention::raw_step});
  return noise;
}

double hermite(int n, double z) {
  return n == 0 ? 1.0 : n == 1 ? z : z * hermite(n - 1, z) - (n - 1) * hermite(n - 2, z);
}

/// Every point of a tensor Gauss–Hermite rule: visit(point, weight).
template <typename Visit>
void for_each_point(const activations::GaussHermite& rule, Vector& point, Index axis, double weight,
                    Visit&& visit) {
  if (axis == point.size()) {
    visit(point, weight);
    return;
  }
  for (Index k = 0; k < rule.nodes.size(); ++k) {
    point(axis) = rule.nodes(k);
    for_each_point(rule, point, axis + 1, weight * rule.weights(k), visit);
  }
}

/// Cumulants after a step from the definition: the density of the law at every point of a tensor
/// rule over (z, ξ), the map of a step there, moments of what comes out. Nothing of the method.
statistics::Series<double> step_by_quadrature(const models::NoisyChain& chain,
                                              const CumulantLaw& law,
                                              const GramCharlier::Tables& tables, Index nodes) {
  const Index m = chain.state_size(), n = chain.units();
  const GramCharlier state(law, tables);
  const bool inside = !chain.argument_sd().isZero(0.0);
  Vector point(m + (inside ? n : 0));
  const Vector c = chain.argument_offset(Vector(0)), d = chain.state_offset(Vector(0));
  statistics::Series<double> moments(static_cast<std::size_t>(law.indices().size()), 0.0);
  for_each_point(activations::gauss_hermite(nodes), point, 0, 1.0,
                 [&](const Vector& x, double weight) {
                   double factor = 0.0;
                   for (Index p = 0; p < tables.terms.size(); ++p) {
                     double term = state.quasi_moments()[p] / tables.terms.factorial(p);
                     for (Index i = 0; i < m; ++i)
                       term *= hermite(tables.terms[p][static_cast<std::size_t>(i)], x(i));
                     factor += term;
                   }
                   const Vector y = state.mean() + state.root() * x.head(m);
                   Vector a = chain.argument_weights() * y + c;
                   if (inside) a += chain.argument_sd().cwiseProduct(x.tail(n));
                   Vector f(n);
                   for (Index i = 0; i < n; ++i)
                     f(i) = activations::value(chain.activation(), a(i));
                   const Vector next = chain.retention().cwiseProduct(y) + chain.gain() * f + d;
                   for (Index p = 0; p < law.indices().size(); ++p) {
                     double product = weight * factor;
                     for (Index i = 0; i < m; ++i)
                       product *= std::pow(next(i), law.indices()[p][static_cast<std::size_t>(i)]);
                     moments[p] += product;
                   }
                 });
  auto cumulants = statistics::cumulants_of_moments(law.indices(), moments);
  CumulantLaw result = law;
  result.cumulants() = cumulants;
  Matrix covariance = result.covariance();
  covariance.diagonal() += chain.state_sd().cwiseAbs2();
  result.set_covariance(covariance);
  return result.cumulants();
}

double largest_difference(const statistics::Series<double>& a,
                          const statistics::Series<double>& b) {
  double largest = 0.0;
  for (std::size_t p = 0; p < a.size(); ++p) largest = std::max(largest, std::abs(a[p] - b[p]));
  return largest;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(chains)

// Order 2 is the Gaussian closure: of one unit to 1e-12, of several with the exact covariance, to
// the accuracy of activation_covariance().
BOOST_AUTO_TEST_CASE(order_two_is_the_gaussian_closure) {
  for (const auto equation : equations)
    for (const std::string_view name : activations::activation_names()) {
      const auto f = activations::make_activation(name);
      const models::NoisyChain one(networks::single_unit(equation, f, 0.7, 0.2, 0.3),
                                   inside_and_outside(equation));
      const models::NoisyChain two(two_units(equation, f), inside_and_outside(equation));
      for (const models::NoisyChain* chain : {&one, &two}) {
        const CumulantLaw law = some_law(chain->state_size(), 2);
        const CumulantLaw after = CumulantChain(*chain, Vector(0), 2).step(law);
        moments::Moments gaussian{law.mean(), law.covariance()};
        moments::MomentMap(*chain,
                           chain == &one ? moments::Rung::closure : moments::Rung::full_closure)
            .step(chain->argument_offset(Vector(0)), chain->state_offset(Vector(0)), gaussian);
        const double tolerance = chain == &one ? 1e-12 : 1e-10;
        BOOST_TEST_CONTEXT(networks::to_string(equation)
                           << ", " << name << ", units " << chain->units()) {
          BOOST_TEST((after.mean() - gaussian.mean).cwiseAbs().maxCoeff() < 1e-12);
          BOOST_TEST((after.covariance() - gaussian.covariance).cwiseAbs().maxCoeff() < tolerance);
        }
      }
    }
}

// Linear f: K'(t) = K(Mᵀ t) + noise, at every order, whatever the law.
BOOST_AUTO_TEST_CASE(linear_networks_are_exact_at_every_order) {
  for (const auto equation : equations)
    for (const Index order : {3, 4, 5, 6}) {
      const models::NoisyChain chain(two_units(equation, activations::Identity{}),
                                     inside_and_outside(equation));
      const CumulantLaw law = some_law(2, order);
      const Matrix& G = chain.gain();
      const Matrix M = Matrix(chain.retention().asDiagonal()) + G * chain.argument_weights();
      CumulantLaw expected = law;
      expected.cumulants() = statistics::times_factorials(
          law.indices(),
          statistics::substitute(law.indices(),
                                 statistics::over_factorials(law.indices(), law.cumulants()),
                                 law.indices(), M.transpose()));
      expected.set_mean(M * law.mean() + G * chain.argument_offset(Vector(0)) +
                        chain.state_offset(Vector(0)));
      expected.set_covariance(M * law.covariance() * M.transpose() +
                              G * chain.argument_sd().cwiseAbs2().asDiagonal() * G.transpose() +
                              Matrix(chain.state_sd().cwiseAbs2().asDiagonal()));
      const CumulantLaw after = CumulantChain(chain, Vector(0), order).step(law);
      BOOST_TEST(largest_difference(after.cumulants(), expected.cumulants()) < 1e-13);
    }
}

// Smooth f against the definition. Tolerances: the rule's own error, geometric in its nodes, from
// doubling them once by hand; below 1e-9 for tanh of arguments of this spread.
BOOST_AUTO_TEST_CASE(one_unit_to_order_eight) {
  for (const auto equation : equations)
    for (const Index degree : {0, 10}) {
      const models::NoisyChain chain(
          networks::single_unit(equation, activations::Tanh{}, 0.7, 0.2, 0.3),
          inside_and_outside(equation));
      const CumulantLaw law = some_law(1, 8);
      const CumulantChain map(chain, Vector(0), 8, degree);
      const auto expected = step_by_quadrature(chain, law, map.tables(), 80);
      BOOST_TEST(largest_difference(map.step(law).cumulants(), expected) < 1e-9);
    }
}

BOOST_AUTO_TEST_CASE(two_units_to_order_four) {
  for (const auto equation : equations) {
    const models::NoisyChain chain(
        two_units(equation, activations::Logistic{}),
        {{.where = equation == Equation::rate ? NoiseSource::outside : NoiseSource::state,
          .sigma = {0.3},
          .convention = equation == Equation::rate ? networks::NoiseConvention::per_step
                                                   : networks::NoiseConvention::raw_step}});
    const CumulantLaw law = some_law(2, 4);
    const CumulantChain map(chain, Vector(0), 4);
    const auto expected = step_by_quadrature(chain, law, map.tables(), 60);
    BOOST_TEST(largest_difference(map.step(law).cumulants(), expected) < 1e-9);
  }
}

// Noise inside of two units is four dimensions by the definition, two by the method; 24 nodes do
// for the logistic function here.
BOOST_AUTO_TEST_CASE(noise_inside_two_units) {
  const models::NoisyChain chain(two_units(Equation::rate, activations::Logistic{}),
                                 {{.where = NoiseSource::inside, .sigma = {0.4}}});
  const CumulantLaw law = some_law(2, 3);
  const CumulantChain map(chain, Vector(0), 3);
  const auto expected = step_by_quadrature(chain, law, map.tables(), 20);
  BOOST_TEST(largest_difference(map.step(law).cumulants(), expected) < 1e-9);
}

BOOST_AUTO_TEST_CASE(three_units_to_order_three) {
  const models::NoisyChain chain(
      networks::make_network(tests::sample_network(Equation::rate, activations::Logistic{}, 0.5)),
      {{.where = NoiseSource::outside, .sigma = {0.3}}});
  const CumulantLaw law = some_law(3, 3);
  const CumulantChain map(chain, Vector(0), 3);
  const auto expected = step_by_quadrature(chain, law, map.tables(), 30);
  BOOST_TEST(largest_difference(map.step(law).cumulants(), expected) < 1e-7);
}

// Coloured noise is one state more, and no unit more.
BOOST_AUTO_TEST_CASE(coloured_noise) {
  const models::NoisyChain chain(
      networks::single_unit(Equation::rate, activations::Tanh{}, 0.7, 0.2, 0.3),
      {{.where = NoiseSource::inside,
        .sigma = {0.5},
        .convention = networks::NoiseConvention::stationary_sd,
        .correlation_time = 1.5}});
  const CumulantLaw law = some_law(2, 5);
  const CumulantChain map(chain, Vector(0), 5);
  const auto expected = step_by_quadrature(chain, law, map.tables(), 60);
  BOOST_TEST(largest_difference(map.step(law).cumulants(), expected) < 1e-9);
}

// relu at its kink from a certain state: cumulants of the rectified normal, E (sz)₊ = s/√(2π),
// E (sz)₊² = s²/2, E (sz)₊³ = 2 s³/√(2π), E (sz)₊⁴ = 3 s⁴/2.
BOOST_AUTO_TEST_CASE(kinks_cost_nothing) {
  const double g = 0.3, s = 0.6;
  const models::NoisyChain chain(
      networks::single_unit(Equation::rate, activations::Relu{}, 0.0, 0.0, g),
      networks::white_noise(NoiseSource::inside, s));
  const CumulantLaw after = CumulantChain(chain, Vector(0), 4).step(CumulantLaw(1, 4));
  const double peak = 1.0 / std::sqrt(2.0 * std::acos(-1.0));
  statistics::Series<double> moments = {1.0, g * s * peak, g * g * s * s / 2.0,
                                        2.0 * std::pow(g * s, 3) * peak, 1.5 * std::pow(g * s, 4)};
  const auto expected = statistics::cumulants_of_moments(after.indices(), moments);
  BOOST_TEST(largest_difference(after.cumulants(), expected) < 1e-14);
}

BOOST_AUTO_TEST_CASE(orders_that_do_not_fit) {
  const models::NoisyChain chain(two_units(Equation::rate, activations::Tanh{}),
                                 networks::white_noise(NoiseSource::inside, 0.1));
  for (const Index order : {-1, 0, 7, 100})
    BOOST_CHECK_THROW(CumulantChain(chain, Vector(0), order), std::invalid_argument);
  BOOST_CHECK_THROW(CumulantChain(chain, Vector(0), 4, 3), std::invalid_argument);
  BOOST_CHECK_THROW(CumulantChain(chain, Vector(0), 4, 11), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(diffusions)

// A step of the chain of leak g, noise outside with ν ∝ √g, is the diffusion's Euler step: its
// change over g tends to the rate, at first order.
BOOST_AUTO_TEST_CASE(rates_are_the_limit_of_the_chains_steps) {
  for (const std::string_view name : {"tanh", "relu"}) {
    const auto change_and_rate = [&](double g) {
      networks::Network network = two_units(Equation::rate, activations::make_activation(name));
      network.leak = g;
      const models::NoisyChain chain(
          network, networks::white_noise(NoiseSource::outside, 0.5,
                                         networks::NoiseConvention::per_sqrt_time));
      const CumulantLaw law = some_law(2, 4);
      auto change = CumulantChain(chain, Vector(0), 4).step(law).cumulants();
      const auto rate = CumulantDiffusion(models::NoisyDiffusion(chain, Vector(0)), 4).rate(law);
      double largest = 0.0, size = 0.0;
      for (std::size_t p = 1; p < rate.size(); ++p) {
        largest = std::max(largest, std::abs((change[p] - law.cumulants()[p]) / g - rate[p]));
        size = std::max(size, std::abs(rate[p]));
      }
      return largest / size;
    };
    const double coarse = change_and_rate(1e-3), fine = change_and_rate(1e-4);
    BOOST_TEST(coarse < 1e-2);
    BOOST_TEST(std::abs(coarse / fine - 10.0) < 0.1);
  }
}

// E (A ∂ + D ∂²) yⁿ of one unit with noise inside, by quadrature over the density; rates of raw
// moments from those of cumulants by a difference along them.
BOOST_AUTO_TEST_CASE(rates_are_the_generators_averages) {
  for (const auto equation : equations) {
    const models::NoisyChain chain(
        networks::single_unit(equation, activations::Tanh{}, 0.7, 0.2, 0.3),
        inside_and_outside(equation));
    const models::NoisyDiffusion diffusion(chain, Vector(0));
    const CumulantLaw law = some_law(1, 6);
    const CumulantDiffusion equations_of(diffusion, 6);
    const auto rate = equations_of.rate(law);
    const GramCharlier state(law, equations_of.tables());
    const auto rule = activations::gauss_hermite(80);
    Vector y(1), A(1);
    Matrix C(1, diffusion.noise_size());
    statistics::Series<double> expected(7, 0.0);
    for (Index k = 0; k < 80; ++k) {
      const double z = rule.nodes(k);
      double factor = 0.0;
      for (int n = 0; n <= 6; ++n)
        factor += state.quasi_moments()[n] / std::tgamma(n + 1.0) * hermite(n, z);
      y(0) = state.mean()(0) + state.root()(0, 0) * z;
      diffusion.drift(0.0, y, A);
      diffusion.diffusion(0.0, y, C);
      for (int n = 1; n <= 6; ++n)
        expected[n] +=
            rule.weights(k) * factor *
            (n * std::pow(y(0), n - 1) * A(0) +
             (n > 1 ? 0.5 * n * (n - 1) * std::pow(y(0), n - 2) * C.squaredNorm() : 0.0));
    }
    // d/dε of the moments of κ + ε κ̇, a polynomial: central differences of order 4.
    const auto moments_at = [&](double e) {
      auto moved = law.cumulants();
      for (std::size_t p = 0; p < moved.size(); ++p) moved[p] += e * rate[p];
      return statistics::moments_of_cumulants(law.indices(), moved);
    };
    const double e = 1e-3;
    const auto p1 = moments_at(e), m1 = moments_at(-e), p2 = moments_at(2 * e),
               m2 = moments_at(-2 * e);
    for (int n = 1; n <= 6; ++n)
      BOOST_TEST(std::abs((8 * (p1[n] - m1[n]) - (p2[n] - m2[n])) / (12 * e) - expected[n]) < 1e-9);
  }
}

BOOST_AUTO_TEST_SUITE_END()
