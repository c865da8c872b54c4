// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE gram_charlier
#include "solvers/cumulants/gram_charlier.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "lib/activations/gauss_hermite.hpp"
#include "lib/core/recoverable_error.hpp"

using namespace stillpoint;
using cumulants::CumulantLaw;
using cumulants::GramCharlier;

namespace {

/// Cumulants to order k of a law of two units, of a size that makes a density.
CumulantLaw some_law(Index order) {
  CumulantLaw law(2, order);
  for (Index p = 1; p < law.indices().size(); ++p) law.cumulants()[p] = 0.1 * std::sin(2.3 * p);
  law.set_mean(Vector{{0.4, -0.2}});
  law.set_covariance(Matrix{{0.9, -0.3}, {-0.3, 0.5}});
  return law;
}

double hermite(int n, double z) {
  return n == 0 ? 1.0 : n == 1 ? z : z * hermite(n - 1, z) - (n - 1) * hermite(n - 2, z);
}

}  // namespace

// One unit: q₃ = κ₃, q₄ = κ₄, q₅ = κ₅, q₆ = κ₆ + 10 κ₃², q₇ = 35 κ₃ κ₄ (κ₇ = κ₆ = 0), q₈ = 56 κ₃κ₅
// + 35 κ₄², all in standardised units.
BOOST_AUTO_TEST_CASE(quasi_moments_are_polynomials_of_the_cumulants) {
  const double sd = 0.7, k3 = 0.3, k4 = -0.2, k5 = 0.15;
  CumulantLaw law(1, 5);
  law.cumulants() = {
      0.0, 1.3, sd * sd, k3 * std::pow(sd, 3), k4 * std::pow(sd, 4), k5 * std::pow(sd, 5)};
  const GramCharlier::Tables tables(1, 2, 8);
  const GramCharlier density(law, tables);
  const double expected[] = {
      1.0, 0.0, 0.0, k3, k4, k5, 10 * k3 * k3, 35 * k3 * k4, 56 * k3 * k5 + 35 * k4 * k4};
  for (Index n = 0; n <= 8; ++n) {
    // The sign of the axis is free.
    const double sign = density.root()(0, 0) < 0.0 && n % 2 == 1 ? -1.0 : 1.0;
    BOOST_TEST(std::abs(sign * density.quasi_moments()[n] - expected[n]) < 1e-13);
  }
  BOOST_TEST(std::abs(std::abs(density.root()(0, 0)) - sd) < 1e-15);
}

// Moments to order k of y = μ + L z are those of the cumulants given.
BOOST_AUTO_TEST_CASE(the_series_has_the_moments_of_the_law) {
  for (const Index degree : {4, 7}) {
    const CumulantLaw law = some_law(4);
    const GramCharlier::Tables tables(2, 3, degree);
    const GramCharlier density(law, tables);
    auto series = density.moment_series();  // of z; then of L z, then its logarithm
    const auto of_state = statistics::logarithm(
        law.indices(),
        statistics::substitute(tables.terms, series, law.indices(), density.root().transpose()));
    const auto cumulants = statistics::times_factorials(law.indices(), of_state);
    for (Index p = 3; p < law.indices().size(); ++p)
      BOOST_TEST(std::abs(cumulants[p] - law.cumulants()[p]) < 1e-13);
  }
}

// B_αδ by tensor Gauss–Hermite, exact for these polynomials.
BOOST_AUTO_TEST_CASE(products_are_integrals_over_the_density) {
  const GramCharlier::Tables tables(2, 3, 4);
  const GramCharlier density(some_law(4), tables);
  const auto rule = activations::gauss_hermite(12);
  Matrix expected = Matrix::Zero(tables.powers.size(), tables.hermites.size());
  for (Index i = 0; i < 12; ++i)
    for (Index j = 0; j < 12; ++j) {
      const double z[] = {rule.nodes(i), rule.nodes(j)};
      double factor = 0.0;
      for (Index p = 0; p < tables.terms.size(); ++p)
        factor += density.quasi_moments()[p] / tables.terms.factorial(p) *
                  hermite(tables.terms[p][0], z[0]) * hermite(tables.terms[p][1], z[1]);
      for (Index a = 0; a < tables.powers.size(); ++a)
        for (Index d = 0; d < tables.hermites.size(); ++d)
          expected(a, d) +=
              rule.weights(i) * rule.weights(j) * factor * std::pow(z[0], tables.powers[a][0]) *
              std::pow(z[1], tables.powers[a][1]) * hermite(tables.hermites[d][0], z[0]) *
              hermite(tables.hermites[d][1], z[1]);
    }
  BOOST_TEST((density.products() - expected).cwiseAbs().maxCoeff() <
             1e-11 * expected.cwiseAbs().maxCoeff());
}

// One unit: √(κ₃²/6 + κ₄²/24), each κ_n multiplied by rⁿ for an argument of correlation r.
BOOST_AUTO_TEST_CASE(corrections_along_a_direction) {
  CumulantLaw law(1, 4);
  law.cumulants() = {0.0, 0.0, 1.0, 0.6, -0.4};
  const GramCharlier::Tables tables(1, 2, 4);
  const GramCharlier density(law, tables);
  for (const double r : {1.0, 0.3}) {
    const double exact =
        std::sqrt(std::pow(0.6 * r * r * r, 2) / 6.0 + std::pow(0.4 * r * r * r * r, 2) / 24.0);
    BOOST_TEST(std::abs(density.correction(Vector{{r}}) - exact) < 1e-15);
  }
}

BOOST_AUTO_TEST_CASE(a_gaussian_needs_no_correction_and_an_indefinite_covariance_is_refused) {
  CumulantLaw law(2, 3);
  law.set_covariance(Matrix{{1.0, 0.5}, {0.5, 1.0}});
  const GramCharlier::Tables tables(2, 2, 3);
  BOOST_TEST(GramCharlier(law, tables).correction(Vector{{1.0, 0.0}}) == 0.0);
  law.set_covariance(Matrix{{1.0, 1.5}, {1.5, 1.0}});
  BOOST_CHECK_THROW(GramCharlier(law, tables), RecoverableError);
  law.set_covariance(Matrix::Zero(2, 2));  // a certain state
  BOOST_TEST(GramCharlier(law, tables).root().isZero(0.0));
}
