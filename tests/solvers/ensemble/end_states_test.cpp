// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE end_states
#include "solvers/ensemble/end_states.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "solvers/sde/euler_maruyama.hpp"
#include "tests/support/diffusions.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistical.hpp"

using namespace stillpoint;
using ensemble::end_states;

namespace {

const tests::OrnsteinUhlenbeck model{Vector::Ones(1), Vector::Ones(1)};
using Scheme = sde::EulerMaruyama<tests::OrnsteinUhlenbeck>;

}  // namespace

// Euler–Maruyama of dx = −x dt + dW is an AR(1) chain with known moments at every step.
BOOST_AUTO_TEST_CASE(moments_of_the_scheme) {
  const double h = 0.1, decay = 1.0 - h;
  constexpr Index steps = 12, paths = 40000;
  const Matrix starts = (Matrix(1, 2) << 1.0, 3.0).finished();
  const Matrix states =
      end_states(ensemble::SchemeProcess(Scheme{model}, h), starts, steps, paths, {tests::seed, 5});
  double variance = 0.0, power = 1.0;
  for (Index k = 0; k < steps; ++k) {
    variance = decay * decay * variance + h;
    power *= decay;
  }
  const double n = paths / 2.0;
  for (const Index first : {0, 1}) {
    const Eigen::ArrayXd own = states(0, Eigen::seq(first, paths - 1, 2)).transpose().array();
    const double exact = power * starts(0, first);
    tests::check_agrees({own.mean(), std::sqrt(variance / n)}, exact, "mean");
    tests::check_agrees({(own - exact).square().mean(), variance * std::sqrt(2.0 / n)}, variance,
                        "variance");
  }
}

BOOST_AUTO_TEST_CASE(same_for_any_number_of_threads) {
  const ensemble::SchemeProcess process(Scheme{model}, 0.1);
  const Matrix one = end_states(process, Matrix::Ones(1, 1), 5, 200, {tests::seed, 1}, 1),
               three = end_states(process, Matrix::Ones(1, 1), 5, 200, {tests::seed, 1}, 3);
  BOOST_TEST((one - three).norm() == 0.0);
  BOOST_TEST((end_states(process, Matrix::Ones(1, 1), 0, 2, {}) - Matrix::Ones(1, 2)).norm() ==
             0.0);
}

BOOST_AUTO_TEST_CASE(bad_arguments) {
  const ensemble::SchemeProcess process(Scheme{model}, 0.1);
  BOOST_CHECK_THROW(end_states(process, Matrix::Ones(2, 1), 5, 10, {}), std::invalid_argument);
  BOOST_CHECK_THROW(end_states(process, Matrix(1, 0), 5, 10, {}), std::invalid_argument);
  BOOST_CHECK_THROW(end_states(process, Matrix::Ones(1, 1), -1, 10, {}), std::invalid_argument);
  BOOST_CHECK_THROW(end_states(process, Matrix::Ones(1, 1), 5, 0, {}), std::invalid_argument);
}
