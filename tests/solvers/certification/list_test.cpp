// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE list
#include "solvers/certification/list.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>
#include <stdexcept>
#include <string>

#include "solvers/certification/certify.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using certification::list_fixed_points;
using certification::Proof;

namespace {

models::NoisyChain chain_of(Matrix W, Vector b, activations::Activation f) {
  return {networks::make_network({.W = std::move(W), .b = std::move(b), .activation = f}), {}};
}

const Vector no_input(0);

certification::List list_of(const models::NoisyChain& chain,
                            const certification::ListOptions& options = {}) {
  return list_fixed_points(chain, no_input, Matrix(chain.units(), 0), options);
}

bool all_proved_by(const certification::List& list, Proof proof) {
  return std::all_of(list.points.begin(), list.points.end(),
                     [&](const auto& point) { return point.proof == proof; });
}

Matrix competition(Index n) {
  Matrix W = Matrix::Constant(n, n, -1.25);
  W.diagonal().setZero();
  return W;
}

Matrix gaussian(Index n, double gain) {
  std::mt19937_64 engine(tests::seed);
  std::normal_distribution<double> normal(0.0, gain / std::sqrt(static_cast<double>(n)));
  return Matrix::NullaryExpr(n, n, [&] { return normal(engine); });
}

}  // namespace

BOOST_AUTO_TEST_CASE(piecewise_linear_networks_are_enumerated) {
  const auto list = list_of(chain_of(competition(5), Vector::Ones(5), activations::Relu{}));
  BOOST_TEST(list.report.ok());
  BOOST_TEST(list.complete);
  BOOST_TEST(list.points.size() == 31u);
  BOOST_TEST(all_proved_by(list, Proof::exact));
  for (std::size_t k = 1; k < list.points.size(); ++k)
    BOOST_TEST(list.points[k - 1].point.unstable_directions <=
               list.points[k].point.unstable_directions);
}

// h = relu(h) holds for every h ≥ 0.
BOOST_AUTO_TEST_CASE(a_line_of_fixed_points_is_a_set) {
  const auto list = list_of(chain_of(Matrix::Ones(1, 1), Vector::Zero(1), activations::Relu{}));
  BOOST_TEST(list.complete);
  BOOST_TEST(list.points.empty());
  BOOST_REQUIRE(list.sets.size() == 1u);
  BOOST_TEST(list.sets[0].dimension == 1);
}

BOOST_AUTO_TEST_CASE(small_smooth_networks_are_searched_completely) {
  const auto list =
      list_of(chain_of(Matrix::Constant(1, 1, 2.0), Vector::Zero(1), activations::Tanh{}));
  BOOST_TEST(list.complete);
  BOOST_REQUIRE(list.points.size() == 3u);
  BOOST_TEST(all_proved_by(list, Proof::interval));
  BOOST_TEST((list.expected_index_sum == 1));
  BOOST_TEST(list.index_sum() == 1);
  for (const auto& listed : list.points) {
    const double h = listed.point.state(0);
    BOOST_TEST(std::abs(std::tanh(2.0 * h) - h) < 1e-15);
    BOOST_TEST(std::abs(listed.point.argument(0) - 2.0 * h) < 1e-15);
    BOOST_TEST(listed.radius < 1e-15);
  }
  BOOST_TEST((list.points[2].point.stability == fixed_points::Stability::unstable));
}

BOOST_AUTO_TEST_CASE(larger_ones_are_found_and_certified_one_by_one) {
  const auto chain = chain_of(gaussian(8, 3.0), Vector::Zero(8), activations::Tanh{});
  const auto list = list_of(chain, {.starts = 256, .threads = 1});
  BOOST_TEST(!list.complete);
  BOOST_TEST(!list.expected_index_sum.has_value());
  BOOST_TEST(list.points.size() > 1u);
  BOOST_TEST(all_proved_by(list, Proof::interval));
  BOOST_TEST(list.completeness.find("may be incomplete") != std::string::npos);

  // The complete search, asked for, finds the same points.
  const auto complete = list_of(chain, {.certify_units = 8, .threads = 1});
  BOOST_TEST(complete.complete);
  BOOST_TEST(complete.index_sum() == 1);
  BOOST_REQUIRE(complete.points.size() == list.points.size());
  for (std::size_t k = 0; k < list.points.size(); ++k)
    BOOST_TEST((complete.points[k].point.state - list.points[k].point.state).norm() < 1e-12);
}

// Spectral radius of max(W, 0) above 1: no box is known to hold every point of softplus.
BOOST_AUTO_TEST_CASE(softplus_without_a_box_is_left_to_multistart) {
  Matrix W(2, 2);
  W << 1.2, -2.0, -2.0, 1.2;
  const auto chain = chain_of(W, Vector::Zero(2), activations::Softplus{});
  BOOST_TEST(!certification::box_of_all(chain, no_input).has_value());
  const auto list = list_of(chain, {.starts = 64, .threads = 1});
  BOOST_TEST(!list.complete);
  BOOST_TEST(!list.points.empty());
}

// w = 1, c = 0: a triple root, where no method that tolerates rounding proves anything.
BOOST_AUTO_TEST_CASE(an_undecided_point_is_listed_without_a_proof) {
  const auto list =
      list_of(chain_of(Matrix::Ones(1, 1), Vector::Zero(1), activations::Tanh{}), {.threads = 1});
  BOOST_TEST(!list.complete);
  BOOST_TEST(!list.report.ok());
  BOOST_REQUIRE(list.points.size() == 1u);
  BOOST_TEST((list.points[0].proof == Proof::none));
  BOOST_TEST(std::isnan(list.points[0].radius));
  BOOST_TEST(std::abs(list.points[0].point.state(0)) < 1e-3);
}

BOOST_AUTO_TEST_CASE(a_search_out_of_time_says_so) {
  const auto chain = chain_of(competition(16), Vector::Ones(16), activations::Relu{});
  const auto list = list_of(chain, {.max_seconds = 1e-3, .starts = 64, .threads = 1});
  BOOST_TEST(!list.complete);
  BOOST_TEST(!list.report.ok());
  BOOST_TEST(!list.expected_index_sum.has_value());
}

// h = Θ(2h − 1): 0, 1 and, as Θ(0) = ½, the jump.
BOOST_AUTO_TEST_CASE(a_jump_is_listed_without_proof) {
  const auto list = list_of(
      chain_of(Matrix::Constant(1, 1, 2.0), Vector::Constant(1, -1.0), activations::Heaviside{}));
  std::vector<double> states;
  for (const auto& listed : list.points) {
    states.push_back(listed.point.state(0));
    BOOST_TEST((listed.proof == Proof::none));
  }
  std::sort(states.begin(), states.end());
  BOOST_TEST((states == std::vector<double>{0.0, 0.5, 1.0}));
  BOOST_TEST(!list.complete);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_listed_is_refused) {
  const Matrix W = Matrix::Ones(1, 1);
  const auto tanh = chain_of(W, Vector::Zero(1), activations::Tanh{});
  BOOST_CHECK_THROW(list_of(tanh, {.certify_units = -1}), std::invalid_argument);
}
