// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/escape/quasi_potential.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <cmath>
#include <queue>
#include <utility>
#include <vector>

#include "lib/core/interrupt.hpp"
#include "lib/core/require.hpp"

namespace stillpoint::escape {
namespace {

constexpr const char* where = "quasi_potential";
using Point = Eigen::Vector2d;
using Metric = Eigen::Matrix2d;
constexpr double infinity = std::numeric_limits<double>::infinity();

/// Drift and inverse of a at the nodes and half-way between them: midpoints of any two nodes.
class HalfGrid {
 public:
  HalfGrid(Index points_x, Index points_y) : nx_(2 * points_x - 1), ny_(2 * points_y - 1) {
    drift_.resize(static_cast<std::size_t>(nx_ * ny_));
    metric_.resize(drift_.size());
  }

  Report fill(const Fields& fields, const Point& corner, const Point& width) {
    Vector x(2), b(2);
    Matrix sigma(2, fields.noise_size);
    for (Index j = 0; j < ny_; ++j)
      for (Index i = 0; i < nx_; ++i) {
        x << corner(0) + 0.5 * width(0) * static_cast<double>(i),
            corner(1) + 0.5 * width(1) * static_cast<double>(j);
        fields.drift(x, b);
        fields.diffusion(x, sigma);
        if (!b.allFinite() || !sigma.allFinite())
          return Report::failure(Status::non_finite_state,
                                 "drift or noise is not finite somewhere in the rectangle");
        const Metric a = sigma * sigma.transpose();
        if (!(a.determinant() > 1e-12 * a.trace() * a.trace()))
          return Report::failure(Status::outside_validity,
                                 "the noise does not act in all directions somewhere in the "
                                 "rectangle; minimum_action() takes such noise");
        drift_[j * nx_ + i] = b;
        metric_[j * nx_ + i] = a.inverse();
      }
    Report report;
    report.evaluations = nx_ * ny_;
    return report;
  }

  const Point& drift(Index i, Index j) const { return drift_[j * nx_ + i]; }
  const Metric& metric(Index i, Index j) const { return metric_[j * nx_ + i]; }

 private:
  Index nx_, ny_;
  std::vector<Point> drift_;
  std::vector<Metric> metric_;
};

/// Stationary covariance of dx = A x dt + σ dW in two dimensions: A C + C Aᵀ + a = 0.
Metric stationary_covariance(const Metric& A, const Metric& a) {
  Eigen::Matrix3d system;                       // for C₁₁, C₁₂, C₂₂
  system << 2.0 * A(0, 0), 2.0 * A(0, 1), 0.0,  //
      A(1, 0), A(0, 0) + A(1, 1), A(0, 1),      //
      0.0, 2.0 * A(1, 0), 2.0 * A(1, 1);
  const Eigen::Vector3d C =
      -system.partialPivLu().solve(Eigen::Vector3d(a(0, 0), a(0, 1), a(1, 1)));
  return (Metric() << C(0), C(1), C(1), C(2)).finished();
}

/// A node of the grid.
struct Node {
  Index i, j;
};

class OrderedLineIntegrals {
 public:
  OrderedLineIntegrals(const HalfGrid& grid, Index nx, Index ny, const Point& width, Index reach)
      : grid_(grid),
        nx_(nx),
        ny_(ny),
        width_(width),
        reach_(reach),
        value_(Matrix::Constant(nx, ny, infinity)),
        state_(static_cast<std::size_t>(nx * ny), State::unknown),
        best_(state_.size()) {}

  /// A value that is known beforehand.
  void begin_with(const Node& node, double value) { consider(node, value); }

  /// Accepts nodes by rising value until one lies on a side, and returns its value.
  double run() {
    while (!heap_.empty()) {
      const auto [value, place] = heap_.top();
      heap_.pop();
      if (state_[place] != State::considered) continue;  // an older, higher value
      const Node node{place % nx_, place / nx_};
      if ((++accepted_ & 1023) == 0) throw_if_interrupted();
      if (node.i == 0 || node.j == 0 || node.i == nx_ - 1 || node.j == ny_ - 1) {
        level_ = value;
        return value;
      }
      state_[place] = State::front;
      for_neighbours(node, [&](const Node& near) { leave_front(near); });
      leave_front(node);
      update_considered(node);
      for_neighbours(node, [&](const Node& near) {
        if (state(near) == State::unknown) update_new(near);
      });
    }
    return infinity;
  }

  /// Accepted values, NaN elsewhere.
  Matrix values() const {
    return value_.unaryExpr(
        [this](double u) { return u <= level_ ? u : std::numeric_limits<double>::quiet_NaN(); });
  }
  Index accepted() const { return accepted_; }

 private:
  enum class State : unsigned char { unknown, considered, front, inner };

  /// The lowest line from one front node.
  struct Best {
    double value = infinity;
    Node from{-1, -1};
  };

  Index place(const Node& node) const { return node.j * nx_ + node.i; }
  State state(const Node& node) const { return state_[place(node)]; }

  template <typename Visit>
  void for_square(const Node& node, Index radius, Visit&& visit) const {
    const Index top = std::min(ny_ - 1, node.j + radius),
                right = std::min(nx_ - 1, node.i + radius);
    for (Index j = std::max<Index>(0, node.j - radius); j <= top; ++j)
      for (Index i = std::max<Index>(0, node.i - radius); i <= right; ++i) visit(Node{i, j});
  }
  template <typename Visit>
  void for_neighbours(const Node& node, Visit&& visit) const {
    for_square(node, 1, [&](const Node& near) {
      if (near.i != node.i || near.j != node.j) visit(near);
    });
  }
  bool within_reach(const Node& a, const Node& b) const {
    const Index di = a.i - b.i, dj = a.j - b.j;
    return di * di + dj * dj <= reach_ * reach_;
  }
  static bool adjacent(const Node& a, const Node& b) {
    return std::abs(a.i - b.i) <= 1 && std::abs(a.j - b.j) <= 1;
  }

  void consider(const Node& node, double value) {
    double& current = value_(node.i, node.j);
    if (state(node) == State::considered && !(value < current)) return;
    if (!std::isfinite(value)) return;
    current = value;
    state_[place(node)] = State::considered;
    heap_.emplace(value, place(node));
  }

  /// A front node whose neighbours are all accepted is front no more.
  void leave_front(const Node& node) {
    if (state(node) != State::front) return;
    bool front = false;
    for_neighbours(node, [&](const Node& near) {
      front = front || state(near) == State::unknown || state(near) == State::considered;
    });
    if (!front) state_[place(node)] = State::inner;
  }

  void update_considered(const Node& from) {
    for_square(from, reach_, [&](const Node& node) {
      if (state(node) != State::considered || !within_reach(node, from)) return;
      Best& best = best_[place(node)];
      const double value = line(node, from);
      if (value < best.value) {
        best = {value, from};
        consider(node, value);
        from_triangles(node, from);
      } else if (best.from.i >= 0 && adjacent(best.from, from)) {
        consider(node, triangle(node, best.from, from));
      }
    });
  }

  void update_new(const Node& node) {
    Best best;
    for_square(node, reach_, [&](const Node& from) {
      if (state(from) != State::front || !within_reach(node, from)) return;
      const double value = line(node, from);
      if (value < best.value) best = {value, from};
    });
    best_[place(node)] = best;
    consider(node, best.value);
    if (best.from.i >= 0) from_triangles(node, best.from);
  }

  void from_triangles(const Node& node, const Node& from) {
    for_neighbours(from, [&](const Node& other) {
      if (state(other) == State::front) consider(node, triangle(node, from, other));
    });
  }

  Point displacement(const Node& to, const Node& from) const {
    return {width_(0) * static_cast<double>(to.i - from.i),
            width_(1) * static_cast<double>(to.j - from.j)};
  }

  /// U(from) + |d| |b| − ⟨d, b⟩, b half-way.
  double line(const Node& to, const Node& from) const {
    const Point d = displacement(to, from);
    const Point& b = grid_.drift(to.i + from.i, to.j + from.j);
    const Metric& M = grid_.metric(to.i + from.i, to.j + from.j);
    const Point Md = M * d;
    return value_(from.i, from.j) + std::sqrt(Md.dot(d) * b.dot(M * b)) - Md.dot(b);
  }

  /// Least value over lines from points (1 − s) p + s q of a side of the front, 0 < s < 1, with U,
  /// b and a⁻¹ interpolated; infinity if the least is at an end.
  double triangle(const Node& to, const Node& p, const Node& q) const {
    const Point d0 = displacement(to, p), slope = displacement(to, q) - d0;
    const Point& b0 = grid_.drift(to.i + p.i, to.j + p.j);
    const Metric& M0 = grid_.metric(to.i + p.i, to.j + p.j);
    const Point turn = grid_.drift(to.i + q.i, to.j + q.j) - b0;
    const Metric change = grid_.metric(to.i + q.i, to.j + q.j) - M0;
    const double u0 = value_(p.i, p.j), rise = value_(q.i, q.j) - u0;
    double value = 0.0;
    const auto derivative = [&](double s) {
      const Point d = d0 + s * slope, b = b0 + s * turn;
      const Metric M = M0 + s * change;
      const Point Md = M * d, Mb = M * b;
      const double length = std::sqrt(d.dot(Md)), speed = std::sqrt(b.dot(Mb));
      value = u0 + s * rise + length * speed - d.dot(Mb);
      const double length_slope = (slope.dot(Md) + 0.5 * d.dot(change * d)) / length;
      const double speed_slope =
          speed > 0.0 ? (turn.dot(Mb) + 0.5 * b.dot(change * b)) / speed : 0.0;
      return rise + length_slope * speed + length * speed_slope - slope.dot(Mb) - Md.dot(turn) -
             d.dot(change * b);
    };
    double left = 0.0, right = 1.0, f_left = derivative(left), f_right = derivative(right);
    if (!(f_left < 0.0 && f_right > 0.0)) return infinity;
    // Regula falsi with the Illinois rule.
    for (int side = 0, iteration = 0; iteration < 40; ++iteration) {
      const double s = (left * f_right - right * f_left) / (f_right - f_left);
      const double f = derivative(s);
      if (std::abs(f) <= 1e-9 * (f_right - f_left) || right - left < 1e-9) break;
      if (f < 0.0) {
        left = s;
        f_left = f;
        if (side == -1) f_right *= 0.5;
        side = -1;
      } else {
        right = s;
        f_right = f;
        if (side == 1) f_left *= 0.5;
        side = 1;
      }
    }
    return value;
  }

  const HalfGrid& grid_;
  Index nx_, ny_;
  Point width_;
  Index reach_;
  Matrix value_;
  std::vector<State> state_;
  std::vector<Best> best_;
  using Entry = std::pair<double, Index>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap_;
  double level_ = infinity;
  Index accepted_ = 0;
};

void require_sound(const Fields& fields, const Vector& attractor,
                   const QuasiPotentialOptions& options) {
  require_complete(fields, where);
  require(fields.state_size == 2, where, "state_size = ", fields.state_size, ", expected 2");
  require(options.lower.size() == 2 && options.upper.size() == 2 && options.lower.allFinite() &&
              options.upper.allFinite() && (options.lower.array() < options.upper.array()).all(),
          where, "lower and upper corner are to be two finite numbers each, lower < upper");
  for (const Index points : {options.points_x, options.points_y})
    require(points >= 17 && points <= 8193, where, points, " nodes, expected 17 to 8193");
  require(options.reach == 0 || (options.reach >= 2 && options.reach <= 200), where,
          "reach = ", options.reach, ", expected 2 to 200, or 0");
  require(attractor.size() == 2 && attractor.allFinite(), where, "attractor has ", attractor.size(),
          " entries or is not finite, expected 2");
}

/// So that the midpoint rule's error, (reach × mesh width)², is of first order like the rest.
Index default_reach(Index points) {
  return std::max<Index>(4, std::lround(0.6 * std::sqrt(static_cast<double>(points))));
}

}  // namespace

double QuasiPotential::at(double px, double py) const {
  const Index nx = x.size(), ny = y.size();
  if (nx < 2 || ny < 2 || !(px >= x(0) && px <= x(nx - 1) && py >= y(0) && py <= y(ny - 1)))
    return std::numeric_limits<double>::quiet_NaN();
  const double s = (px - x(0)) / (x(1) - x(0)), t = (py - y(0)) / (y(1) - y(0));
  const Index i = std::min(nx - 2, static_cast<Index>(s)),
              j = std::min(ny - 2, static_cast<Index>(t));
  const double fs = s - static_cast<double>(i), ft = t - static_cast<double>(j);
  return (1.0 - fs) * ((1.0 - ft) * values(i, j) + ft * values(i, j + 1)) +
         fs * ((1.0 - ft) * values(i + 1, j) + ft * values(i + 1, j + 1));
}

QuasiPotential quasi_potential(const Fields& fields, const Vector& attractor,
                               const QuasiPotentialOptions& options) {
  require_sound(fields, attractor, options);
  const Index nx = options.points_x, ny = options.points_y;
  const Point corner = options.lower, extent = options.upper - options.lower;
  const Point width{extent(0) / static_cast<double>(nx - 1),
                    extent(1) / static_cast<double>(ny - 1)};
  const Point place = (attractor - options.lower).cwiseQuotient(Vector(width));
  require(place.minCoeff() >= 4.0 && place(0) <= static_cast<double>(nx - 5) &&
              place(1) <= static_cast<double>(ny - 5),
          where, "the attractor is not four mesh widths inside the rectangle");
  const Metric A = drift_jacobian(fields, attractor);
  require(A.trace() < 0.0 && A.determinant() > 0.0, where,
          "the point does not attract: its Jacobian has trace ", A.trace(), " and determinant ",
          A.determinant());
  Vector b(2);
  fields.drift(attractor, b);
  const Point away = A.inverse() * Point(b);  // Newton's step back from the fixed point
  require(away.cwiseQuotient(width).norm() < 0.1, where,
          "the attractor is not a fixed point: the drift there is (", b(0), ", ", b(1),
          "), the fixed point ", away.norm(), " away; find it by fixed_points::find");

  QuasiPotential result{.x = Vector::LinSpaced(nx, options.lower(0), options.upper(0)),
                        .y = Vector::LinSpaced(ny, options.lower(1), options.upper(1))};
  HalfGrid grid(nx, ny);
  result.report = grid.fill(fields, corner, width);
  if (!result.report.ok()) return result;
  Matrix sigma(2, fields.noise_size);
  fields.diffusion(attractor, sigma);
  const Metric inverse = stationary_covariance(A, sigma * sigma.transpose()).inverse();

  OrderedLineIntegrals solver(grid, nx, ny, width,
                              options.reach > 0 ? options.reach : default_reach(std::max(nx, ny)));
  constexpr double radius = 3.0;  // mesh widths in which the linearisation is taken
  for (Index j = 0; j < ny; ++j)
    for (Index i = 0; i < nx; ++i) {
      const Point cells = Point(static_cast<double>(i), static_cast<double>(j)) - place;
      if (cells.norm() > radius) continue;
      const Point d = cells.cwiseProduct(width);
      solver.begin_with({i, j}, 0.5 * d.dot(inverse * d));
    }
  result.boundary_value = solver.run();
  result.values = solver.values();
  result.report.iterations = solver.accepted();
  return result;
}

}  // namespace stillpoint::escape
