// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE certify
#include "solvers/certification/certify.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <boost/math/special_functions/erf.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "lib/core/interrupt.hpp"
#include "solvers/fixed_points/find.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using certification::CertifiedPoints;
using certification::certify;
using certification::certify_all;
using intervals::IntervalVector;
using networks::Equation;
using Exact = boost::multiprecision::cpp_bin_float_50;

namespace {

models::NoisyChain chain_of(Matrix W, Vector b, activations::Activation f, double leak = 1.0,
                            Equation equation = Equation::rate) {
  return {
      {.equation = equation, .W = std::move(W), .b = std::move(b), .activation = f, .leak = leak},
      {}};
}

models::NoisyChain neuron(double w, double b, activations::Activation f = activations::Tanh{}) {
  return chain_of(Matrix::Constant(1, 1, w), Vector::Constant(1, b), f);
}

Matrix gaussian(Index rows, Index columns, double sd, std::mt19937_64& engine) {
  std::normal_distribution<double> normal(0.0, sd);
  return Matrix::NullaryExpr(rows, columns, [&] { return normal(engine); });
}

Exact exact_value(const activations::Activation& f, const Exact& u) {
  if (std::holds_alternative<activations::Tanh>(f)) return tanh(u);
  if (std::holds_alternative<activations::Logistic>(f)) return 1 / (1 + exp(-u));
  if (std::holds_alternative<activations::Erf>(f)) return boost::math::erf(u);
  const Exact k = std::get<activations::Softplus>(f).sharpness();
  return log1p(exp(k * u)) / k;
}

/// The solution of a = W f(a) + c near a, to 40 digits or so: Newton's method with the inverse in
/// double, which gains 12 digits a step or more where I − W diag f' is well conditioned.
std::vector<Exact> exact_argument(const Matrix& W, const std::vector<Exact>& c,
                                  const activations::Activation& f, const Vector& a) {
  const Index n = W.rows();
  const Vector slopes = a.unaryExpr([&](double u) { return activations::derivative(f, 1, u); });
  const Matrix inverse = (Matrix::Identity(n, n) - W * slopes.asDiagonal()).inverse();
  std::vector<Exact> x(a.begin(), a.end()), residual(x.size()), values(x.size());
  for (int k = 0; k < 12; ++k) {
    for (std::size_t i = 0; i < x.size(); ++i) values[i] = exact_value(f, x[i]);
    for (Index i = 0; i < n; ++i) {
      Exact sum = c[static_cast<std::size_t>(i)] - x[static_cast<std::size_t>(i)];
      for (Index j = 0; j < n; ++j) sum += Exact(W(i, j)) * values[static_cast<std::size_t>(j)];
      residual[static_cast<std::size_t>(i)] = sum;
    }
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < n; ++j)
        x[static_cast<std::size_t>(i)] +=
            Exact(inverse(i, j)) * residual[static_cast<std::size_t>(j)];
  }
  return x;
}

bool holds(const IntervalVector& box, const std::vector<Exact>& x) {
  for (Index i = 0; i < box.size(); ++i) {
    const Exact& entry = x[static_cast<std::size_t>(i)];
    if (!(Exact(box.lower(i)) <= entry && entry <= Exact(box.upper(i)))) return false;
  }
  return true;
}

/// Checks each certificate of a chain without inputs against the solution in multiprecision.
void check_boxes(const models::NoisyChain& chain, const CertifiedPoints& result) {
  const auto& [W, b, f] = std::tie(chain.network().W, chain.network().b, chain.activation());
  for (const auto& point : result.points) {
    const std::vector<Exact> c(b.begin(), b.end());
    auto x = exact_argument(W, c, f, point.argument.midpoint());
    BOOST_TEST(holds(point.argument, x));
    BOOST_TEST(point.alone.contains(point.argument));
    if (chain.equation() == Equation::rate)
      for (Exact& entry : x) entry = exact_value(f, entry);
    BOOST_TEST(holds(point.state, x));
    BOOST_TEST(point.radius <= 1e-12);
  }
}

/// How many certified points a point found in floating point belongs to; its error is far below.
Index owners(const CertifiedPoints& certified, const Vector& state) {
  return std::count_if(certified.points.begin(), certified.points.end(), [&](const auto& point) {
    return ((state - point.state.midpoint()).array().abs() <= 1e-9 + point.radius).all();
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(one_tanh_neuron) {
  for (const Equation equation : {Equation::rate, Equation::current}) {
    const auto chain =
        chain_of(Matrix::Constant(1, 1, 1.5), Vector::Zero(1), activations::Tanh{}, 0.2, equation);
    const auto result = certify_all(chain, Vector());
    BOOST_TEST(result.report.ok());
    BOOST_TEST(result.complete());
    BOOST_TEST(result.index_sum() == 1);
    BOOST_TEST(result.completeness.find("no other") != std::string::npos);
    BOOST_REQUIRE(result.points.size() == 3);
    check_boxes(chain, result);
    BOOST_TEST(result.points[1].argument.contains(Vector(Vector::Zero(1))));
    // Slopes 1.5 (1 − h²) are 1.5 and 0.40.
    for (const std::size_t k : {0, 2}) {
      BOOST_TEST(result.points[k].index == 1);
      BOOST_TEST((stability(result.points[k]) == fixed_points::Stability::stable));
      BOOST_TEST(result.points[k].radius < 1e-15);
    }
    BOOST_TEST(result.points[1].index == -1);
    BOOST_TEST((stability(result.points[1]) == fixed_points::Stability::unstable));
  }
}

BOOST_AUTO_TEST_CASE(a_degenerate_point_stays_undecided) {
  // a = tanh a only at 0, a triple root: below the cube root of rounding nothing can be told.
  const auto result = certify_all(neuron(1.0, 0.0), Vector());
  BOOST_TEST(result.points.empty());
  BOOST_TEST((result.report.status == Status::no_convergence));
  BOOST_TEST(!result.complete());
  BOOST_TEST(result.completeness.find("undecided") != std::string::npos);
  BOOST_REQUIRE(result.undecided.size() == 1);
  BOOST_TEST(result.undecided[0].contains(Vector(Vector::Zero(1))));
  BOOST_TEST(result.undecided[0].width()(0) < 5e-5);
  const auto certificate = certify(neuron(1.0, 0.0), Vector(), Vector(Vector::Zero(1)));
  BOOST_TEST(!certificate.report.ok());
  BOOST_TEST(certificate.index == 0);
  BOOST_TEST(certificate.report.message.find("undecided") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(on_either_side_of_a_pitchfork) {
  // Points at ±√(3ε) for w = 1 + ε.
  for (const double epsilon : {1e-1, 1e-3, 1e-6}) {
    BOOST_TEST(certify_all(neuron(1.0 - epsilon, 0.0), Vector()).points.size() == 1u);
    const auto chain = neuron(1.0 + epsilon, 0.0);
    const auto result = certify_all(chain, Vector());
    BOOST_TEST(result.complete());
    BOOST_REQUIRE(result.points.size() == 3);
    BOOST_TEST(result.points[2].argument.midpoint()(0) == std::sqrt(3.0 * epsilon),
               boost::test_tools::tolerance(epsilon));
  }
}

BOOST_AUTO_TEST_CASE(on_either_side_of_a_fold) {
  // w = 2: f' = ½ at a = −atanh √½, where a − w tanh a has its largest value c = 0.533.
  const double a = -std::atanh(std::sqrt(0.5)), fold = a - 2.0 * std::tanh(a);
  for (const double distance : {1e-2, 1e-5, 1e-8}) {
    const auto before = certify_all(neuron(2.0, fold - distance), Vector());
    BOOST_TEST(before.complete());
    BOOST_TEST(before.points.size() == 3u);
    const auto after = certify_all(neuron(2.0, fold + distance), Vector());
    BOOST_TEST(after.complete());
    BOOST_TEST(after.points.size() == 1u);
  }
  const auto at = certify_all(neuron(2.0, fold), Vector());
  BOOST_TEST(at.points.size() == 1u);
  BOOST_REQUIRE(at.undecided.size() == 1);
  BOOST_TEST(at.undecided[0].width()(0) < 1e-6);
  BOOST_TEST(std::abs(at.undecided[0].midpoint()(0) - a) < 1e-6);
}

BOOST_AUTO_TEST_CASE(other_activations_of_one_neuron) {
  // c = −w/2 makes logistic odd about a = 0, and it has three points for w > 4.
  const auto logistic = neuron(8.0, -4.0, activations::Logistic{});
  const auto three = certify_all(logistic, Vector());
  BOOST_REQUIRE(three.points.size() == 3);
  BOOST_TEST(three.complete());
  BOOST_TEST(three.index_sum() == 1);
  BOOST_TEST(three.points[1].state.contains(Vector(Vector::Constant(1, 0.5))));
  check_boxes(logistic, three);
  BOOST_TEST(certify_all(neuron(3.9, -1.95, activations::Logistic{}), Vector()).points.size() ==
             1u);
  // erf: three for w > √π/2.
  const auto erf = neuron(2.0, 0.1, activations::Erf{});
  const auto points = certify_all(erf, Vector());
  BOOST_TEST(points.complete());
  BOOST_TEST(points.points.size() == 3u);
  BOOST_TEST(points.index_sum() == 1);
  check_boxes(erf, points);
  BOOST_TEST(certify_all(neuron(0.88, 0.0, activations::Erf{}), Vector()).points.size() == 1u);
}

BOOST_AUTO_TEST_CASE(softplus_with_a_proved_box) {
  // ρ(W₊) = 0.9.
  Matrix W(2, 2);
  W << 0.5, 0.4, 0.4, 0.5;
  const auto chain = chain_of(W, Eigen::Vector2d(1.0, -0.5), activations::Softplus(2.0), 0.5);
  const auto result = certify_all(chain, Vector());
  BOOST_TEST(result.complete());
  BOOST_TEST(result.contains_all);
  BOOST_TEST(result.points.size() == 1u);
  check_boxes(chain, result);
  // Mutual inhibition: W₊ = 0, and two neurons of which either wins, with a saddle between.
  W << 0.0, -3.0, -3.0, 0.0;
  const auto winners = chain_of(W, Vector::Ones(2), activations::Softplus(4.0), 0.3);
  const auto three = certify_all(winners, Vector());
  BOOST_TEST(three.complete());
  BOOST_REQUIRE(three.points.size() == 3);
  check_boxes(winners, three);
  BOOST_TEST((stability(three.points[0]) == fixed_points::Stability::stable));
  BOOST_TEST((stability(three.points[1]) == fixed_points::Stability::saddle));
  BOOST_TEST((stability(three.points[2]) == fixed_points::Stability::stable));
}

BOOST_AUTO_TEST_CASE(softplus_without_one_is_searched_in_the_users_box) {
  // a = 1.2 softplus(a) + c has two points for c low enough.
  const auto chain = neuron(1.2, -1.0, activations::Softplus(1.0));
  try {
    certify_all(chain, Vector());
    BOOST_ERROR("nothing was thrown");
  } catch (const std::invalid_argument& error) {
    BOOST_TEST(std::string(error.what()).find("options.box") != std::string::npos);
  }
  const auto inside = [&](double lower, double upper) {
    return certify_all(chain, Vector(),
                       {.box = {Vector::Constant(1, lower), Vector::Constant(1, upper)}});
  };
  const auto both = inside(-20.0, 20.0);
  BOOST_TEST(both.report.ok());
  BOOST_TEST(!both.complete());
  BOOST_TEST(!both.contains_all);
  BOOST_TEST(both.completeness.find("inside this box") != std::string::npos);
  BOOST_REQUIRE(both.points.size() == 2);
  check_boxes(chain, both);
  BOOST_TEST(both.index_sum() == 0);
  const double lower = both.points[0].argument.midpoint()(0);
  BOOST_TEST(inside(lower - 1.0, lower + 1.0).points.size() == 1u);
  BOOST_TEST(inside(lower + 0.5, lower + 1.0).points.empty());
}

BOOST_AUTO_TEST_CASE(uncoupled_neurons_have_all_products_of_their_points) {
  // 3 · 3 · 1 · 3 points, of four blocks of one neuron each.
  const Eigen::Vector4d w(1.5, 3.0, 0.5, 2.0), c(0.0, 0.5, 0.3, -0.1);
  std::vector<std::vector<double>> single(4);
  for (Index i = 0; i < 4; ++i)
    for (const auto& point : certify_all(neuron(w(i), c(i)), Vector()).points)
      single[static_cast<std::size_t>(i)].push_back(point.state.midpoint()(0));
  const auto chain = chain_of(w.asDiagonal(), c, activations::Tanh{}, 0.5);
  const auto result = certify_all(chain, Vector());
  BOOST_TEST(result.complete());
  BOOST_TEST(result.index_sum() == 1);
  BOOST_TEST(result.points.size() == 27u);
  check_boxes(chain, result);
  for (const double h0 : single[0])
    for (const double h1 : single[1])
      for (const double h2 : single[2])
        for (const double h3 : single[3])
          BOOST_TEST(owners(result, Eigen::Vector4d(h0, h1, h2, h3)) == 1);
}

BOOST_AUTO_TEST_CASE(random_networks_have_the_points_of_multistart_and_no_others) {
  std::mt19937_64 engine(tests::seed);
  const Index starts = tests::full_effort() ? 10000 : 200;
  Index several = 0, total = 0, nodes = 0, proved = 0;
  constexpr Index networks = 100;
  for (Index trial = 0, done = 0; done < networks; ++trial) {
    const Index n = 1 + trial % 4;
    const double gain = std::array{1.5, 3.0, 6.0}[static_cast<std::size_t>(trial / 4 % 3)];
    // Without a bias the points are odd: 0 and pairs.
    const bool odd = trial / 12 % 2 == 0;
    const Vector b = odd ? Vector(Vector::Zero(n)) : Vector(gaussian(n, 1, 0.05, engine));
    const auto chain =
        chain_of(gaussian(n, n, gain / std::sqrt(static_cast<double>(n)), engine), b,
                 activations::Tanh{}, 0.5, trial % 2 ? Equation::rate : Equation::current);
    const auto result = certify_all(chain, Vector());
    // Half of the networks have more than one point.
    if (result.points.size() == 1 && done - several == networks / 2) continue;
    ++done;
    BOOST_TEST(result.complete(), "network " << trial << ": " << result.completeness);
    BOOST_TEST(result.index_sum() == 1);
    check_boxes(chain, result);
    const auto found = fixed_points::find(chain, Vector(), {}, {}, {.starts = starts});
    BOOST_TEST(found.points.size() == result.points.size(),
               "network " << trial << ": " << found.points.size() << " found, "
                          << result.points.size() << " certified");
    for (const auto& point : found.points) {
      BOOST_TEST(owners(result, point.state) == 1, "network " << trial);
      for (const auto& certificate : result.points)
        if (((point.state - certificate.state.midpoint()).array().abs() <= 1e-9).all()) {
          BOOST_TEST(point.index == certificate.index);
          if (certificate.unstable_directions)
            BOOST_TEST(point.unstable_directions == *certificate.unstable_directions);
        }
    }
    several += result.points.size() > 1;
    total += static_cast<Index>(result.points.size());
    nodes += result.report.iterations;
    proved += std::count_if(result.points.begin(), result.points.end(), [](const auto& point) {
      return point.unstable_directions.has_value();
    });
  }
  BOOST_TEST_MESSAGE(networks << " networks, " << several << " with several points, " << total
                              << " points, stability proved for " << proved << ", " << nodes
                              << " nodes");
  BOOST_TEST(several == networks / 2);
  BOOST_TEST(proved == total);
}

BOOST_AUTO_TEST_CASE(inputs_enter_without_rounding) {
  // c = 0.1·0.3 + 0.7·0.9 + 0.2 is no double; the boxes hold the solution of the exact one.
  networks::Network network{.W = Matrix::Constant(1, 1, 2.0), .b = Vector::Constant(1, 0.2)};
  network.W_in = Eigen::RowVector2d(0.1, 0.7);
  const models::NoisyChain chain(network, {});
  const auto result = certify_all(chain, Eigen::Vector2d(0.3, 0.9));
  BOOST_REQUIRE(result.points.size() == 1);
  const Exact c = Exact(0.1) * Exact(0.3) + Exact(0.7) * Exact(0.9) + Exact(0.2);
  BOOST_TEST(holds(
      result.points[0].argument,
      exact_argument(network.W, {c}, network.activation, result.points[0].argument.midpoint())));
}

BOOST_AUTO_TEST_CASE(certificates_of_a_large_network) {
  std::mt19937_64 engine(tests::seed);
  const Index n = 64;
  const auto chain = chain_of(gaussian(n, n, 2.5 / 8.0, engine), gaussian(n, 1, 0.05, engine),
                              activations::Tanh{}, 0.5);
  const auto found = fixed_points::find(chain, Vector(), {}, {}, {.starts = 256});
  const auto certificates = certify(chain, Vector(), found.points);
  BOOST_REQUIRE(certificates.size() == found.points.size());
  BOOST_TEST(found.points.size() > 3u);
  const std::vector<Exact> c(chain.network().b.begin(), chain.network().b.end());
  Index proved = 0;
  for (std::size_t k = 0; k < certificates.size(); ++k) {
    const auto& [point, certificate] = std::tie(found.points[k], certificates[k]);
    if (!certificate.report.ok()) continue;
    ++proved;
    BOOST_TEST(certificate.radius < 1e-11);
    BOOST_TEST(certificate.index == point.index);
    if (certificate.unstable_directions)
      BOOST_TEST(*certificate.unstable_directions == point.unstable_directions);
    if (k < 5)
      BOOST_TEST(holds(certificate.argument,
                       exact_argument(chain.network().W, c, chain.activation(), point.argument)));
    for (std::size_t other = 0; other < k; ++other)
      BOOST_TEST(intersection(certificate.argument, certificates[other].argument).is_empty());
  }
  BOOST_TEST(proved == static_cast<Index>(certificates.size()));
  // The same for any number of threads.
  const auto one = certify(chain, Vector(), found.points, {.stability = false, .threads = 1});
  for (std::size_t k = 0; k < one.size(); ++k)
    BOOST_TEST((one[k].argument.lower.array() == certificates[k].argument.lower.array()).all());
}

BOOST_AUTO_TEST_CASE(no_certificate_where_no_point_is) {
  // Newton's method has nowhere to go: a = softplus(a) + 1 has no solution.
  const auto none =
      certify(neuron(1.0, 1.0, activations::Softplus(1.0)), Vector(), Vector(Vector::Zero(1)));
  BOOST_TEST(!none.report.ok());
  BOOST_TEST(none.argument.size() == 0);
}

BOOST_AUTO_TEST_CASE(a_search_that_ends_early_says_where_points_may_be) {
  std::mt19937_64 engine(tests::seed);
  const auto chain = chain_of(gaussian(4, 4, 3.0, engine), Vector::Zero(4), activations::Tanh{});
  const auto all = certify_all(chain, Vector());
  BOOST_REQUIRE(all.complete());
  BOOST_REQUIRE(all.report.iterations > 5);
  const auto some = certify_all(chain, Vector(), {.max_nodes = 3});
  BOOST_TEST((some.report.status == Status::step_limit));
  BOOST_TEST(!some.undecided.empty());
  BOOST_TEST(some.completeness.find("undecided") != std::string::npos);
  for (const auto& point : all.points) {
    const bool listed = owners(some, point.state.midpoint()) == 1;
    const bool possible =
        std::any_of(some.undecided.begin(), some.undecided.end(),
                    [&](const auto& box) { return box.contains(point.argument.midpoint()); });
    BOOST_TEST((listed || possible));
  }
}

BOOST_AUTO_TEST_CASE(an_interrupt_ends_the_search) {
  request_interrupt();
  BOOST_CHECK_THROW(certify_all(neuron(1.5, 0.0), Vector()), Interrupted);
  request_interrupt(false);
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  for (const auto name : {"relu", "leaky_relu", "saturating_linear", "heaviside"}) {
    try {
      certify_all(neuron(0.5, 0.0, activations::make_activation(name)), Vector());
      BOOST_ERROR("nothing was thrown");
    } catch (const std::invalid_argument& error) {
      BOOST_TEST(std::string(error.what()).find("enumerate()") != std::string::npos);
    }
  }
  BOOST_CHECK_THROW(certify_all(neuron(0.5, 0.0, activations::Identity{}), Vector()),
                    std::invalid_argument);
  const auto chain = neuron(1.5, 0.0);
  BOOST_CHECK_THROW(certify_all(chain, Vector(Vector::Zero(1))), std::invalid_argument);
  BOOST_CHECK_THROW(certify_all(chain, Vector(), {.max_nodes = 0}), std::invalid_argument);
  BOOST_CHECK_THROW(certify_all(chain, Vector(), {.smallest_width = 0.0}), std::invalid_argument);
  BOOST_CHECK_THROW(certify_all(chain, Vector(), {.max_undecided = 0}), std::invalid_argument);
  BOOST_CHECK_THROW(
      certify_all(chain, Vector(), {.box = {Vector::Constant(1, 1.0), Vector::Constant(1, 0.0)}}),
      std::invalid_argument);
  BOOST_CHECK_THROW(certify(chain, Vector(), Vector(Vector::Zero(2))), std::invalid_argument);
}
