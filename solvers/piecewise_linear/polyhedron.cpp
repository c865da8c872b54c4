// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/piecewise_linear/polyhedron.hpp"

#include <algorithm>
#include <utility>

namespace stillpoint::piecewise_linear {
namespace {

/// A ray of the cone over the polyhedron, (τ, t), and the constraints it fulfils with equality.
struct Ray {
  RationalVector direction;
  std::vector<bool> tight;
};

Rational product(const RationalVector& a, const RationalVector& b) {
  Rational sum;
  for (std::size_t k = 0; k < a.size(); ++k) sum += a[k] * b[k];
  return sum;
}

/// v − factor l.
void subtract(RationalVector& v, const Rational& factor, const RationalVector& l) {
  for (std::size_t k = 0; k < v.size(); ++k) v[k] -= factor * l[k];
}

/// Scales so that the first entry that is not zero is ±1.
void normalize(RationalVector& v) {
  const auto first = std::find_if(v.begin(), v.end(), [](const auto& x) { return sgn(x) != 0; });
  if (first == v.end()) return;
  const Rational size = abs(*first);
  for (Rational& entry : v) entry /= size;
}

/// The cone {x: constraint·x ≥ 0 for all constraints so far} as lines and rays.
class Cone {
 public:
  explicit Cone(std::size_t dimension) {
    for (std::size_t k = 0; k < dimension; ++k) {
      lines_.emplace_back(dimension);
      lines_.back()[k] = 1;
    }
  }

  void intersect(const RationalVector& constraint) {
    const auto crossing = std::find_if(lines_.begin(), lines_.end(), [&](const auto& line) {
      return sgn(product(constraint, line)) != 0;
    });
    if (crossing != lines_.end()) {
      cut_line(constraint, crossing);
    } else {
      cut_rays(constraint);
    }
    ++constraints_;
  }

  const std::vector<RationalVector>& lines() const { return lines_; }
  const std::vector<Ray>& rays() const { return rays_; }

 private:
  /// One line becomes a ray, everything else is moved along it onto the boundary.
  void cut_line(const RationalVector& constraint, std::vector<RationalVector>::iterator crossing) {
    RationalVector line = std::move(*crossing);
    lines_.erase(crossing);
    Rational height = product(constraint, line);
    if (sgn(height) < 0) {
      for (Rational& entry : line) entry = -entry;
      height = -height;
    }
    for (RationalVector& other : lines_) subtract(other, product(constraint, other) / height, line);
    for (Ray& ray : rays_) {
      subtract(ray.direction, product(constraint, ray.direction) / height, line);
      ray.tight.push_back(true);
    }
    std::vector<bool> tight(constraints_, true);
    tight.push_back(false);
    rays_.push_back({std::move(line), std::move(tight)});
  }

  bool adjacent(const Ray& a, const Ray& b) const {
    std::vector<std::size_t> common;
    for (std::size_t k = 0; k < constraints_; ++k)
      if (a.tight[k] && b.tight[k]) common.push_back(k);
    return std::none_of(rays_.begin(), rays_.end(), [&](const Ray& other) {
      return &other != &a && &other != &b &&
             std::all_of(common.begin(), common.end(),
                         [&](std::size_t k) { return other.tight[k]; });
    });
  }

  /// Rays outside are replaced by those in which edges to their neighbours cross the boundary.
  void cut_rays(const RationalVector& constraint) {
    std::vector<Rational> heights;
    for (const Ray& ray : rays_) heights.push_back(product(constraint, ray.direction));
    std::vector<Ray> kept;
    for (std::size_t a = 0; a < rays_.size(); ++a) {
      if (sgn(heights[a]) >= 0) {
        kept.push_back(rays_[a]);
        kept.back().tight.push_back(sgn(heights[a]) == 0);
      }
      if (sgn(heights[a]) <= 0) continue;
      for (std::size_t b = 0; b < rays_.size(); ++b) {
        if (sgn(heights[b]) >= 0 || !adjacent(rays_[a], rays_[b])) continue;
        Ray edge = rays_[a];
        subtract(edge.direction, heights[a] / heights[b], rays_[b].direction);
        for (std::size_t k = 0; k < constraints_; ++k)
          edge.tight[k] = rays_[a].tight[k] && rays_[b].tight[k];
        edge.tight.push_back(true);
        normalize(edge.direction);
        kept.push_back(std::move(edge));
      }
    }
    rays_ = std::move(kept);
  }

  std::vector<RationalVector> lines_;
  std::vector<Ray> rays_;
  std::size_t constraints_ = 0;
};

RationalVector tail(const RationalVector& v) { return {v.begin() + 1, v.end()}; }

}  // namespace

Generators generators(Index dimension, const std::vector<HalfSpace>& half_spaces) {
  const auto d = static_cast<std::size_t>(dimension);
  Cone cone(d + 1);
  RationalVector constraint(d + 1);
  constraint[0] = 1;
  cone.intersect(constraint);
  for (const HalfSpace& half_space : half_spaces) {
    constraint[0] = half_space.offset;
    std::copy(half_space.normal.begin(), half_space.normal.end(), constraint.begin() + 1);
    cone.intersect(constraint);
  }
  Generators result;
  for (const Ray& ray : cone.rays()) {
    RationalVector t = tail(ray.direction);
    if (sgn(ray.direction[0]) > 0) {
      for (Rational& entry : t) entry /= ray.direction[0];
      result.vertices.push_back(std::move(t));
    } else {
      normalize(t);
      result.rays.push_back(std::move(t));
    }
  }
  for (const RationalVector& line : cone.lines()) {
    RationalVector t = tail(line);
    normalize(t);
    result.rays.push_back(t);
    for (Rational& entry : t) entry = -entry;
    result.rays.push_back(std::move(t));
  }
  if (result.vertices.empty()) result.rays.clear();
  std::sort(result.vertices.begin(), result.vertices.end());
  std::sort(result.rays.begin(), result.rays.end());
  return result;
}

}  // namespace stillpoint::piecewise_linear
