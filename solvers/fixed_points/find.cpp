// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fixed_points/find.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <boost/random/sobol.hpp>
#include <cmath>
#include <limits>
#include <numeric>
#include <sstream>
#include <utility>

#include "lib/core/parallel.hpp"
#include "lib/core/require.hpp"
#include "solvers/algebraic/solve.hpp"
#include "solvers/fixed_points/multistart.hpp"
#include "solvers/fixed_points/newton.hpp"

namespace stillpoint::fixed_points {
namespace {

void require_valid(const Map& map, const Box& box, const Matrix& given, const Options& options) {
  constexpr auto where = "fixed_points::find";
  const Index n = map.size;
  require(n > 0 && map.evaluate, where, "the map has size ", n, " or no function");
  require(box.lower.size() == n && box.upper.size() == n, where, "the box has ", box.lower.size(),
          " lower and ", box.upper.size(), " upper ends, expected ", n, " each");
  require(box.lower.allFinite() && box.upper.allFinite() &&
              (box.lower.array() <= box.upper.array()).all(),
          where, "the box is empty or not finite, expected lower <= upper");
  require(given.cols() == 0 || given.rows() == n, where, "given starts have ", given.rows(),
          " rows, expected ", n);
  require(given.allFinite(), where, "a given start holds a NaN or an infinity");
  require(options.starts >= 0, where, "starts = ", options.starts, ", expected >= 0");
  require(options.starts + given.cols() > 0, where,
          "starts = 0 and no start is given, expected at least one");
  constexpr Index most = boost::random::default_sobol_table::max_dimension;
  require(options.starts == 0 || n <= most, where, "n = ", n,
          " is more than Sobol points have dimensions (", most,
          "); give starts and set starts = 0");
  require(options.relaxation_steps >= 0, where, "relaxation_steps = ", options.relaxation_steps,
          ", expected >= 0");
  require(options.rounds >= 0, where, "rounds = ", options.rounds, ", expected >= 0");
  require(options.curves >= 0, where, "curves = ", options.curves, ", expected >= 0");
  require(options.curve_steps > 0, where, "curve_steps = ", options.curve_steps, ", expected > 0");
  require(options.deflated_starts >= 0, where, "deflated_starts = ", options.deflated_starts,
          ", expected >= 0");
  require(options.max_iterations > 0, where, "max_iterations = ", options.max_iterations,
          ", expected > 0");
  require(options.tolerance > 0.0, where, "tolerance = ", options.tolerance, ", expected > 0");
  require(options.merge_tolerance > 0.0, where, "merge_tolerance = ", options.merge_tolerance,
          ", expected > 0");
}

/// The first `count` Sobol points of the unit cube, (n, count).
Matrix sobol_points(Index n, Index count) {
  boost::random::sobol sequence(static_cast<std::size_t>(n));
  return Matrix::NullaryExpr(
      n, count, [&sequence] { return std::ldexp(static_cast<double>(sequence()), -64); });
}

/// Points of the unit cube, in columns, brought to the box.
Matrix in_box(const Matrix& unit, const Vector& lower, const Vector& upper) {
  return ((upper - lower).asDiagonal() * unit).colwise() + lower;
}

double residual(const Map& map, const Vector& y) {
  Vector image(y.size());
  map.evaluate(y, image, nullptr);
  return (image - y).lpNorm<Eigen::Infinity>();
}

/// A root of the search; if it is not at rounding, Newton's method of KINSOL from there, and the
/// better of the two.
FixedPoint polish(const Map& map, const Candidate& candidate) {
  constexpr double rounding = 16.0 * std::numeric_limits<double>::epsilon();
  const Index n = map.size;
  const double scale = scale_of(candidate.state), tolerance = rounding * scale;
  Vector state = candidate.state;
  if (residual(map, state) > tolerance) {
    const auto solution = algebraic::solve(
        [&map](const Eigen::Ref<const Vector>& y, Eigen::Ref<Vector> value) {
          Vector image(y.size());
          map.evaluate(y, image, nullptr);
          value = image - y;
        },
        [&map, n](const Eigen::Ref<const Vector>& y, Eigen::Ref<Matrix> jacobian) {
          Vector image(n);
          Matrix slope(n, n);
          map.evaluate(y, image, &slope);
          jacobian = slope - Matrix::Identity(n, n);
        },
        state, {.method = algebraic::Method::newton, .tolerance = tolerance, .max_iterations = 20});
    // A polish that wandered off is another point's business.
    const double radius = std::max(1e-6 * scale, 100.0 * candidate.error);
    if (solution.x.allFinite() && (solution.x - state).lpNorm<Eigen::Infinity>() <= radius &&
        residual(map, solution.x) <= residual(map, state))
      state = solution.x;
  }
  FixedPoint point = describe(map, state);
  point.reached = candidate.reached;
  return point;
}

bool precedes(const FixedPoint& a, const FixedPoint& b) {
  if (a.unstable_directions != b.unstable_directions)
    return a.unstable_directions < b.unstable_directions;
  return std::lexicographical_compare(a.state.begin(), a.state.end(), b.state.begin(),
                                      b.state.end());
}

/// True if f has no jump, so that the indices of all fixed points of a bounded f add up to one.
bool continuous(const activations::Activation& f) {
  const std::vector<double> kinks = activations::kinks(f);
  return std::all_of(kinks.begin(), kinks.end(), [&f](double kink) {
    constexpr double h = 1e-9;
    return std::abs(activations::value(f, kink + h) - activations::value(f, kink - h)) < 1e-6;
  });
}

Report failure(const Multistart& searched) {
  std::ostringstream text;
  text << "no fixed point was found from " << searched.starts << " starts";
  if (searched.finite) {
    text << "; try more starts or a wider box";
    return Report::failure(Status::no_convergence, text.str());
  }
  text << "; the map returned a NaN or an infinity";
  return Report::failure(Status::non_finite_state, text.str());
}

/// Polishes, merges once more, sorts and fills the report. The candidates are states of the map.
FixedPoints conclude(const Map& map, const Box& box, const Multistart& searched,
                     const Options& options) {
  FixedPoints result{.box = box, .starts = searched.starts, .curves = searched.curves};
  std::vector<FixedPoint> polished(searched.found.size());
  parallel_for(static_cast<Index>(polished.size()), options.threads, [&](Index k) {
    const auto slot = static_cast<std::size_t>(k);
    polished[slot] = polish(map, searched.found[slot]);
  });
  const auto add = [&](FixedPoint point) {
    const double scale = scale_of(point.state);
    if (point.residual > options.tolerance * scale) return;
    result.converged += point.reached;
    const auto same =
        std::find_if(result.points.begin(), result.points.end(), [&](const FixedPoint& known) {
          return (known.state - point.state).lpNorm<Eigen::Infinity>() <=
                 std::max(
                     {options.merge_tolerance * scale, 10.0 * point.error, 10.0 * known.error});
        });
    if (same == result.points.end()) {
      result.points.push_back(std::move(point));
    } else {
      same->reached += point.reached;
    }
  };
  for (std::size_t k = 0; k < polished.size(); ++k) {
    add(polished[k]);
    if (!searched.found.odd() || (options.rounds == 0 && searched.found[k].mirrored == 0)) continue;
    // The mirror image has the same multipliers.
    polished[k].state = -polished[k].state;
    polished[k].reached = searched.found[k].mirrored;
    add(std::move(polished[k]));
  }
  std::sort(result.points.begin(), result.points.end(), precedes);

  if (result.points.empty()) result.report = failure(searched);
  result.report.iterations = searched.iterations;
  for (const FixedPoint& point : result.points)
    result.report.residual = std::max(result.report.residual, point.residual);
  std::ostringstream text;
  text << result.points.size()
       << (result.points.size() == 1 ? " fixed point from " : " fixed points from ")
       << result.starts << " starts";
  if (result.curves > 0) text << " and " << result.curves << " curves";
  text << "; a multistart list may be incomplete";
  result.completeness = text.str();
  return result;
}

/// What the sum of the indices of a bounded continuous activation says about the list.
std::string index_sentence(const FixedPoints& list) {
  std::ostringstream text;
  text << "; sum of indices " << list.index_sum();
  const bool regular = std::all_of(list.points.begin(), list.points.end(),
                                   [](const FixedPoint& point) { return point.index != 0; });
  if (!regular) {
    text << ", with a degenerate point among them";
  } else if (list.index_sum() == 1) {
    text << ", as it is for a complete list";
  } else {
    text << " where a complete list has 1: points are missing";
  }
  return text.str();
}

/// Arguments that belong to network states in columns, (n, k).
Matrix arguments_of(const models::NoisyChain& chain, const Vector& drive, const Matrix& states) {
  if (chain.equation() == networks::Equation::current || states.cols() == 0) return states;
  return (chain.network().W * states).colwise() + drive;
}

}  // namespace

std::string_view to_string(Stability stability) {
  switch (stability) {
    case Stability::stable:
      return "stable";
    case Stability::saddle:
      return "saddle";
    case Stability::unstable:
      return "unstable";
    case Stability::marginal:
      return "marginal";
  }
  return "unknown";
}

int FixedPoints::index_sum() const {
  return std::accumulate(points.begin(), points.end(), 0,
                         [](int sum, const FixedPoint& point) { return sum + point.index; });
}

FixedPoint describe(const Map& map, const Vector& state) {
  require(state.size() == map.size, "fixed_points::describe", "state has ", state.size(),
          " entries, expected ", map.size);
  NewtonStep step(map);
  const bool regular = step.evaluate(state);
  FixedPoint point{.state = state};
  point.residual = step.residual().lpNorm<Eigen::Infinity>();
  point.error = regular ? step.step().lpNorm<Eigen::Infinity>() : point.residual;
  require(step.residual().allFinite() && step.jacobian().allFinite(), "fixed_points::describe",
          "the map is not finite here");

  const Eigen::EigenSolver<Matrix> solver(step.jacobian(), false);
  point.multipliers = solver.eigenvalues();
  std::sort(point.multipliers.begin(), point.multipliers.end(), [](const auto& a, const auto& b) {
    if (std::norm(a) != std::norm(b)) return std::norm(a) > std::norm(b);
    if (a.real() != b.real()) return a.real() > b.real();
    return a.imag() > b.imag();
  });
  const double tolerance = 1e-8 + point.error;
  bool marginal = false;
  point.index = 1;
  for (const auto& multiplier : point.multipliers) {
    const double modulus = std::abs(multiplier);
    if (std::abs(modulus - 1.0) <= tolerance) {
      marginal = true;
    } else if (modulus > 1.0) {
      ++point.unstable_directions;
    }
    if (std::abs(multiplier - 1.0) <= tolerance) {
      point.index = 0;
    } else if (multiplier.imag() == 0.0 && multiplier.real() > 1.0) {
      point.index = -point.index;
    }
  }
  point.stability = marginal                               ? Stability::marginal
                    : point.unstable_directions == 0       ? Stability::stable
                    : point.unstable_directions < map.size ? Stability::saddle
                                                           : Stability::unstable;
  return point;
}

FixedPoints find(const Map& map, const Box& box, const Matrix& given, const Options& options) {
  require_valid(map, box, given, options);
  const Matrix sobol = in_box(sobol_points(map.size, options.starts), box.lower, box.upper);
  return conclude(map, box, multistart(map, box, given, sobol, {}, options), options);
}

Box starting_box(const models::NoisyChain& chain, const Vector& input, const Matrix& given) {
  const Index n = chain.units();
  require(given.cols() == 0 || given.rows() == n, "fixed_points::starting_box",
          "given states have ", given.rows(), " rows, expected ", n);
  const Vector drive = constant_drive(chain, input);
  const activations::Range range = activations::range(chain.activation());
  if (std::isfinite(range.lower) && std::isfinite(range.upper)) {
    const Vector positive = chain.network().W.cwiseMax(0.0).rowwise().sum();
    const Vector negative = chain.network().W.cwiseMin(0.0).rowwise().sum();
    return {drive + range.lower * positive + range.upper * negative,
            drive + range.upper * positive + range.lower * negative, true};
  }
  const Map map = argument_map(chain, input);
  Box box{drive, drive, false};
  bool escaped = false;
  const auto visit = [&](Vector a) {
    Vector image(n);
    const auto steps = static_cast<Index>(std::ceil(20.0 / chain.leak()));
    for (Index t = 0; t <= steps && !escaped; ++t) {
      escaped = !(a.lpNorm<Eigen::Infinity>() <= 1e3 * scale_of(drive));
      if (escaped) break;
      box.lower = box.lower.cwiseMin(a);
      box.upper = box.upper.cwiseMax(a);
      map.evaluate(a, image, nullptr);
      a.swap(image);
    }
  };
  visit(drive);
  const Matrix arguments = arguments_of(chain, drive, given);
  for (Index k = 0; k < arguments.cols(); ++k) visit(arguments.col(k));
  const double margin = std::max({1.0, (box.upper - box.lower).maxCoeff(), escaped ? 10.0 : 0.0});
  box.lower.array() -= margin;
  box.upper.array() += margin;
  return box;
}

FixedPoints find(const models::NoisyChain& chain, const Vector& input, const Vector& q,
                 const Matrix& given, const Options& options) {
  const Map arguments = argument_map(chain, input, q);
  const Box box = starting_box(chain, input, given);
  require_valid(arguments, box, given, options);
  const Vector drive = constant_drive(chain, input);
  // The values of f that belong to the box, for the second half of the starts.
  const auto value = [&chain](double a) { return activations::value(chain.activation(), a); };
  const Vector lowest = box.lower.unaryExpr(value), highest = box.upper.unaryExpr(value);
  Matrix sobol = sobol_points(chain.units(), options.starts);
  for (Index k = 0; k < sobol.cols(); ++k) {
    const Vector unit = sobol.col(k);
    if (k % 2 == 0) {
      sobol.col(k) = in_box(unit, box.lower, box.upper);
    } else {
      sobol.col(k) = drive + chain.network().W * in_box(unit, lowest, highest);
    }
  }
  const bool smoothed = q.size() > 0 && (q.array() > 0.0).all();
  const std::vector<double> kinks =
      smoothed ? std::vector<double>() : activations::kinks(chain.activation());
  Multistart searched =
      multistart(arguments, box, arguments_of(chain, drive, given), sobol, kinks, options);
  searched.found.transform(
      [&](const Vector& argument) { return state_of_argument(chain, argument, q); });
  FixedPoints result = conclude(chain_map(chain, input, q), box, searched, options);
  for (FixedPoint& point : result.points) point.argument = arguments_of(chain, drive, point.state);
  if (box.contains_all && continuous(chain.activation()))
    result.completeness += index_sentence(result);
  return result;
}

}  // namespace stillpoint::fixed_points
