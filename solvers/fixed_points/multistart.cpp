// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fixed_points/multistart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

#include "lib/core/parallel.hpp"
#include "lib/random/normal.hpp"
#include "solvers/fixed_points/curves.hpp"
#include "solvers/fixed_points/newton.hpp"

namespace stillpoint::fixed_points {
namespace {

std::size_t slot(Index k) { return static_cast<std::size_t>(k); }

/// True if |a − sign b|∞ ≤ radius; most pairs differ in their first entries.
bool near(const Vector& a, const Vector& b, double sign, double radius) {
  for (Index i = 0; i < a.size(); ++i)
    if (!(std::abs(a(i) - sign * b(i)) <= radius)) return false;
  return true;
}

/// Iterations of the map before Newton's method, by quarters of the starts.
std::vector<Index> relaxation(Index starts, Index steps) {
  const std::array<Index, 4> quarters{0, steps / 16, steps / 4, steps};
  std::vector<Index> result(slot(starts));
  for (Index k = 0; k < starts; ++k) result[slot(k)] = quarters[slot(4 * k / starts)];
  return result;
}

void relax(const Map& map, Index steps, Vector& y) {
  Vector image(y.size());
  for (Index t = 0; t < steps; ++t) {
    map.evaluate(y, image, nullptr);
    if (!image.allFinite() || image.lpNorm<Eigen::Infinity>() > 1e6 * scale_of(y)) return;
    y.swap(image);
  }
}

/// Newton's method for a map with kinks; slot k belongs to start k.
std::vector<Ending> descend_kinks(const Map& map, const Matrix& starts,
                                  const std::vector<Index>& relaxation, const Options& options) {
  constexpr Index block_size = 8;
  std::vector<Ending> endings(slot(starts.cols()));
  const Index blocks = (starts.cols() + block_size - 1) / block_size;
  parallel_for(blocks, options.threads, [&](Index block) {
    NewtonStep step(map);
    const Index end = std::min(starts.cols(), (block + 1) * block_size);
    for (Index k = block * block_size; k < end; ++k) {
      Vector y = starts.col(k);
      relax(map, relaxation[slot(k)], y);
      const NewtonResult result = newton(step, y,
                                         {.damping = Damping::kinks,
                                          .max_iterations = options.max_iterations,
                                          .tolerance = options.tolerance});
      endings[slot(k)] = {std::move(y), result};
    }
  });
  return endings;
}

/// The search and what it has found so far.
class Search {
 public:
  Search(const Map& map, const Box& box, const std::vector<double>& kinks, const Options& options)
      : map_(map),
        box_(box),
        kinks_(kinks),
        options_(options),
        reach_((box.upper - box.lower).norm() / 64.0),
        result_{.found = Candidates(options.merge_tolerance, map.odd)} {}

  /// Newton's method from every column.
  void start(const Matrix& starts, Index relaxation_steps, const Matrix& deflated = Matrix()) {
    if (starts.cols() == 0) return;
    const std::vector<Index> relaxed = relaxation(starts.cols(), relaxation_steps);
    collect(kinks_.empty() ? descend(map_, starts, relaxed,
                                     {.max_iterations = options_.max_iterations,
                                      .tolerance = options_.tolerance,
                                      .deflated = deflated,
                                      .threads = options_.threads})
                           : descend_kinks(map_, starts, relaxed, options_));
  }

  /// Curves through points of the list, the newest first, in directions drawn at random; through
  /// the given starts if nothing is found yet.
  void trace_curves(const Matrix& starts) {
    const std::size_t known = result_.found.size();
    std::vector<Curve> curves;
    for (Index k = 0; k < options_.curves; ++k) {
      if (known > 0) {
        const Vector& root = result_.found[known - 1 - slot(k) % known].state;
        curves.push_back({.start = root, .direction = random_direction()});
      } else if (k < starts.cols()) {
        // F(y) = s v through the start: v along F there, s = |F|.
        const Vector y = starts.col(k);
        Vector image(y.size());
        map_.evaluate(y, image, nullptr);
        const double length = (y - image).norm();
        if (!(length > 0.0) || !std::isfinite(length)) continue;
        curves.push_back(
            {.start = y, .direction = (y - image) / length, .level = length, .sense = -1.0});
      }
    }
    if (curves.empty() || reach_ == 0.0) return;
    result_.curves += static_cast<Index>(curves.size());
    const Crossings crossings = trace(map_, curves,
                                      {.steps = options_.curve_steps,
                                       .first_step = 0.1 * reach_,
                                       .longest_step = reach_,
                                       .lower = box_.lower,
                                       .upper = box_.upper,
                                       .threads = options_.threads});
    result_.iterations += crossings.steps;
    Matrix columns(map_.size, static_cast<Index>(crossings.points.size()));
    for (Index k = 0; k < columns.cols(); ++k) columns.col(k) = crossings.points[slot(k)];
    start(columns, 0);
  }

  /// Midpoints of pairs of points found, the nearest neighbours of each if there are more than
  /// `limit`, and mirror images of the points from `first_new` on.
  Matrix midpoints(std::size_t first_new, Index limit) const {
    const Matrix images = result_.found.images();
    const auto known = static_cast<Index>(result_.found.size());
    const auto first = static_cast<Index>(first_new);
    const Index neighbours = std::max<Index>(1, limit / std::max<Index>(1, images.cols()));
    std::vector<Vector> starts;
    std::vector<std::pair<double, Index>> others;
    for (Index a = first; a < known; ++a) {
      const Vector state = images.col(a);
      if (!map_.odd) starts.emplace_back(box_.lower + box_.upper - state);
      others.clear();
      for (Index b = 0; b < images.cols(); ++b) {
        const Index partner = b < known ? b : b - known;  // the same pair only once
        if (b != a && (partner < first || partner >= a))
          others.emplace_back((images.col(b) - state).squaredNorm(), b);
      }
      const Index used = std::min(neighbours, static_cast<Index>(others.size()));
      std::partial_sort(others.begin(), others.begin() + used, others.end());
      for (Index k = 0; k < used; ++k)
        starts.emplace_back(0.5 * (state + images.col(others[slot(k)].second)));
    }
    Matrix columns(map_.size, static_cast<Index>(starts.size()));
    for (Index k = 0; k < columns.cols(); ++k) columns.col(k) = starts[slot(k)];
    return columns;
  }

  /// Points in the linear regions next to those of the points from `first_new` on, one coordinate
  /// beyond a kink; the nearest ones if there are more than `limit`.
  Matrix beyond_kinks(std::size_t first_new, Index limit) const {
    struct Neighbour {
      double distance;
      std::size_t point;
      Index unit;
      double place;  // of that coordinate
    };
    std::vector<Neighbour> neighbours;
    for (std::size_t p = first_new; p < result_.found.size(); ++p) {
      const Vector& state = result_.found[p].state;
      for (Index i = 0; i < state.size(); ++i)
        for (std::size_t k = 0; k < kinks_.size(); ++k) {
          const bool from_below = state(i) < kinks_[k];
          const bool adjacent = from_below ? k == 0 || state(i) >= kinks_[k - 1]
                                           : k + 1 == kinks_.size() || state(i) <= kinks_[k + 1];
          if (!adjacent) continue;
          const double distance = std::abs(state(i) - kinks_[k]);
          double depth = distance;  // half-way into the region at most
          if (from_below && k + 1 < kinks_.size())
            depth = std::min(depth, 0.5 * (kinks_[k + 1] - kinks_[k]));
          if (!from_below && k > 0) depth = std::min(depth, 0.5 * (kinks_[k] - kinks_[k - 1]));
          neighbours.push_back({distance, p, i, kinks_[k] + (from_below ? depth : -depth)});
        }
    }
    std::stable_sort(
        neighbours.begin(), neighbours.end(),
        [](const Neighbour& a, const Neighbour& b) { return a.distance < b.distance; });
    const Index count = std::min(limit, static_cast<Index>(neighbours.size()));
    Matrix columns(map_.size, count);
    for (Index k = 0; k < count; ++k) {
      const Neighbour& neighbour = neighbours[slot(k)];
      columns.col(k) = result_.found[neighbour.point].state;
      columns(neighbour.unit, k) = neighbour.place;
    }
    return columns;
  }

  /// Newton's method with all points found deflated, from places near them.
  void deflate() {
    const std::size_t known = result_.found.size();
    if (known == 0) return;
    Matrix starts(map_.size, options_.deflated_starts);
    for (Index k = 0; k < starts.cols(); ++k)
      starts.col(k) = result_.found[slot(k) % known].state + reach_ * random_direction();
    start(starts, 0, result_.found.images());
  }

  std::size_t found() const { return result_.found.size(); }
  Multistart take() { return std::move(result_); }

 private:
  void collect(const std::vector<Ending>& endings) {
    for (const Ending& ending : endings) {
      if (ending.result.converged) result_.found.add(ending.state, ending.result.step);
      result_.iterations += ending.result.iterations;
      result_.finite = result_.finite && ending.result.finite;
    }
    result_.starts += static_cast<Index>(endings.size());
  }

  /// A unit vector, another one each time.
  Vector random_direction() {
    const random::Stream stream{.seed = 1};
    const std::uint64_t number = directions_++;
    const Vector draws = Vector::NullaryExpr(map_.size, [&](Index i) {
      return random::normal(stream, number, 0, static_cast<std::uint32_t>(i));
    });
    return draws.normalized();
  }

  const Map& map_;
  const Box& box_;
  const std::vector<double>& kinks_;
  const Options& options_;
  double reach_;  // longest step of a curve
  std::uint64_t directions_ = 0;
  Multistart result_;
};

}  // namespace

void Candidates::add(const Vector& state, double error) {
  const double scale = scale_of(state);
  for (Candidate& known : list_) {
    const double radius = std::max({tolerance_ * scale, 10.0 * error, 10.0 * known.error});
    const bool same = near(known.state, state, 1.0, radius);
    if (!same && !(odd_ && near(known.state, state, -1.0, radius))) continue;
    if (error < known.error) {
      known.state = same ? state : Vector(-state);
      known.error = error;
    }
    ++(same ? known.reached : known.mirrored);
    return;
  }
  list_.push_back({.state = state, .error = error, .reached = 1});
}

Matrix Candidates::images() const {
  const auto count = static_cast<Index>(list_.size());
  if (count == 0) return {};
  Matrix columns(list_[0].state.size(), odd_ ? 2 * count : count);
  for (Index k = 0; k < count; ++k) {
    columns.col(k) = list_[slot(k)].state;
    if (odd_) columns.col(count + k) = -list_[slot(k)].state;
  }
  return columns;
}

Multistart multistart(const Map& map, const Box& box, const Matrix& given, const Matrix& sobol,
                      const std::vector<double>& kinks, const Options& options) {
  Search search(map, box, kinks, options);
  search.start(given, 0);
  search.start(sobol, options.relaxation_steps);
  if (map.odd && options.rounds > 0) search.start(Matrix::Zero(map.size, 1), 0);
  const Index limit = std::max<Index>(options.starts, 64);
  std::size_t first_new = 0;
  for (Index round = 0; round < options.rounds; ++round) {
    const std::size_t before = search.found();
    const Matrix midpoints = search.midpoints(first_new, limit);
    const Matrix neighbours = search.beyond_kinks(first_new, limit);
    first_new = before;
    search.start(midpoints, 0);
    search.start(neighbours, 0);
    if (kinks.empty()) search.trace_curves(given.cols() > 0 ? given : sobol);
    if (kinks.empty() && search.found() == before) search.deflate();
    if (search.found() == before) break;
  }
  return search.take();
}

}  // namespace stillpoint::fixed_points
