// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE noisy_chain
#include "lib/models/noisy_chain.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "tests/support/chains.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using networks::Equation;

// Against e' = λ∘e + G δ∘(B e + s∘ξ) + ν∘ξ' with the matrices of the chain itself and the same
// draws, network part; every kind of noise. Rounding only: e is of size 1, 30 steps.
BOOST_AUTO_TEST_CASE(the_linearised_chain_sees_the_same_noise) {
  const Index n = 4, steps = 30;
  const random::Stream stream{tests::seed, 2};
  for (const Equation equation : {Equation::rate, Equation::current}) {
    const models::NoisyChain chain(tests::wavy_network(n, 0.3, equation, activations::Tanh{}),
                                   tests::every_noise(n));
    const Index m = chain.state_size();
    const Vector slope = Vector::LinSpaced(n, 0.0, 0.9);
    const models::NoisyChain linear = chain.linearized(slope);
    Vector start = Vector::Zero(m);
    start.head(n) = Vector::LinSpaced(n, -0.5, 0.8);
    const Matrix path = tests::slow_path(linear, Vector::Ones(2), start, steps, 5, stream);

    Vector e = start;
    for (Index t = 0; t < steps; ++t) {
      const auto draw = [&](Index index) {
        return random::normal(stream, 5, static_cast<std::uint32_t>(t),
                              static_cast<std::uint32_t>(index));
      };
      Vector a = chain.argument_weights() * e;
      for (Index i = 0; i < n; ++i) a(i) += chain.argument_sd()(i) * draw(i);
      e = chain.retention().cwiseProduct(e) + chain.gain() * slope.cwiseProduct(a);
      for (Index j = 0; j < m; ++j) e(j) += chain.state_sd()(j) * draw((Index{1} << 31) + j);
      BOOST_TEST((path.col(t + 1).head(n) - e.head(n)).norm() < 1e-13);
    }
  }
}

BOOST_AUTO_TEST_CASE(bad_slopes_throw) {
  const models::NoisyChain chain(tests::wavy_network(3, 0.3, Equation::rate, activations::Tanh{}),
                                 {});
  BOOST_CHECK_THROW(chain.linearized(Vector::Ones(2)), std::invalid_argument);
  BOOST_CHECK_THROW(chain.linearized(Vector::Constant(3, -0.1)), std::invalid_argument);
  BOOST_CHECK_THROW(chain.linearized(Vector::Constant(3, NAN)), std::invalid_argument);
}
