// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/piecewise_linear/piecewise_linear.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "solvers/piecewise_linear/polyhedron.hpp"

namespace stillpoint::piecewise_linear {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

Rational slope(const Pieces& f, Index piece) { return f.slopes[at(piece)]; }

/// f of the unit's lowest piece at its first kink, or at 0 if it has none.
Rational value_at_base(const Pieces& f) {
  const Rational base = f.kinks.empty() ? 0.0 : f.kinks[0];
  return slope(f, 0) * base + Rational(f.intercepts[0]);
}

/// How far a bounded argument can be below (left) and above its kink, up to the next one.
std::pair<std::optional<Rational>, std::optional<Rational>> reach(
    const PiecewiseLinearSystem& system, Index unit, int kink) {
  const std::vector<double>& kinks = system.f[at(unit)].kinks;
  const Rational here = kinks[at(kink)];
  std::optional<Rational> below, above;
  if (kink > 0) {
    below = here - Rational(kinks[at(kink - 1)]);
  } else if (!system.lower.empty()) {
    below = here - system.lower[at(unit)];
  }
  if (at(kink + 1) < kinks.size()) {
    above = Rational(kinks[at(kink + 1)]) - here;
  } else if (!system.upper.empty()) {
    above = system.upper[at(unit)] - here;
  }
  for (auto* bound : {&below, &above})
    if (*bound && sgn(**bound) < 0) *bound = 0;
  return {below, above};
}

/// Sorts, and removes what occurs twice.
void sort_unique(std::vector<RationalVector>& vectors) {
  std::sort(vectors.begin(), vectors.end());
  vectors.erase(std::unique(vectors.begin(), vectors.end()), vectors.end());
}

}  // namespace

ComplementarityForm complementarity_form(const PiecewiseLinearSystem& system) {
  const Index n = system.size();
  ComplementarityForm form;
  bool one_kink_each = true;
  for (Index i = 0; i < n; ++i) {
    const auto kinks = static_cast<int>(system.f[at(i)].kinks.size());
    form.first_pair.push_back(static_cast<Index>(form.pairs.size()));
    if (kinks == 0) form.pairs.push_back({i, -1});
    for (int kink = 0; kink < kinks; ++kink) form.pairs.push_back({i, kink});
    one_kink_each = one_kink_each && kinks == 1;
  }
  form.r = system.r;
  for (Index j = 0; j < n; ++j) {
    const Pieces& f = system.f[at(j)];
    const Rational base = f.kinks.empty() ? 0.0 : f.kinks[0], value = value_at_base(f);
    if (sgn(base) == 0 && sgn(value) == 0) continue;
    for (Index i = 0; i < n; ++i) form.r[at(i)] -= system.P(i, j) * base + system.Q(i, j) * value;
  }
  form.homogeneous = one_kink_each && std::all_of(form.r.begin(), form.r.end(),
                                                  [](const Rational& x) { return sgn(x) == 0; });
  const auto pairs = static_cast<Index>(form.pairs.size());
  form.E = RationalMatrix(pairs + (form.homogeneous ? 1 : 0), 2 * pairs);
  form.upper.resize(at(2 * pairs));
  Index link = n;
  for (Index p = 0; p < pairs; ++p) {
    const auto [unit, kink] = form.pairs[at(p)];
    const Pieces& f = system.f[at(unit)];
    const Rational below = slope(f, 0), above = slope(f, kink < 0 ? 0 : kink + 1);
    for (Index i = 0; i < n; ++i) {
      const Rational &of_a = system.P(i, unit), &of_f = system.Q(i, unit);
      if (sgn(of_a) == 0 && sgn(of_f) == 0) continue;
      if (kink <= 0) form.E(i, 2 * p) = -(of_a + below * of_f);
      form.E(i, 2 * p + 1) = of_a + above * of_f;
    }
    if (kink >= 0)
      std::tie(form.upper[at(2 * p)], form.upper[at(2 * p + 1)]) = reach(system, unit, kink);
    if (kink <= 0) continue;
    form.E(link, 2 * p) = 1;
    form.E(link, 2 * (p - 1) + 1) = 1;
    form.r.push_back(Rational(f.kinks[at(kink)]) - Rational(f.kinks[at(kink - 1)]));
    ++link;
  }
  if (form.homogeneous) {
    for (Index c = 0; c < 2 * pairs; ++c) form.E(pairs, c) = 1;
    form.r.push_back(1);
  }
  return form;
}

PatternSolver::PatternSolver(const PiecewiseLinearSystem& system) {
  const Index n = system.size();
  std::vector<std::vector<RationalVector>> slopes(at(n)), intercepts(at(n));
  std::vector<RationalVector> rows(at(n));  // all entries of a row, for its denominator
  for (Index i = 0; i < n; ++i) rows[at(i)].push_back(system.r[at(i)]);
  for (Index j = 0; j < n; ++j) {
    const Pieces& f = system.f[at(j)];
    kinks_.emplace_back(f.kinks.begin(), f.kinks.end());
    for (int p = 0; p < f.count(); ++p) {
      RationalVector& s = slopes[at(j)].emplace_back(at(n));
      RationalVector& t = intercepts[at(j)].emplace_back(at(n));
      for (Index i = 0; i < n; ++i) {
        s[at(i)] = system.P(i, j) + slope(f, p) * system.Q(i, j);
        t[at(i)] = Rational(f.intercepts[at(p)]) * system.Q(i, j);
        rows[at(i)].push_back(s[at(i)]);
        rows[at(i)].push_back(t[at(i)]);
      }
    }
  }
  std::vector<Integer> multiples;
  for (Index i = 0; i < n; ++i) {
    multiples.push_back(common_denominator(rows[at(i)]));
    right_.push_back(scaled(system.r[at(i)], multiples.back()));
  }
  const auto to_integers = [&](const RationalVector& column) {
    std::vector<Integer> integers;
    for (std::size_t i = 0; i < column.size(); ++i)
      integers.push_back(scaled(column[i], multiples[i]));
    return integers;
  };
  columns_.resize(at(n));
  for (Index j = 0; j < n; ++j)
    for (std::size_t p = 0; p < slopes[at(j)].size(); ++p)
      columns_[at(j)].push_back({to_integers(slopes[at(j)][p]), to_integers(intercepts[at(j)][p])});
}

const PatternSolver::Column& PatternSolver::column(Index unit, int piece) const {
  return columns_[at(unit)][at(piece)];
}

bool PatternSolver::inside(Index unit, int piece, const Rational& a) const {
  const RationalVector& kinks = kinks_[at(unit)];
  return (piece == 0 || a >= kinks[at(piece - 1)]) &&
         (at(piece) == kinks.size() || a <= kinks[at(piece)]);
}

bool PatternSolver::holds(const Pattern& pattern, const RationalVector& a) const {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!inside(static_cast<Index>(i), pattern[i], a[i])) return false;
  return true;
}

bool PatternSolver::contains(const SolutionSet& outer, const SolutionSet& inner) const {
  const auto recedes = [&](const RationalVector& ray) {
    for (std::size_t i = 0; i < ray.size(); ++i) {
      const auto piece = at(outer.pattern[i]);
      if (piece > 0 && sgn(ray[i]) < 0) return false;
      if (piece < kinks_[i].size() && sgn(ray[i]) > 0) return false;
    }
    return true;
  };
  return std::all_of(inner.vertices.begin(), inner.vertices.end(),
                     [&](const auto& a) { return holds(outer.pattern, a); }) &&
         std::all_of(inner.rays.begin(), inner.rays.end(), recedes);
}

Solution PatternSolver::located(RationalVector a, const Pattern& pattern,
                                int determinant_sign) const {
  Solution solution{.pattern = pattern, .determinant_sign = determinant_sign};
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto kink = std::find(kinks_[i].begin(), kinks_[i].end(), a[i]);
    if (kink == kinks_[i].end()) continue;
    solution.on_kink.push_back(static_cast<Index>(i));
    solution.pattern[i] = static_cast<int>(kink - kinks_[i].begin()) + 1;
  }
  solution.argument = std::move(a);
  return solution;
}

PatternSolver::Answer PatternSolver::solve(const Pattern& pattern) const {
  const auto n = static_cast<Index>(pattern.size());
  IntegerMatrix augmented(n, n + 1);
  for (Index i = 0; i < n; ++i) augmented(i, n) = right_[at(i)];
  for (Index j = 0; j < n; ++j) {
    const Column& entries = column(j, pattern[at(j)]);
    for (Index i = 0; i < n; ++i) {
      augmented(i, j) = entries.slope[at(i)];
      augmented(i, n) -= entries.intercept[at(i)];
    }
  }
  AffineSolution affine = solve_exactly(std::move(augmented));
  if (!affine.consistent) return {};
  if (!affine.directions.empty()) return solve_singular(pattern, affine);
  if (!holds(pattern, affine.point)) return {};
  return {.solution = located(std::move(affine.point), pattern, affine.determinant_sign)};
}

PatternSolver::Answer PatternSolver::solve_singular(const Pattern& pattern,
                                                    const AffineSolution& affine) const {
  // a = point + Σ t_d direction_d between the kinks of the pattern.
  const std::size_t n = pattern.size(), d = affine.directions.size();
  std::vector<HalfSpace> half_spaces;
  for (std::size_t i = 0; i < n; ++i) {
    const auto piece = at(pattern[i]);
    HalfSpace lower, upper;
    for (const RationalVector& direction : affine.directions) {
      lower.normal.push_back(direction[i]);
      upper.normal.push_back(-direction[i]);
    }
    if (piece > 0) {
      lower.offset = affine.point[i] - kinks_[i][piece - 1];
      half_spaces.push_back(std::move(lower));
    }
    if (piece < kinks_[i].size()) {
      upper.offset = kinks_[i][piece] - affine.point[i];
      half_spaces.push_back(std::move(upper));
    }
  }
  const Generators found = generators(static_cast<Index>(d), half_spaces);
  if (found.vertices.empty()) return {};
  const auto combine = [&](const RationalVector& t, RationalVector a) {
    for (std::size_t k = 0; k < d; ++k)
      for (std::size_t i = 0; i < n; ++i) a[i] += t[k] * affine.directions[k][i];
    return a;
  };
  SolutionSet set{.pattern = pattern};
  for (const RationalVector& t : found.vertices) set.vertices.push_back(combine(t, affine.point));
  for (const RationalVector& t : found.rays) {
    RationalVector ray = combine(t, RationalVector(n));
    Rational largest;
    for (const Rational& entry : ray) largest = std::max<Rational>(largest, abs(entry));
    for (Rational& entry : ray) entry /= largest;
    set.rays.push_back(std::move(ray));
  }
  sort_unique(set.vertices);
  sort_unique(set.rays);
  std::vector<RationalVector> spanning = set.rays;
  for (std::size_t k = 1; k < set.vertices.size(); ++k) {
    spanning.push_back(set.vertices[k]);
    for (std::size_t i = 0; i < n; ++i) spanning.back()[i] -= set.vertices[0][i];
  }
  set.dimension = rank_of(spanning);
  if (set.dimension == 0) return {.solution = located(set.vertices[0], pattern, 0)};
  return {.set = std::move(set)};
}

}  // namespace stillpoint::piecewise_linear
