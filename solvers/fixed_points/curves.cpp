// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fixed_points/curves.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "lib/core/parallel.hpp"
#include "solvers/fixed_points/newton_group.hpp"

namespace stillpoint::fixed_points {
namespace {

constexpr Index block_size = 16;  // curves a thread takes at a time

/// Eight curves; a lane that has ended takes the next curve of the block.
class Tracer {
 public:
  Tracer(const Map& map, const std::vector<Curve>& curves, const CurveOptions& options)
      : n_(map.size),
        curves_(curves),
        options_(options),
        group_(map),
        base_(group_.doubles()),
        tangent_(group_.doubles()),
        bend_(group_.doubles()),
        direction_(group_.doubles()) {}

  /// Crossings of curves begin … end − 1, one slot each.
  void run(Index begin, Index end, std::vector<std::vector<Vector>>& crossings, Index& steps) {
    next_ = begin;
    end_ = end;
    crossings_ = &crossings;
    for (Lane& lane : lanes_) lane.curve = -1;
    while (refill()) {
      step();
      for (const Lane& lane : lanes_) steps += lane.curve >= 0;
      advance();
    }
  }

 private:
  struct Lane {
    Index curve = -1;  // −1: idle
    Index steps = 0;
    bool fresh = true;        // no tangent yet
    double length = 0.0;      // of the step from the base
    double level = 0.0;       // s at the base
    double slope = 0.0;       // ds along the tangent
    double slope_bend = 0.0;  // its change along the curve
    double predicted = 0.0;   // s at the point
    Index corrections = 0;    // since the prediction
    double ratio = 0.0;       // length of the last correction over that of the step
    double first_ratio = 0.0;
  };

  static std::size_t slot(Index k) { return static_cast<std::size_t>(k); }

  bool refill() {
    bool any = false;
    for (Index k = 0; k < group_size; ++k) {
      Lane& lane = lanes_[slot(k)];
      if (lane.curve < 0 && next_ < end_) {
        lane = {.curve = next_++, .length = options_.first_step};
        const Curve& curve = curves_[slot(lane.curve)];
        lane.level = lane.predicted = curve.level;
        group_.set_point(k, curve.start);
        for (Index i = 0; i < n_; ++i) direction_.get()[i * group_size + k] = curve.direction(i);
      }
      any = any || lane.curve >= 0;
    }
    return any;
  }

  /// Newton step q and a = dy/ds at the points.
  void step() {
    group_.evaluate();
    std::copy_n(group_.residual(), group_.doubles(), group_.right(0));
    std::copy_n(direction_.get(), group_.doubles(), group_.right(1));
    group_.solve(2);
    const Index count = group_.doubles();
    tq_ = dot(tangent_.get(), group_.right(0), count);
    ta_ = dot(tangent_.get(), group_.right(1), count);
    qq_ = dot(group_.right(0), group_.right(0), count);
    qa_ = dot(group_.right(0), group_.right(1), count);
    aa_ = dot(group_.right(1), group_.right(1), count);
  }

  void advance() {
    for (Index k = 0; k < group_size; ++k)
      if (lanes_[slot(k)].curve >= 0) advance(k);
  }

  void advance(Index k) {
    const std::size_t j = slot(k);
    Lane& lane = lanes_[j];
    if (++lane.steps > options_.steps || !std::isfinite(aa_[j])) {
      lane.curve = -1;
      return;
    }
    const double norm = std::sqrt(1.0 + aa_[j]);
    if (lane.fresh) {
      settle(k, 0.0, curves_[slot(lane.curve)].sense, norm);
      return;
    }
    // (I − ∂Φ) dy − ds v = r + s v and t·dy + t_s ds = 0: dy = q + (s + ds) a.
    const double along = ta_[j] + lane.slope;
    const double ds = -(tq_[j] + lane.predicted * ta_[j]) / along;
    const double level = lane.predicted + ds;
    const double square = qq_[j] + level * (2.0 * qa_[j] + level * aa_[j]) + ds * ds;
    const double ratio = std::sqrt(std::max(0.0, square)) / lane.length;
    if (lane.corrections == 0) lane.first_ratio = ratio;
    const bool contracts = lane.corrections == 0 || ratio <= 0.6 * lane.ratio;
    const bool closed = ratio <= enough;
    if (!(ratio <= most) || !contracts || std::abs(along) < least_cosine * norm ||
        (!closed && lane.corrections == 3)) {
      lane.length *= std::clamp(std::sqrt(wanted / lane.first_ratio), 0.2, 0.6);
      if (lane.length < 1e-5 * options_.longest_step) {
        lane.curve = -1;
      } else {
        predict(k);
      }
    } else if (!closed) {
      lane.ratio = ratio;
      lane.predicted = level;
      ++lane.corrections;
      for (Index i = 0; i < n_; ++i) {
        const Index at = i * group_size + k;
        group_.points()[at] += group_.right(0)[at] + level * group_.right(1)[at];
      }
    } else {
      settle(k, level, along < 0.0 ? -1.0 : 1.0, norm);
    }
  }

  /// Takes the corrected point as the new base, notes a crossing on the way, and goes on.
  void settle(Index k, double level, double orientation, double norm) {
    Lane& lane = lanes_[slot(k)];
    const bool fresh = lane.fresh;
    if (fresh) level = lane.level;
    const bool crossing = !fresh && level * lane.level < 0.0;  // not at a start with s = 0
    const double part = crossing ? lane.level / (lane.level - level) : 0.0;
    Vector root(crossing ? n_ : 0);
    bool inside = true;
    for (Index i = 0; i < n_; ++i) {
      const Index at = i * group_size + k;
      const double q = group_.right(0)[at], a = group_.right(1)[at];
      const double place = fresh ? group_.points()[at] : group_.points()[at] + q + level * a;
      if (crossing) root(i) = base_.get()[at] + part * (place - base_.get()[at]);
      const double tangent = orientation * a / norm;
      bend_.get()[at] = fresh ? 0.0 : (tangent - tangent_.get()[at]) / lane.length;
      base_.get()[at] = place;
      tangent_.get()[at] = tangent;
      inside = inside && place >= options_.lower(i) && place <= options_.upper(i);
    }
    if (crossing) (*crossings_)[slot(lane.curve)].push_back(std::move(root));
    const double slope = orientation / norm;
    lane.slope_bend = fresh ? 0.0 : (slope - lane.slope) / lane.length;
    lane.slope = slope;
    lane.level = level;
    if (!fresh)
      lane.length =
          std::min(options_.longest_step,
                   lane.length * std::clamp(std::sqrt(wanted / lane.first_ratio), 0.5, 2.0));
    lane.fresh = false;
    if (!inside) {
      lane.curve = -1;
    } else {
      predict(k);
    }
  }

  void predict(Index k) {
    Lane& lane = lanes_[slot(k)];
    const double h = lane.length;
    for (Index i = 0; i < n_; ++i) {
      const Index at = i * group_size + k;
      group_.points()[at] = base_.get()[at] + h * (tangent_.get()[at] + 0.5 * h * bend_.get()[at]);
    }
    lane.predicted = lane.level + h * (lane.slope + 0.5 * h * lane.slope_bend);
    lane.corrections = 0;
  }

  // Corrections relative to the step: the largest that is tried again from where it leads, the
  // largest that is the last, and what the step length aims at. Least cosine of a step's turn.
  static constexpr double most = 0.6, enough = 0.25, wanted = 0.15, least_cosine = 0.3;

  Index n_;
  const std::vector<Curve>& curves_;
  const CurveOptions& options_;
  NewtonGroup group_;
  ensemble::AlignedArray base_, tangent_, bend_, direction_;
  PerPoint tq_{}, ta_{}, qq_{}, qa_{}, aa_{};
  std::array<Lane, group_size> lanes_;
  Index next_ = 0, end_ = 0;
  std::vector<std::vector<Vector>>* crossings_ = nullptr;
};

}  // namespace

Crossings trace(const Map& map, const std::vector<Curve>& curves, const CurveOptions& options) {
  const auto count = static_cast<Index>(curves.size());
  const Index blocks = (count + block_size - 1) / block_size;
  std::vector<std::vector<Vector>> crossings(curves.size());
  std::vector<Index> steps(static_cast<std::size_t>(blocks));
  parallel_for(blocks, options.threads, [&](Index block) {
    Tracer(map, curves, options)
        .run(block * block_size, std::min(count, (block + 1) * block_size), crossings,
             steps[static_cast<std::size_t>(block)]);
  });
  Crossings result;
  for (std::vector<Vector>& found : crossings)
    std::move(found.begin(), found.end(), std::back_inserter(result.points));
  for (const Index taken : steps) result.steps += taken;
  return result;
}

}  // namespace stillpoint::fixed_points
