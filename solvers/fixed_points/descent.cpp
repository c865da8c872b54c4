// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fixed_points/descent.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "lib/core/parallel.hpp"
#include "solvers/fixed_points/newton_group.hpp"

namespace stillpoint::fixed_points {
namespace {

constexpr Index block_size = 64;  // starts a thread takes at a time
constexpr int halvings = 6;

/// Eight iterations; a lane that has ended takes the next start of the block.
class Descent {
 public:
  Descent(const Map& map, const Matrix& starts, const std::vector<Index>& relaxation,
          const DescentOptions& options)
      : n_(map.size),
        starts_(starts),
        relaxation_(relaxation),
        options_(options),
        group_(map),
        base_(group_.doubles()) {}

  void run(Index begin, Index end, std::vector<Ending>& endings) {
    const Matrix relaxed = relax(begin, end);
    Index next = begin;
    for (Lane& lane : lanes_) lane.start = -1;
    for (;;) {
      bool any = false;
      for (Index k = 0; k < group_size; ++k) {
        Lane& lane = lanes_[slot(k)];
        if (lane.start < 0 && next < end) {
          group_.set_point(k, relaxed.col(next - begin));
          lane = {.start = next++};
        }
        any = any || lane.start >= 0;
      }
      if (!any) return;
      step(endings);
    }
  }

 private:
  struct Lane {
    Index start = -1;  // −1: idle
    Index iterations = 0;
    bool pending = false;  // in the line search
    double length = 0.0;
    double norm = 0.0;  // of the residual at the base
  };

  static std::size_t slot(Index k) { return static_cast<std::size_t>(k); }

  /// The starts of a block after their iterations of the map.
  Matrix relax(Index begin, Index end) {
    Matrix relaxed = starts_.middleCols(begin, end - begin);
    for (Index first = begin; first < end; first += group_size) {
      const Index count = std::min(group_size, end - first);
      Index most = 0;
      std::array<bool, group_size> moving{};
      for (Index k = 0; k < count; ++k) {
        group_.set_point(k, starts_.col(first + k));
        most = std::max(most, relaxation_[slot(first + k)]);
        moving[slot(k)] = true;
      }
      for (Index t = 0; t < most; ++t) {
        group_.evaluate_residual();
        const PerPoint size = largest(group_.points(), group_.doubles());
        const PerPoint move = largest(group_.residual(), group_.doubles());
        for (Index k = 0; k < count; ++k) {
          // An orbit that runs away, or a NaN, stops where it is.
          if (!(move[slot(k)] <= 1e6 * std::max(1.0, size[slot(k)]))) moving[slot(k)] = false;
          if (!moving[slot(k)] || t >= relaxation_[slot(first + k)]) continue;
          for (Index i = 0; i < n_; ++i)
            group_.points()[i * group_size + k] += group_.residual()[i * group_size + k];
        }
      }
      for (Index k = 0; k < count; ++k) relaxed.col(first - begin + k) = group_.point(k);
    }
    return relaxed;
  }

  void end(Index k, bool converged, double step, std::vector<Ending>& endings) {
    Lane& lane = lanes_[slot(k)];
    endings[slot(lane.start)] = {
        group_.point(k),
        {.converged = converged, .finite = true, .step = step, .iterations = lane.iterations}};
    lane.start = -1;
  }

  void step(std::vector<Ending>& endings) {
    constexpr double rounding = 4.0 * std::numeric_limits<double>::epsilon();
    const Index count = group_.doubles();
    group_.evaluate();
    std::copy_n(group_.residual(), count, group_.right(0));
    group_.solve(1);
    const PerPoint size = largest(group_.points(), count);
    const PerPoint residual = largest(group_.residual(), count);
    const PerPoint length = largest(group_.right(0), count);
    const PerPoint square = dot(group_.residual(), group_.residual(), count);
    bool searching = false;
    for (Index k = 0; k < group_size; ++k) {
      Lane& lane = lanes_[slot(k)];
      if (lane.start < 0) continue;
      const double scale = std::max(1.0, size[slot(k)]), step = length[slot(k)];
      if (!std::isfinite(step) || lane.iterations >= options_.max_iterations) {
        const bool finite = std::isfinite(residual[slot(k)]);
        const auto ended = slot(lane.start);
        // A singular matrix at a root to rounding: the root is degenerate.
        end(k, residual[slot(k)] <= rounding * scale, residual[slot(k)], endings);
        endings[ended].result.finite = finite;
        continue;
      }
      if (residual[slot(k)] <= rounding * scale) {
        end(k, true, step, endings);
        continue;
      }
      if (step <= 1e-9 * scale && residual[slot(k)] <= options_.tolerance * scale) {
        for (Index i = 0; i < n_; ++i)
          group_.points()[i * group_size + k] += group_.right(0)[i * group_size + k];
        end(k, true, step * step / scale, endings);  // quadratic convergence
        continue;
      }
      lane.norm = std::sqrt(square[slot(k)]);
      lane.length = 1.0;
      lane.pending = searching = true;
    }
    if (searching) search_line(endings);
  }

  /// Halves the steps while the residual grows; ends those that this does not help.
  void search_line(std::vector<Ending>& endings) {
    const Index count = group_.doubles();
    std::copy_n(group_.points(), count, base_.get());
    if (options_.deflated.cols() > 0) deflate_steps(endings);
    for (int halving = 0; halving <= halvings; ++halving) {
      for (Index k = 0; k < group_size; ++k) {
        const Lane& lane = lanes_[slot(k)];
        if (!lane.pending) continue;
        for (Index i = 0; i < n_; ++i) {
          const Index at = i * group_size + k;
          group_.points()[at] = base_.get()[at] + lane.length * group_.right(0)[at];
        }
      }
      group_.evaluate_residual();
      const PerPoint square = dot(group_.residual(), group_.residual(), count);
      bool pending = false;
      for (Index k = 0; k < group_size; ++k) {
        Lane& lane = lanes_[slot(k)];
        if (!lane.pending) continue;
        double norm = std::sqrt(square[slot(k)]);
        if (options_.deflated.cols() > 0)
          norm *= std::exp(log_deflation(group_.point(k)) - deflation_[slot(k)]);
        if (norm <= (1.0 - 0.1 * lane.length) * lane.norm) {
          lane.pending = false;
          ++lane.iterations;
        } else {
          lane.length *= 0.5;
          pending = true;
        }
      }
      if (!pending) return;
    }
    for (Index k = 0; k < group_size; ++k)
      if (lanes_[slot(k)].pending) {
        lanes_[slot(k)].pending = false;
        end(k, false, 0.0, endings);
      }
  }

  /// log m(y)
  double log_deflation(const Vector& y) const {
    return (options_.deflated.colwise() - y)
        .colwise()
        .squaredNorm()
        .array()
        .inverse()
        .log1p()
        .sum();
  }

  void deflate_steps(std::vector<Ending>& endings) {
    Vector p(n_);
    for (Index k = 0; k < group_size; ++k) {
      Lane& lane = lanes_[slot(k)];
      if (!lane.pending) continue;
      const Vector y = group_.point(k);
      for (Index i = 0; i < n_; ++i) p(i) = group_.right(0)[i * group_size + k];
      const Matrix away = (-options_.deflated).colwise() + y;
      const Eigen::ArrayXd square = away.colwise().squaredNorm().transpose();
      const Eigen::ArrayXd along = (away.transpose() * p).array();
      const double turn = 1.0 + (2.0 * along / (square * (square + 1.0))).sum();
      for (Index i = 0; i < n_; ++i) group_.right(0)[i * group_size + k] /= turn;
      deflation_[slot(k)] = log_deflation(y);
      // At a known point m is infinite; the matrix of m F may be singular.
      if (std::isfinite(deflation_[slot(k)]) && std::abs(turn) > 1e-10) continue;
      lane.pending = false;
      end(k, false, 0.0, endings);
    }
  }

  Index n_;
  const Matrix& starts_;
  const std::vector<Index>& relaxation_;
  const DescentOptions& options_;
  NewtonGroup group_;
  ensemble::AlignedArray base_;
  PerPoint deflation_{};
  std::array<Lane, group_size> lanes_;
};

}  // namespace

std::vector<Ending> descend(const Map& map, const Matrix& starts,
                            const std::vector<Index>& relaxation, const DescentOptions& options) {
  std::vector<Ending> endings(static_cast<std::size_t>(starts.cols()));
  const Index blocks = (starts.cols() + block_size - 1) / block_size;
  parallel_for(blocks, options.threads, [&](Index block) {
    Descent(map, starts, relaxation, options)
        .run(block * block_size, std::min(starts.cols(), (block + 1) * block_size), endings);
  });
  return endings;
}

}  // namespace stillpoint::fixed_points
