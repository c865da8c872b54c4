// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/piecewise_linear/chain_system.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "lib/core/require.hpp"

namespace stillpoint::piecewise_linear {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// W_in u + b.
RationalVector exact_drive(const models::NoisyChain& chain, const Vector& input) {
  const networks::Network& network = chain.network();
  RationalVector drive;
  for (Index i = 0; i < network.units(); ++i) {
    Rational sum = network.b(i);
    for (Index k = 0; k < input.size(); ++k)
      sum += Rational(network.W_in(i, k)) * Rational(input(k));
    drive.push_back(std::move(sum));
  }
  return drive;
}

/// Slopes along an orbit, (n, period); on a kink the mean of both sides.
Matrix orbit_slopes(const Pieces& f, const Solution& orbit, Index n) {
  Matrix slopes(n, static_cast<Index>(orbit.pattern.size()) / n);
  for (Index k = 0; k < slopes.size(); ++k) {
    const std::size_t piece = at(orbit.pattern[at(k)]);
    const bool kink = std::binary_search(orbit.on_kink.begin(), orbit.on_kink.end(), k);
    slopes.data()[k] = kink ? 0.5 * (f.slopes[piece - 1] + f.slopes[piece]) : f.slopes[piece];
  }
  return slopes;
}

}  // namespace

PiecewiseLinearSystem orbit_system(const models::NoisyChain& chain, const Vector& input,
                                   Index period) {
  constexpr auto where = "enumerate";
  require(input.size() == chain.inputs(), where, "input has ", input.size(), " entries, expected ",
          chain.inputs());
  require(input.allFinite(), where, "the input holds a NaN or an infinity");
  const Index n = chain.units(), size = n * period;
  const Matrix& W = chain.network().W;
  const activations::Range range = activations::range(chain.activation());
  const bool bounded = std::isfinite(range.lower) && std::isfinite(range.upper);
  PiecewiseLinearSystem system{.P = RationalMatrix(size, size), .Q = RationalMatrix(size, size)};
  system.f.assign(at(size), linear_pieces(chain.activation()));
  const RationalVector drive = exact_drive(chain, input);
  const Rational leak = period == 1 ? 1.0 : chain.leak();
  for (Index t = 0; t < period; ++t) {
    const Index row = t * n, column = (t + period - 1) % period * n;  // a_t from a_{t−1}
    for (Index i = 0; i < n; ++i) {
      system.P(row + i, row + i) += 1;
      system.P(row + i, column + i) -= 1 - leak;
      for (Index j = 0; j < n; ++j) system.Q(row + i, column + j) = -leak * Rational(W(i, j));
      system.r.push_back(leak * drive[at(i)]);
      if (!bounded) continue;
      // a_t is an average of W f + drive at earlier times.
      Rational lower = drive[at(i)], upper = drive[at(i)];
      for (Index j = 0; j < n; ++j) {
        const Rational one = Rational(W(i, j)) * Rational(range.lower),
                       other = Rational(W(i, j)) * Rational(range.upper);
        lower += std::min(one, other);
        upper += std::max(one, other);
      }
      system.lower.push_back(std::move(lower));
      system.upper.push_back(std::move(upper));
    }
  }
  return system;
}

SearchLimits search_limits(const EnumerateOptions& options) {
  constexpr auto where = "enumerate";
  require(options.max_nodes > 0, where, "max_nodes = ", options.max_nodes, ", expected > 0");
  require(options.max_seconds > 0.0, where, "max_seconds = ", options.max_seconds,
          ", expected > 0");
  require(options.max_points > 0, where, "max_points = ", options.max_points, ", expected > 0");
  return {.max_nodes = options.max_nodes, .max_seconds = options.max_seconds};
}

SearchEffort effort_of(const SearchCounts& counts) {
  return {.nodes = counts.nodes,
          .patterns = counts.leaves,
          .rounded_certificates = counts.rounded,
          .exact_certificates = counts.exact,
          .unproved = counts.unproved,
          .open_branches = counts.open,
          .pivots = counts.pivots};
}

std::string sentence_on_limit(const SearchCounts& counts) {
  std::ostringstream sentence;
  sentence << counts.stopped << " was hit with " << counts.open
           << (counts.open == 1 ? " branch" : " branches") << " open: the list may be incomplete";
  return sentence.str();
}

RationalVector states_of(const models::NoisyChain& chain, const Pattern& pattern,
                         const RationalVector& arguments) {
  if (chain.equation() == networks::Equation::current) return arguments;
  const Pieces f = linear_pieces(chain.activation());
  RationalVector values;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::size_t piece = at(pattern[i]);
    values.emplace_back(Rational(f.slopes[piece]) * arguments[i] + Rational(f.intercepts[piece]));
  }
  const std::size_t n = at(chain.units());
  if (values.size() == n) return values;
  // h_{t+1} = (1−g) h_t + g f(a_t), from h_0 = Σ_t (1−g)^{k−1−t} g f(a_t) / (1 − (1−g)^k).
  const Rational leak = chain.leak(), retention = 1 - leak;
  RationalVector states(values.size());
  Rational decay = 1;
  for (std::size_t first = values.size(); first > 0; first -= n) {
    for (std::size_t i = 0; i < n; ++i) states[i] += decay * leak * values[first - n + i];
    decay *= retention;
  }
  for (std::size_t i = 0; i < n; ++i) states[i] /= 1 - decay;
  for (std::size_t k = n; k < states.size(); ++k)
    states[k] = retention * states[k - n] + leak * values[k - n];
  return states;
}

Matrix orbit_matrix(const RationalVector& orbit, Index n) {
  Matrix columns(n, static_cast<Index>(orbit.size()) / n);
  std::transform(orbit.begin(), orbit.end(), columns.data(), nearest);
  return columns;
}

FixedSet fixed_set(const models::NoisyChain& chain, const SolutionSet& set) {
  const auto size = static_cast<Index>(set.pattern.size());
  FixedSet result{.pattern = set.pattern,
                  .dimension = set.dimension,
                  .vertices = Matrix(size, static_cast<Index>(set.vertices.size())),
                  .rays = Matrix(size, static_cast<Index>(set.rays.size()))};
  const RationalVector origin = states_of(chain, set.pattern, RationalVector(at(size)));
  for (std::size_t k = 0; k < set.vertices.size(); ++k)
    result.vertices.col(static_cast<Index>(k)) =
        orbit_matrix(states_of(chain, set.pattern, set.vertices[k]), size);
  for (std::size_t k = 0; k < set.rays.size(); ++k) {
    RationalVector ray = states_of(chain, set.pattern, set.rays[k]);
    for (std::size_t i = 0; i < ray.size(); ++i) ray[i] -= origin[i];
    const Vector direction = orbit_matrix(ray, size);
    result.rays.col(static_cast<Index>(k)) = direction / direction.lpNorm<Eigen::Infinity>();
  }
  return result;
}

fixed_points::FixedPoint describe_orbit(const models::NoisyChain& chain, const Vector& input,
                                        const Solution& orbit) {
  const Index n = chain.units();
  const Matrix slopes = orbit_slopes(linear_pieces(chain.activation()), orbit, n);
  const fixed_points::Map step = fixed_points::chain_map(chain, input);
  const fixed_points::Map map{
      n, [&](const Vector& y, Vector& image, Matrix* jacobian) {
        Vector from = y;
        for (Index t = 0; t < slopes.cols(); ++t) {
          step.evaluate(from, image, nullptr);
          from = image;
        }
        if (!jacobian) return;
        const Matrix& W = chain.network().W;
        const double g = chain.leak();
        jacobian->setIdentity(n, n);
        for (Index t = 0; t < slopes.cols(); ++t) {
          const auto D = slopes.col(t).asDiagonal();
          const Matrix of_f =
              chain.equation() == networks::Equation::rate ? Matrix(D * W) : Matrix(W * D);
          *jacobian = ((1.0 - g) * *jacobian + g * (of_f * *jacobian)).eval();
        }
      }};
  const RationalVector states = states_of(chain, orbit.pattern, orbit.argument);
  const Matrix columns = orbit_matrix(states, n);
  fixed_points::FixedPoint point = fixed_points::describe(map, columns.col(0));
  point.argument = orbit_matrix(orbit.argument, n).col(0);
  Rational error;
  for (Index i = 0; i < n; ++i)
    error = std::max<Rational>(error, abs(states[at(i)] - Rational(columns(i, 0))));
  point.error = nearest(error);
  if (!orbit.on_kink.empty()) point.stability = fixed_points::Stability::marginal;
  return point;
}

}  // namespace stillpoint::piecewise_linear
