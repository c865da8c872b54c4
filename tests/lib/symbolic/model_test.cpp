// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE symbolic_model
#include "lib/symbolic/model.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>
#include <stdexcept>

#include "lib/models/noisy_chain.hpp"
#include "lib/models/noisy_diffusion.hpp"
#include "lib/symbolic/calculus.hpp"
#include "lib/symbolic/functions.hpp"
#include "lib/symbolic/latex.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using namespace stillpoint::symbolic;
using networks::Equation;
using networks::Network;
using networks::NoiseConvention;
using networks::NoiseSource;
using networks::NoiseSpec;

namespace {

/// Numbers of the tests' own.
class Draws {
 public:
  Matrix matrix(Index rows, Index columns, double size) {
    return Matrix::NullaryExpr(rows, columns, [&] { return size * normal_(engine_); });
  }
  Vector vector(Index rows, double size) { return matrix(rows, 1, size); }

 private:
  std::mt19937_64 engine_{tests::seed};
  std::normal_distribution<double> normal_;
};

/// Three units, two inputs; inside noise in two units, outside noise in two, one coloured source.
struct Case {
  Network network;
  NoiseSpec noise;
  Vector input;
};

Case make_case(Draws& draw, Equation equation, const activations::Activation& f, bool coloured) {
  Case one{.network = {.equation = equation,
                       .W = draw.matrix(3, 3, 0.8),
                       .W_in = draw.matrix(3, 2, 0.5),
                       .b = draw.vector(3, 0.5),
                       .W_out = {},
                       .b_out = {},
                       .activation = f,
                       .leak = 0.3},
           .noise = {{.where = NoiseSource::inside, .sigma = {0.4, 0.0, 0.7}},
                     {.where = NoiseSource::outside, .sigma = {0.0, 0.2, 0.3}}},
           .input = draw.vector(2, 1.0)};
  if (coloured)
    one.noise.push_back({.where = NoiseSource::inside,
                         .sigma = {0.5},
                         .convention = NoiseConvention::stationary_sd,
                         .correlation_time = 2.0});
  return one;
}

/// A tape at the entries of several vectors, as a matrix with that many rows.
Matrix at(const Tape& tape, std::initializer_list<Vector> parts, Index rows) {
  std::vector<double> in;
  for (const Vector& part : parts) in.insert(in.end(), part.begin(), part.end());
  const std::vector<double> out = tape.evaluate(in);
  return Eigen::Map<const Matrix>(out.data(), rows, static_cast<Index>(out.size()) / rows);
}

template <typename Check>
void for_each_case(Check&& check) {
  Draws draw;
  for (const Equation equation : networks::all_equations)
    for (const auto& f : {activations::Activation(activations::Tanh{}),
                          activations::Activation(activations::Relu{}),
                          activations::Activation(activations::Softplus(4.0)),
                          activations::Activation(activations::SaturatingLinear{})})
      for (const bool coloured : {false, true}) {
        const Case one = make_case(draw, equation, f, coloured);
        BOOST_TEST_CONTEXT(networks::to_string(equation)
                           << " " << activations::name(f) << (coloured ? " coloured" : ""))
        for (int k = 0; k < 5; ++k) check(one, draw);
      }
}

constexpr double tolerance = 1e-13;  // some ten roundings of numbers of order one

}  // namespace

BOOST_AUTO_TEST_CASE(a_chain_from_a_network_takes_its_steps) {
  for_each_case([](const Case& one, Draws& draw) {
    const models::NoisyChain chain(one.network, one.noise);
    const Model model = make_model(one.network, one.noise, one.input, Model::Kind::chain);
    const Index m = chain.state_size(), n = chain.units();
    BOOST_REQUIRE_EQUAL(model.state_size(), m);
    const Vector y = draw.vector(m, 1.0), xi = draw.vector(model.noise_size(), 1.0);
    // The normals stand in the order inside, then state, where they have an effect.
    Vector argument = chain.argument_weights() * y + chain.argument_offset(one.input);
    Vector expected = chain.retention().cwiseProduct(y) + chain.state_offset(one.input);
    Index next = 0;
    for (Index i = 0; i < n; ++i)
      if (chain.argument_sd()(i) > 0.0) argument(i) += chain.argument_sd()(i) * xi(next++);
    for (Index i = 0; i < m; ++i)
      if (chain.state_sd()(i) > 0.0) expected(i) += chain.state_sd()(i) * xi(next++);
    BOOST_REQUIRE_EQUAL(next, model.noise_size());
    for (Index i = 0; i < n; ++i)
      expected += chain.gain().col(i) * activations::value(chain.activation(), argument(i));
    BOOST_TEST((at(drift_tape(model), {y, xi}, m) - expected).cwiseAbs().maxCoeff() < tolerance);
    // Jacobians: diag λ + G diag f' B and, in ξ, the columns of noise.
    Matrix jacobian = chain.retention().asDiagonal();
    for (Index i = 0; i < n; ++i)
      jacobian += chain.gain().col(i) *
                  activations::derivative(chain.activation(), 1, argument(i)) *
                  chain.argument_weights().row(i);
    BOOST_TEST((at(jacobian_tape(model), {y, xi}, m) - jacobian).cwiseAbs().maxCoeff() < tolerance);
    const Matrix noise = at(noise_tape(model), {y, xi}, m);
    const double h = 1e-6;
    for (Index k = 0; k < model.noise_size(); ++k) {
      const Vector e = Vector::Unit(model.noise_size(), k) * h;
      const Matrix slope =
          (at(drift_tape(model), {y, xi + e}, m) - at(drift_tape(model), {y, xi - e}, m)) / (2 * h);
      BOOST_TEST((noise.col(k) - slope).cwiseAbs().maxCoeff() < 1e-8);
    }
  });
}

BOOST_AUTO_TEST_CASE(a_diffusion_from_a_network_has_its_drift_and_noise) {
  for_each_case([](const Case& one, Draws& draw) {
    const models::NoisyDiffusion diffusion(models::NoisyChain(one.network, one.noise), one.input);
    const Model model = make_model(one.network, one.noise, one.input, Model::Kind::diffusion);
    const Index m = diffusion.state_size();
    BOOST_REQUIRE_EQUAL(model.state_size(), m);
    BOOST_REQUIRE_EQUAL(model.noise_size(), diffusion.noise_size());
    const Vector y = draw.vector(m, 1.0);
    Vector drift;
    Matrix noise, jacobian;
    diffusion.drift(0.0, y, drift);
    diffusion.diffusion(0.0, y, noise);
    diffusion.drift_jacobian(0.0, y, jacobian);
    BOOST_TEST((at(drift_tape(model), {y}, m) - drift).cwiseAbs().maxCoeff() < tolerance);
    BOOST_TEST((at(noise_tape(model), {y}, m) - noise).cwiseAbs().maxCoeff() < tolerance);
    BOOST_TEST((at(jacobian_tape(model), {y}, m) - jacobian).cwiseAbs().maxCoeff() < tolerance);
  });
}

BOOST_AUTO_TEST_CASE(parameters_have_values_or_are_inputs) {
  const Expression x = symbol("x"), w = symbol("w"), s = symbol("s");
  const Model model = make_model({.name = "one unit",
                                  .states = {x},
                                  .parameters = {{w, rational(3, 2)}, {s, sqrt(Expression(2))}},
                                  .drift = {-x + tanh(w * x)},
                                  .noise = {{s * x, s}},
                                  .normals = {}});
  BOOST_TEST(model.noise_size() == 2);
  BOOST_TEST(drift_tape(model).evaluate({0.4})[0] == -0.4 + std::tanh(0.6),
             boost::test_tools::tolerance(1e-15));
  const Tape free = jacobian_tape(model, {"w"});
  BOOST_TEST(free.inputs() == 2);
  BOOST_TEST(free.evaluate({0.4, 2.0})[0] == -1 + 2 * (1 - std::pow(std::tanh(0.8), 2)),
             boost::test_tools::tolerance(1e-14));
  BOOST_TEST(noise_tape(model).evaluate({0.5})[0] == std::sqrt(0.5),
             boost::test_tools::tolerance(1e-15));
  BOOST_CHECK_THROW(drift_tape(model, {"v"}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(bad_models_are_sentences) {
  const Expression x = symbol("x"), y = symbol("y"), w = symbol("w");
  const auto refused = [](Model model) {
    BOOST_CHECK_THROW(make_model(std::move(model)), std::invalid_argument);
  };
  refused({});
  refused({.states = {x}, .drift = {}});
  refused({.states = {x, x}, .drift = {x, x}});
  refused({.states = {x + 1}, .drift = {x}});
  refused({.states = {x}, .drift = {w * x}});
  refused({.states = {x}, .parameters = {{w, y}}, .drift = {w * x}});
  refused({.states = {x}, .parameters = {{x, 1}}, .drift = {x}});
  refused({.states = {x}, .drift = {x}, .noise = {{1}, {1}}});
  refused({.states = {x, y}, .drift = {x, y}, .noise = {{1}, {1, 0}}});
  refused({.states = {x}, .drift = {x}, .noise = {{w}}});
  refused({.states = {x}, .drift = {x}, .normals = {w}});
  refused({.kind = Model::Kind::chain, .states = {x}, .drift = {x}, .noise = {{1}}});
  Draws draw;
  const Case one = make_case(draw, Equation::rate, activations::Tanh{}, false);
  BOOST_CHECK_THROW(make_model(one.network, one.noise, Vector::Zero(1), Model::Kind::chain),
                    std::invalid_argument);
}
