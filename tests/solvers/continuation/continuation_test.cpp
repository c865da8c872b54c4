// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE continuation
#include "solvers/continuation/continuation.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <random>
#include <stdexcept>

#include "lib/networks/single_unit.hpp"
#include "solvers/algebraic/solve.hpp"
#include "solvers/continuation/closure_map.hpp"
#include "tests/solvers/continuation/gaussian_average.hpp"
#include "tests/solvers/continuation/normal_forms.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using continuation::BifurcationKind;
using continuation::BranchEnd;
using continuation::Parameter;
using continuation::Subject;
using moments::Rung;
using networks::Equation;
using networks::NoiseSource;

namespace {

Subject neuron(double w, double c, activations::Activation f = activations::Tanh{},
               double leak = 0.2, NoiseSource::Where where = NoiseSource::inside,
               Equation equation = Equation::rate) {
  return {.network = networks::single_unit(equation, f, w, c, leak),
          .noise = networks::white_noise(where, 1.0)};
}

/// W = r R(θ): two units whose multipliers at 0 are 1 − g + g r f' e^{±iθ}.
Subject rotation(double r, double theta, double leak, activations::Activation f) {
  Matrix W(2, 2);
  W << r * std::cos(theta), -r * std::sin(theta), r * std::sin(theta), r * std::cos(theta);
  return {.network = {.W = W, .activation = f, .leak = leak},
          .noise = networks::white_noise(NoiseSource::inside, 1.0)};
}

std::vector<Vector> fixed_points_of(const Subject& subject) {
  std::vector<Vector> states;
  for (const auto& point :
       fixed_points::find(models::NoisyChain(subject.network, {}), subject.input).points)
    states.push_back(point.state);
  return states;
}

std::vector<continuation::Bifurcation> all(const continuation::Diagram& diagram,
                                           BifurcationKind kind) {
  std::vector<continuation::Bifurcation> found;
  for (const auto& branch : diagram.branches)
    for (const auto& event : branch.bifurcations)
      if (event.kind == kind) found.push_back(event);
  return found;
}

/// Noise at which f_q'(0) of erf, 2/√(π(1 + 2q²)), has this value.
double erf_noise(double slope) {
  return std::sqrt(0.5 * (4.0 * std::numbers::inv_pi / (slope * slope) - 1.0));
}

/// What holds on every branch: points are fixed points, neighbours are near and their tangents turn
/// little, and the number of unstable directions changes at listed bifurcations only.
void check_branch(const continuation::Branch& branch, const continuation::ParametricMap& map,
                  const continuation::ContinuationOptions& options) {
  const auto curve = continuation::fixed_point_curve(map, options.parameter_scale);
  for (std::size_t k = 0; k < branch.points.size(); ++k) {
    const auto& here = branch.points[k];
    BOOST_TEST(here.point.residual < 1e-11 * (1.0 + here.point.state.norm()));
    if (k == 0) continue;
    const auto& before = branch.points[k - 1];
    const auto event =
        std::find_if(branch.bifurcations.begin(), branch.bifurcations.end(),
                     [k](const auto& one) { return one.after == static_cast<Index>(k) - 1; });
    BOOST_TEST(curve.dot(before.tangent, here.tangent) > std::cos(options.max_angle) - 1e-9);
    if (event == branch.bifurcations.end() &&
        before.point.stability != fixed_points::Stability::marginal &&
        here.point.stability != fixed_points::Stability::marginal)
      BOOST_TEST(here.point.unstable_directions == before.point.unstable_directions,
                 "at " << here.parameter);
  }
}

void check_diagram(const continuation::Diagram& diagram, const continuation::ParametricMap& map,
                   const continuation::ContinuationOptions& options) {
  BOOST_TEST(diagram.report.ok(), diagram.report.message);
  for (const auto& branch : diagram.branches) check_branch(branch, map, options);
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_fold_of_a_tanh_neuron_is_the_direct_solution) {
  const double w = 1.5, c = 0.05;
  // h = f_s(u), u = w h + c, 1 = w f_s'(u), by Newton on another quadrature.
  const auto direct = algebraic::solve(
      [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> value) {
        value << x(0) - w * tests::tanh_mean(x(0), x(1)) - c,
            1.0 - w * tests::tanh_slope(x(0), x(1));
      },
      {}, Eigen::Vector2d(-0.5, 0.6), {.tolerance = 1e-13});
  BOOST_REQUIRE(direct.report.ok());
  for (const auto equation : {Equation::rate, Equation::current})
    for (const double leak : {0.05, 1.0}) {
      const auto subject = neuron(w, c, activations::Tanh{}, leak, NoiseSource::inside, equation);
      const auto map =
          continuation::network_map(subject, {Parameter::noise_level()}, Rung::smoothed);
      const continuation::ContinuationOptions options{.upper = 2.0};
      const auto diagram = continuation::trace_diagram(map, fixed_points_of(subject), 0.0, options);
      check_diagram(diagram, map, options);
      BOOST_TEST(diagram.branches.size() == 2u);
      const auto folds = all(diagram, BifurcationKind::fold);
      BOOST_REQUIRE(folds.size() == 1u);
      BOOST_TEST(std::abs(folds[0].parameter - direct.x(1)) < 1e-12,
                 folds[0].parameter << " and " << direct.x(1));
      BOOST_TEST(folds[0].error < 1e-13);
      const double u = equation == Equation::rate ? w * folds[0].state(0) + c : folds[0].state(0);
      BOOST_TEST(std::abs(u - direct.x(0)) < 1e-9);
      // The branch from the lower state comes back to the middle one.
      for (const auto& branch : diagram.branches) {
        BOOST_TEST((branch.begins == BranchEnd::parameter_bound));
        BOOST_TEST((branch.ends == BranchEnd::parameter_bound));
        const bool folded = !branch.bifurcations.empty();
        BOOST_TEST(branch.points.front().parameter == 0.0);
        BOOST_TEST(branch.points.back().parameter == (folded ? 0.0 : 2.0));
        BOOST_TEST(branch.points.back().point.unstable_directions == (folded ? 1 : 0));
      }
    }
}

BOOST_AUTO_TEST_CASE(the_pitchfork_of_an_odd_neuron_and_its_arms) {
  const double w = 1.5;
  const double critical =
      tests::bisect([w](double q) { return 1.0 - w * tests::tanh_slope(0.0, q); }, 0.1, 2.0);
  const auto subject = neuron(w, 0.0);
  const auto map = continuation::network_map(subject, {Parameter::noise_level()}, Rung::smoothed);
  const continuation::ContinuationOptions options{.upper = 1.5};
  // From the middle state both arms are switched to; from an outer one the middle branch is.
  for (const double start : {0.0, 1.0}) {
    const Vector state = Vector::Constant(
        1, start * tests::bisect([w](double h) { return std::tanh(w * h) - h; }, 0.3, 1.0));
    const auto diagram = continuation::trace_diagram(map, {state}, 0.0, options);
    check_diagram(diagram, map, options);
    BOOST_REQUIRE(diagram.branches.size() == 3u);
    BOOST_TEST(diagram.branches[0].parent == -1);
    BOOST_TEST(diagram.branches[1].parent == 0);
    BOOST_TEST(diagram.branches[1].parent_bifurcation == 0);
    const auto forks = all(diagram, BifurcationKind::pitchfork);
    BOOST_REQUIRE(forks.size() == 1u);
    BOOST_TEST(all(diagram, BifurcationKind::fold).empty());
    BOOST_TEST(std::abs(forks[0].parameter - critical) < 1e-12);
    BOOST_TEST(forks[0].error < 1e-13);
    BOOST_TEST(std::abs(forks[0].state(0)) < 1e-9);
    std::vector<double> ends;
    for (const auto& branch : diagram.branches)
      for (const auto* point : {&branch.points.front(), &branch.points.back()})
        if (point->parameter == 0.0) ends.push_back(point->point.state(0));
    std::sort(ends.begin(), ends.end());
    BOOST_REQUIRE(ends.size() == 3u);
    BOOST_TEST(std::abs(ends[0] + ends[2]) < 1e-12);  // Z2
    BOOST_TEST(std::abs(ends[1]) < 1e-12);
    BOOST_TEST(std::abs(ends[2] - std::tanh(w * ends[2])) < 1e-14);
  }
}

BOOST_AUTO_TEST_CASE(a_broken_pitchfork_is_not_jumped_across) {
  // c breaks the symmetry: gap ~ c^{2/3} in the noise. The upper branch passes it without a fold,
  // the lower one has one.
  for (const double c : {1e-3, 1e-5, 1e-7}) {
    const auto subject = neuron(1.5, c);
    const auto map = continuation::network_map(subject, {Parameter::noise_level()}, Rung::smoothed);
    const continuation::ContinuationOptions options{.upper = 1.2};
    const auto diagram = continuation::trace_diagram(map, fixed_points_of(subject), 0.0, options);
    check_diagram(diagram, map, options);
    BOOST_REQUIRE(diagram.branches.size() == 2u);
    BOOST_TEST(all(diagram, BifurcationKind::pitchfork).empty());
    BOOST_TEST(all(diagram, BifurcationKind::fold).size() == 1u);
    for (const auto& branch : diagram.branches) {
      const double first = branch.points.front().point.state(0),
                   last = branch.points.back().point.state(0);
      if (branch.bifurcations.empty()) {
        BOOST_TEST(first > 0.5);
        BOOST_TEST(last > 0.0);
      } else {
        BOOST_TEST(first < -0.5);
        BOOST_TEST(last < 0.0);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(transcritical_branches_are_switched_and_closed_loops_recognised) {
  const auto crossing = tests::normal_form([](double x, double p) { return x * (p - x); },
                                           [](double x, double p) { return p - 2.0 * x; });
  const continuation::ContinuationOptions options{.lower = -1.0, .upper = 1.0};
  const auto diagram = continuation::trace_diagram(crossing, {Vector::Zero(2)}, -0.7, options);
  check_diagram(diagram, crossing, options);
  BOOST_REQUIRE(diagram.branches.size() == 3u);
  const auto points = all(diagram, BifurcationKind::transcritical);
  BOOST_REQUIRE(points.size() == 1u);
  BOOST_TEST(std::abs(points[0].parameter) < 1e-13);
  for (std::size_t k = 1; k < 3; ++k) {
    const auto& end = diagram.branches[k].points.back();
    const double x = tests::inner_coordinates(end.point.state)(0);
    BOOST_TEST(std::abs(std::abs(end.parameter) - 1.0) < 1e-14);
    BOOST_TEST(x == end.parameter, boost::test_tools::tolerance(1e-12));
    BOOST_TEST((end.point.stability == fixed_points::Stability::stable) == (end.parameter > 0.0));
  }
  // A circle x² + p² = ¼.
  const auto circle = tests::normal_form([](double x, double p) { return 0.25 - x * x - p * p; },
                                         [](double x, double) { return -2.0 * x; });
  const Vector top = tests::turned() * Eigen::Vector2d(0.5, 0.0625);
  const auto loop = continuation::trace_branch(circle, top, 0.0, options);
  check_branch(loop, circle, options);
  BOOST_TEST((loop.begins == BranchEnd::closed_loop));
  BOOST_TEST((loop.ends == BranchEnd::closed_loop));
  BOOST_REQUIRE(loop.bifurcations.size() == 2u);
  BOOST_TEST(loop.bifurcations[0].parameter == 0.5, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(loop.bifurcations[1].parameter == -0.5, boost::test_tools::tolerance(1e-14));
  // x = 1/p grows without bound.
  const auto pole = tests::normal_form([](double x, double p) { return 1.0 - p * x; },
                                       [](double, double p) { return -p; });
  const auto away = continuation::trace_branch(
      pole, tests::turned() * Eigen::Vector2d(1.0, 0.25), 1.0, false,
      {.lower = -1.0, .upper = 1.0, .state_bound = 30.0, .largest_step = 1.0});
  BOOST_TEST((away.ends == BranchEnd::state_bound));
  BOOST_TEST(away.report.ok());
  const auto few =
      continuation::trace_branch(circle, top, 0.0, {.lower = -1.0, .upper = 1.0, .max_points = 5});
  BOOST_TEST((few.ends == BranchEnd::max_points));
  BOOST_TEST((few.report.status == Status::step_limit));
}

BOOST_AUTO_TEST_CASE(neimark_sacker_and_hopf_of_a_rotation) {
  const double r = 1.8, theta = 0.7, g = 0.3;
  // |1 − g + g r f' e^{iθ}| = 1, a quadratic equation for x = r f'; Re = 1 at x cos θ = 1.
  const double b = 2.0 * (1.0 - g) * g * std::cos(theta), a = g * g,
               d = (1.0 - g) * (1.0 - g) - 1.0;
  const double x = (-b + std::sqrt(b * b - 4.0 * a * d)) / (2.0 * a);
  const double circle = erf_noise(x / r), line = erf_noise(1.0 / (r * std::cos(theta)));
  const auto subject = rotation(r, theta, g, activations::Erf{});
  const auto map = continuation::network_map(subject, {Parameter::noise_level()}, Rung::smoothed);
  const continuation::ContinuationOptions options{.upper = 3.0};
  const auto branch = continuation::trace_branch(map, Vector::Zero(2), 0.0, options);
  check_branch(branch, map, options);
  BOOST_REQUIRE(branch.bifurcations.size() == 2u);
  const auto &hopf = branch.bifurcations[0], &neimark_sacker = branch.bifurcations[1];
  BOOST_TEST((hopf.kind == BifurcationKind::hopf));
  BOOST_TEST((neimark_sacker.kind == BifurcationKind::neimark_sacker));
  BOOST_TEST(std::abs(hopf.parameter - line) < 1e-12);
  BOOST_TEST(std::abs(neimark_sacker.parameter - circle) < 1e-12);
  BOOST_TEST(neimark_sacker.error < 1e-12);
  const double turn = std::atan2(g * x * std::sin(theta), 1.0 - g + g * x * std::cos(theta));
  BOOST_TEST(std::abs(std::abs(std::arg(neimark_sacker.multiplier)) - turn) < 1e-9);
  BOOST_TEST(branch.points.back().point.unstable_directions == 0);
  BOOST_TEST(branch.points.front().point.unstable_directions == 2);
  // In the leak, without noise and with slope 1 at 0: g = 2 (1 − ρ)/(1 − 2ρ + r²), ρ = r cos θ.
  const double r2 = 1.1, theta2 = 1.2, rho = r2 * std::cos(theta2);
  const auto in_leak = continuation::trace_branch(
      continuation::network_map(rotation(r2, theta2, 0.5, activations::Tanh{}), {Parameter::leak()},
                                Rung::deterministic),
      Vector::Zero(2), 0.5, {.lower = 0.01, .upper = 1.0});
  BOOST_REQUIRE(in_leak.bifurcations.size() == 1u);
  BOOST_TEST(std::abs(in_leak.bifurcations[0].parameter -
                      2.0 * (1.0 - rho) / (1.0 - 2.0 * rho + r2 * r2)) < 1e-12);
}

BOOST_AUTO_TEST_CASE(a_flip_in_a_weight_and_in_the_noise) {
  // 1 − g + g w f' = −1.
  const double g = 0.8;
  const auto in_weight = continuation::trace_branch(
      continuation::network_map(neuron(-1.0, 0.0, activations::Tanh{}, g),
                                {Parameter::weight(0, 0)}, Rung::deterministic),
      Vector::Zero(1), -1.0, {.lower = -3.0, .upper = 0.5});
  BOOST_REQUIRE(in_weight.bifurcations.size() == 1u);
  BOOST_TEST((in_weight.bifurcations[0].kind == BifurcationKind::flip));
  BOOST_TEST(in_weight.bifurcations[0].parameter == -(2.0 - g) / g,
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(std::abs(in_weight.bifurcations[0].multiplier + 1.0) < 1e-12);
  const double w = -2.5;
  const auto in_noise = continuation::trace_branch(
      continuation::network_map(neuron(w, 0.0, activations::Erf{}, g), {Parameter::noise_level()},
                                Rung::smoothed),
      Vector::Zero(1), 0.0, {.upper = 3.0});
  BOOST_REQUIRE(in_noise.bifurcations.size() == 1u);
  BOOST_TEST((in_noise.bifurcations[0].kind == BifurcationKind::flip));
  BOOST_TEST(std::abs(in_noise.bifurcations[0].parameter - erf_noise((2.0 - g) / g / -w)) < 1e-12);
}

BOOST_AUTO_TEST_CASE(an_odd_pair_of_neurons_has_all_its_branches) {
  // W = ((w, k), (k, w)): pitchforks of 0 into h₁ = h₂ at (w + k) f_s' = 1 and into h₁ = −h₂ at
  // (w − k) f_s' = 1. Without noise there are nine fixed points, and the diagram connects them.
  const double w = 2.2, k = 0.25;
  Matrix W(2, 2);
  W << w, k, k, w;
  const Subject subject{.network = {.W = W, .activation = activations::Erf{}, .leak = 0.3},
                        .noise = networks::white_noise(NoiseSource::inside, 1.0)};
  const auto map = continuation::network_map(subject, {Parameter::noise_level()}, Rung::smoothed);
  const continuation::ContinuationOptions options{.upper = 3.0};
  const auto diagram = continuation::trace_diagram(map, {Vector::Zero(2)}, 0.0, options);
  check_diagram(diagram, map, options);
  const auto forks = all(diagram, BifurcationKind::pitchfork);
  for (const double slope : {1.0 / (w + k), 1.0 / (w - k)})
    BOOST_TEST(std::count_if(forks.begin(), forks.end(), [&](const auto& one) {
                 return one.state.norm() < 1e-8 &&
                        std::abs(one.parameter - erf_noise(slope)) < 1e-12;
               }) == 1);
  std::vector<Vector> ends;
  for (const auto& branch : diagram.branches)
    for (const auto* point : {&branch.points.front(), &branch.points.back()})
      if (point->parameter == 0.0) ends.push_back(point->point.state);
  const auto known = fixed_points_of(subject);
  BOOST_TEST(known.size() == 9u);
  BOOST_TEST(ends.size() == known.size());
  for (const Vector& state : known) {
    BOOST_TEST(std::count_if(ends.begin(), ends.end(),
                             [&](const Vector& end) { return (end - state).norm() < 1e-9; }) == 1);
    BOOST_TEST(std::count_if(ends.begin(), ends.end(),
                             [&](const Vector& end) { return (end + state).norm() < 1e-9; }) == 1);
  }
}

BOOST_AUTO_TEST_CASE(two_uncoupled_neurons_branch_twice_at_once) {
  Matrix W = 1.5 * Matrix::Identity(2, 2);
  const Subject subject{.network = {.W = W, .leak = 0.3},
                        .noise = networks::white_noise(NoiseSource::inside, 1.0)};
  const auto map = continuation::network_map(subject, {Parameter::noise_level()}, Rung::smoothed);
  const auto branch = continuation::trace_branch(map, Vector::Zero(2), 0.0, {.upper = 1.5});
  BOOST_REQUIRE(branch.bifurcations.size() == 1u);
  BOOST_TEST((branch.bifurcations[0].kind == BifurcationKind::degenerate));
  BOOST_TEST(!branch.bifurcations[0].note.empty());
  const double critical =
      tests::bisect([](double q) { return 1.0 - 1.5 * tests::tanh_slope(0.0, q); }, 0.1, 2.0);
  BOOST_TEST(std::abs(branch.bifurcations[0].parameter - critical) < 1e-10);
}

BOOST_AUTO_TEST_CASE(the_fold_of_the_scalar_closure_is_the_direct_solution) {
  // (6), (7) of the closure for one neuron: for given m the pair (V, s); the fold is where s is
  // greatest along the branch, found by golden section on another quadrature.
  const double w = 1.5, c = 0.05, g = 0.1;
  for (const auto where : {NoiseSource::inside, NoiseSource::outside}) {
    const double inside = where == NoiseSource::inside ? 1.0 : 0.0;
    Vector last = Eigen::Vector2d(0.01, 0.3);
    const auto noise = [&](double m) {
      const auto solved = algebraic::solve(
          [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> value) {
            const double V = x(0), s2 = x(1) * x(1);
            const double q = std::sqrt(std::max(w * w * V + inside * s2, 0.0)), u = w * m + c;
            value << m - tests::tanh_mean(u, q),
                (2.0 - g) * V - 2.0 * (1.0 - g) * w * V * tests::tanh_slope(u, q) -
                    g * (tests::tanh_variance(u, q) + (1.0 - inside) * s2);
          },
          {}, last, {.tolerance = 1e-14});
      BOOST_TEST(solved.report.residual < 1e-12);
      last = solved.x;
      return solved.x(1);
    };
    double left = -0.75, right = -0.5;
    const double ratio = 0.5 * (std::sqrt(5.0) - 1.0);
    double a = right - ratio * (right - left), b = left + ratio * (right - left);
    double at_a = noise(a), at_b = noise(b);
    for (int k = 0; k < 40; ++k) {
      if (at_a > at_b) {
        right = b;
        b = a;
        at_b = at_a;
        a = right - ratio * (right - left);
        at_a = noise(a);
      } else {
        left = a;
        a = b;
        at_a = at_b;
        b = left + ratio * (right - left);
        at_b = noise(b);
      }
    }
    const auto subject = neuron(w, c, activations::Tanh{}, g, where);
    const double h = fixed_points_of(subject)[0](0);  // the lower of the two stable states
    BOOST_REQUIRE(h < 0.0);
    const auto map = continuation::network_map(subject, {Parameter::noise_level()}, Rung::closure);
    const continuation::ContinuationOptions options{.upper = 5.0};
    const auto branch =
        continuation::trace_branch(map, Eigen::Vector2d(h, 0.0), 0.0, true, options);
    check_branch(branch, map, options);
    BOOST_REQUIRE(!branch.bifurcations.empty());
    BOOST_TEST((branch.bifurcations[0].kind == BifurcationKind::fold));
    BOOST_TEST(std::abs(branch.bifurcations[0].parameter - std::max(at_a, at_b)) < 1e-10,
               branch.bifurcations[0].parameter << " and " << std::max(at_a, at_b));
    BOOST_TEST(std::abs(branch.bifurcations[0].state(0) - a) < 1e-5);
    BOOST_TEST(branch.bifurcations[0].error < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(branches_of_random_networks_keep_their_invariants) {
  std::mt19937_64 engine(tests::seed);
  std::normal_distribution<double> normal;
  std::size_t folds = 0, others = 0;
  for (int trial = 0; trial < (tests::full_effort() ? 60 : 8); ++trial) {
    const Index n = 2 + trial % 3;
    Subject subject{
        .network = {.W = Matrix::NullaryExpr(
                        n, n,
                        [&] { return 3.0 / std::sqrt(static_cast<double>(n)) * normal(engine); }),
                    .b = Vector::NullaryExpr(n, [&] { return 0.3 * normal(engine); }),
                    .leak = 0.3},
        .noise = networks::white_noise(NoiseSource::inside, 1.0)};
    const auto map = continuation::network_map(subject, {Parameter::noise_level()}, Rung::smoothed);
    const continuation::ContinuationOptions options{.upper = 3.0};
    const auto diagram = continuation::trace_diagram(map, fixed_points_of(subject), 0.0, options);
    check_diagram(diagram, map, options);
    folds += all(diagram, BifurcationKind::fold).size();
    for (const auto& branch : diagram.branches) others += branch.bifurcations.size();
    // An end at a bound is a fixed point that multistart finds too, and the reverse; degree 1 of a
    // bounded map holds for the indices at either end.
    for (const double level : {0.0, 3.0}) {
      int sum = 0;
      for (const auto& branch : diagram.branches)
        for (const auto* point : {&branch.points.front(), &branch.points.back()})
          if (point->parameter == level) sum += point->point.index;
      BOOST_TEST(sum == 1, "network " << trial << " at level " << level);
    }
  }
  BOOST_TEST(folds > 3u);
  BOOST_TEST_MESSAGE(folds << " folds of " << others << " bifurcations");
}

BOOST_AUTO_TEST_CASE(parameters_set_what_they_name) {
  Subject subject{.network = networks::make_network(
                      {.W = Matrix::Identity(2, 2), .W_in = Matrix::Ones(2, 1), .leak = 0.5}),
                  .noise = networks::white_noise(NoiseSource::inside, 2.0),
                  .input = Vector::Ones(1)};
  const auto at = [&](const Parameter& parameter, double value) {
    return continuation::chain_at(subject, {parameter}, Vector::Constant(1, value));
  };
  BOOST_TEST(at(Parameter::noise_level(), -0.5).argument_sd()(1) == 1.0);
  BOOST_TEST(at(Parameter::weight(0, 1), 3.0).network().W(0, 1) == 3.0);
  BOOST_TEST(at(Parameter::gain(), 3.0).network().W(1, 1) == 3.0);
  BOOST_TEST(at(Parameter::bias(1), 0.7).network().b(1) == 0.7);
  BOOST_TEST(at(Parameter::leak(), 0.1).leak() == 0.1);
  BOOST_TEST(
      at(Parameter::input(Vector::Constant(1, 2.0)), 0.5).argument_offset(subject.input)(0) == 2.0);
  BOOST_TEST(to_string(Parameter::weight(0, 1)) == "weight_0_1");
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_named) {
  const auto subject = neuron(1.5, 0.0);
  const auto map = continuation::network_map(subject, {Parameter::noise_level()}, Rung::smoothed);
  const auto throws = [&](const continuation::ContinuationOptions& options) {
    BOOST_CHECK_THROW(continuation::trace_branch(map, Vector::Zero(1), 0.0, options),
                      std::invalid_argument);
  };
  throws({.lower = 1.0, .upper = 0.0});
  throws({.lower = 0.5});
  throws({.state_bound = 0.0});
  throws({.first_step = 1e-9});
  throws({.max_angle = 2.0});
  throws({.max_points = 1});
  // A start that is no fixed point is found out by Newton's method.
  const auto none = continuation::trace_branch(map, Vector::Constant(1, 0.4), 0.0);
  BOOST_TEST((none.report.status == Status::no_convergence));
  BOOST_TEST(none.points.size() == 1u);
  BOOST_TEST(!continuation::trace_diagram(map, {Vector::Constant(1, 0.4)}, 0.0).report.ok());
  BOOST_CHECK_THROW(continuation::trace_branch(map, Vector::Zero(2), 0.0), std::invalid_argument);
  // Smoothing has nothing to average when all noise is outside.
  BOOST_CHECK_THROW(
      continuation::network_map(neuron(1.5, 0.0, activations::Tanh{}, 0.2, NoiseSource::outside),
                                {Parameter::noise_level()}, Rung::smoothed),
      std::invalid_argument);
  BOOST_CHECK_THROW(continuation::network_map(subject, {Parameter::bias(1)}, Rung::smoothed),
                    std::invalid_argument);
  BOOST_CHECK_THROW(continuation::network_map(subject, {}, Rung::smoothed), std::invalid_argument);
  BOOST_CHECK_THROW(
      continuation::trace_branch(
          continuation::network_map(subject, {Parameter::leak()}, Rung::deterministic),
          Vector::Zero(1), 0.5, {.lower = 0.1, .upper = 1.5}),
      std::invalid_argument);
}
