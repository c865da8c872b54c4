// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE cumulant_law
#include "solvers/cumulants/cumulant_law.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "lib/networks/single_unit.hpp"
#include "tests/solvers/moments/sample_networks.hpp"

using namespace stillpoint;
using cumulants::check_realizability;
using cumulants::CumulantLaw;
using cumulants::Support;

namespace {

CumulantLaw of_one_unit(const std::vector<double>& cumulants) {
  CumulantLaw law(1, static_cast<Index>(cumulants.size()));
  for (std::size_t k = 0; k < cumulants.size(); ++k) law.cumulants()[k + 1] = cumulants[k];
  return law;
}

/// Cumulants of the law with these points and probabilities.
CumulantLaw of_points(const std::vector<double>& x, const std::vector<double>& p, Index order) {
  CumulantLaw law(1, order);
  statistics::Series<double> moments;
  for (Index n = 0; n <= order; ++n) {
    double sum = 0.0;
    for (std::size_t k = 0; k < x.size(); ++k) sum += p[k] * std::pow(x[k], static_cast<double>(n));
    moments.push_back(sum);
  }
  law.cumulants() = statistics::cumulants_of_moments(law.indices(), moments);
  return law;
}

Support from(double lower, double upper) {
  return {Vector::Constant(1, lower), Vector::Constant(1, upper)};
}

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

BOOST_AUTO_TEST_SUITE(laws)

BOOST_AUTO_TEST_CASE(mean_covariance_and_orders) {
  CumulantLaw law(2, 3);
  const Matrix C{{2.0, 0.3}, {0.3, 0.5}};
  law.set_mean(Vector{{1.0, -1.0}});
  law.set_covariance(C);
  law.cumulants()[law.indices().find({3, 0})] = 0.7;
  BOOST_TEST((law.mean() == Vector{{1.0, -1.0}}));
  BOOST_TEST((law.covariance() == C));
  BOOST_TEST(law.cumulant(0, 3) == 0.7);
  BOOST_TEST(law.skewness(0) == 0.7 / std::pow(2.0, 1.5));
  const CumulantLaw longer = law.with_order(5), shorter = law.with_order(2);
  BOOST_TEST(longer.cumulant(0, 3) == 0.7);
  BOOST_TEST(longer.cumulant(0, 5) == 0.0);
  BOOST_TEST(shorter.cumulant(0, 3) == 0.0);
  BOOST_TEST((shorter.covariance() == C));
}

// Rate, noise inside: the range of f. Current: W times it. Own noise: everywhere.
BOOST_AUTO_TEST_CASE(support_of_a_chain) {
  const auto bounds = [](networks::Equation equation, networks::NoiseSource::Where where) {
    const models::NoisyChain chain(
        networks::single_unit(equation, activations::Tanh{}, -2.0, 0.5, 0.25),
        networks::white_noise(where, 0.3));
    return cumulants::support(chain, Vector(0));
  };
  const Support rate = bounds(networks::Equation::rate, networks::NoiseSource::inside);
  BOOST_TEST(rate.lower(0) == -1.0);
  BOOST_TEST(rate.upper(0) == 1.0);
  const Support current = bounds(networks::Equation::current, networks::NoiseSource::inside);
  BOOST_TEST(std::abs(current.lower(0) + 1.5) < 1e-15);
  BOOST_TEST(std::abs(current.upper(0) - 2.5) < 1e-15);
  BOOST_TEST(bounds(networks::Equation::rate, networks::NoiseSource::outside).upper(0) == infinity);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(realizability)

BOOST_AUTO_TEST_CASE(gaussians_and_certain_states_are_possible) {
  BOOST_TEST(check_realizability(of_one_unit({1.0, 2.0, 0.0, 0.0, 0.0, 0.0})).possible);
  BOOST_TEST(check_realizability(of_one_unit({1.0, 0.0, 0.0, 0.0})).possible);
  BOOST_TEST(check_realizability(of_one_unit({1.0})).possible);
}

// excess ≥ skewness² − 2, with equality for laws on two points: on one side of it and the other.
BOOST_AUTO_TEST_CASE(kurtosis_is_at_least_skewness_squared_plus_one) {
  const CumulantLaw two = of_points({-1.0, 3.0}, {0.7, 0.3}, 4);
  const double bound = std::pow(two.skewness(0), 2) - 2.0;
  BOOST_TEST(std::abs(two.excess_kurtosis(0) - bound) < 1e-12);
  BOOST_TEST(check_realizability(two).possible);
  const double mean = two.cumulant(0, 1), v = two.cumulant(0, 2), k3 = two.cumulant(0, 3);
  BOOST_TEST(check_realizability(of_one_unit({mean, v, k3, (bound + 1e-4) * v * v})).possible);
  const auto below = check_realizability(of_one_unit({mean, v, k3, (bound - 1e-4) * v * v}));
  BOOST_TEST(!below.possible);
  BOOST_TEST(below.margin < 0.0);
  BOOST_TEST(!below.violated.empty());
}

BOOST_AUTO_TEST_CASE(negative_variances_are_not) {
  BOOST_TEST(!check_realizability(of_one_unit({0.0, -1e-3})).possible);
  CumulantLaw law(2, 2);
  law.set_covariance(Matrix{{1.0, 1.2}, {1.2, 1.0}});
  BOOST_TEST(!check_realizability(law).possible);
}

BOOST_AUTO_TEST_CASE(a_nan_is_not) {
  BOOST_TEST(!check_realizability(of_one_unit({0.0, std::nan("")})).possible);
}

// Exponential: on [0, ∞). Its moments to order 5 fit half-lines that begin at or below the smallest
// node of the three-point Gauss–Laguerre rule, 0.415774556…, and no other.
BOOST_AUTO_TEST_CASE(half_lines) {
  const CumulantLaw exponential = of_one_unit({1.0, 1.0, 2.0, 6.0, 24.0});
  BOOST_TEST(check_realizability(exponential, from(0.0, infinity)).possible);
  BOOST_TEST(check_realizability(exponential, from(0.4157, infinity)).possible);
  BOOST_TEST(!check_realizability(exponential, from(0.4159, infinity)).possible);
  // A Gaussian of mean 0.5 and sd 1 is not positive; at order 3 the moments know.
  BOOST_TEST(!check_realizability(of_one_unit({0.5, 1.0, 0.0}), from(0.0, infinity)).possible);
}

// Bhatia–Davis: V ≤ (upper − μ)(μ − lower), equality for the two ends.
BOOST_AUTO_TEST_CASE(intervals) {
  const auto on = from(-1.0, 1.0);
  BOOST_TEST(check_realizability(of_one_unit({0.2, 0.96 - 1e-6}), on).possible);
  BOOST_TEST(check_realizability(of_one_unit({0.2, 0.96}), on).possible);
  BOOST_TEST(!check_realizability(of_one_unit({0.2, 0.96 + 1e-6}), on).possible);
  BOOST_TEST(!check_realizability(of_one_unit({1.1, 0.1}), on).possible);
  for (Index order = 2; order <= 8; ++order) {  // uniform on [−1, 1]
    CumulantLaw law(1, order);
    statistics::Series<double> moments;
    for (Index n = 0; n <= order; ++n)
      moments.push_back(n % 2 == 0 ? 1.0 / static_cast<double>(n + 1) : 0.0);
    law.cumulants() = statistics::cumulants_of_moments(law.indices(), moments);
    BOOST_TEST(check_realizability(law, on).possible);
  }
}

// Two dimensions: an affine image of independent laws is possible, a third cumulant beyond any law
// with these fourth ones is not.
BOOST_AUTO_TEST_CASE(planes) {
  CumulantLaw law(2, 4);
  for (Index p = 1; p < law.indices().size(); ++p) {
    const auto& alpha = law.indices()[p];  // (x + y, x − 0.5 y) of two exponentials
    const double n = static_cast<double>(statistics::order(alpha));
    law.cumulants()[p] = std::tgamma(n) * (1.0 + std::pow(-0.5, alpha[1]));
  }
  BOOST_TEST(check_realizability(law).possible);
  law.cumulants()[law.indices().find({3, 0})] = 20.0;
  BOOST_TEST(!check_realizability(law).possible);
}

BOOST_AUTO_TEST_SUITE_END()
