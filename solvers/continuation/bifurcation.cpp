// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/continuation/bifurcation.hpp"

#include <Eigen/LU>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace stillpoint::continuation {
namespace {

constexpr double rounding = std::numeric_limits<double>::epsilon();

/// Value and Jacobian of a square system. @return False if a number is not finite.
using System = std::function<bool(const Vector& x, Vector& value, Matrix& jacobian)>;

/// Newton's method to rounding; the length of its last step, nothing without convergence.
std::optional<Vector> polish(const System& system, Vector& x) {
  constexpr int max_steps = 25;
  Vector value(x.size()), step;
  Matrix jacobian(x.size(), x.size());
  double previous = std::numeric_limits<double>::infinity();
  for (int k = 0; k < max_steps; ++k) {
    if (!system(x, value, jacobian)) return {};
    step = jacobian.partialPivLu().solve(-value);
    const double length = step.lpNorm<Eigen::Infinity>();
    const double scale = std::max(1.0, x.lpNorm<Eigen::Infinity>());
    if (!std::isfinite(length) || length > 10.0 * scale) return {};
    const bool small = length <= 1e-8 * scale;
    if (small && length > 0.5 * previous) return step;  // at rounding steps no longer contract
    x += step;
    if (length <= 1e-15 * scale) return step;
    previous = length;
  }
  return {};
}

/// Inside the domain of the map?
bool inside(const ParametricMap& map, const Vector& p) {
  return p.allFinite() && (p.array() >= map.lower.array()).all() &&
         (p.array() <= map.upper.array()).all();
}

/// Step of the differences of ∂F/∂y.
double difference_step(const Vector& y) {
  return 1e-4 * std::max(1.0, y.lpNorm<Eigen::Infinity>());
}

/// F_y − the part of residual() that needs no differences.
Matrix by_state(const ParametricMap& map, const Vector& y, const Vector& p) {
  Vector image(map.size);
  Matrix jacobian(map.size, map.size);
  map.map(p).evaluate(y, image, &jacobian);
  jacobian.diagonal().array() -= 1.0;
  return jacobian;
}

/// g and its derivatives at a point.
struct FoldFunction {
  double g = 0.0;
  Vector right, left;             // φ and ψ as the bordered systems have them
  Vector by_state, by_parameter;  // ∂g/∂y (n), ∂g/∂p (k)

  FoldFunction(const ParametricMap& map, const Matrix& F_y, const Vector& y, const Vector& p,
               const Vector& b, const Vector& c) {
    const Index n = map.size;
    Matrix bordered = Matrix::Zero(n + 1, n + 1);
    bordered << F_y, b, c.transpose(), 0.0;
    const Eigen::PartialPivLU<Matrix> lu(bordered);
    const Vector unit = Vector::Unit(n + 1, n);
    const Vector first = lu.solve(unit), second = lu.transpose().solve(unit);
    g = first(n);
    right = first.head(n);
    left = second.head(n);
    // δg = −ψᵀ δF_y φ, and ψᵀ (∂F_y/∂y_j) φ = (∂F_yᵀ/∂φ ψ)_j.
    const double h = difference_step(y) / right.norm();
    by_state = -(continuation::by_state(map, y + h * right, p) -
                 continuation::by_state(map, y - h * right, p))
                    .transpose() *
               left / (2.0 * h);
    by_parameter.resize(p.size());
    for (Index k = 0; k < p.size(); ++k) {
      Vector above = p, below = p;
      const double step = 1e-4 * std::max(1.0, std::abs(p(k)));
      above(k) = std::min(p(k) + step, map.upper(k));
      below(k) = std::max(p(k) - step, map.lower(k));
      by_parameter(k) = -left.dot((continuation::by_state(map, y, above) -
                                   continuation::by_state(map, y, below)) *
                                  right) /
                        (above(k) - below(k));
    }
  }

  /// ψᵀ F_yy φφ for |φ| = |ψ| = 1.
  double quadratic() const { return -by_state.dot(right) / (right.squaredNorm() * left.norm()); }
};

}  // namespace

std::string_view to_string(BifurcationKind kind) {
  switch (kind) {
    case BifurcationKind::fold:
      return "fold";
    case BifurcationKind::pitchfork:
      return "pitchfork";
    case BifurcationKind::transcritical:
      return "transcritical";
    case BifurcationKind::flip:
      return "flip";
    case BifurcationKind::neimark_sacker:
      return "neimark_sacker";
    case BifurcationKind::hopf:
      return "hopf";
    case BifurcationKind::degenerate:
      return "degenerate";
  }
  return "unknown";
}

Curve fixed_point_curve(const ParametricMap& map, double parameter_scale) {
  const Index n = map.size;
  Vector weights = Vector::Constant(n + 1, 1.0 / static_cast<double>(n));
  weights(n) = 1.0 / (parameter_scale * parameter_scale);
  return {.evaluate =
              [map, n](const Vector& u, Vector& value, Matrix* jacobian) {
                if (!u.allFinite() || !inside(map, u.tail(1))) return false;
                const ParametricResidual F = residual(map, u.head(n), u.tail(1));
                if (!F.finite()) return false;
                value = F.value;
                if (jacobian) *jacobian << F.by_state, F.by_parameter;
                return true;
              },
          .weights = weights};
}

std::optional<Fold> solve_fold(const ParametricMap& map, Vector y, Vector p, Index free) {
  const Index n = map.size;
  const Eigen::BDCSVD<Matrix> svd(by_state(map, y, p), Eigen::ComputeFullU | Eigen::ComputeFullV);
  const Vector b = svd.matrixU().col(n - 1), c = svd.matrixV().col(n - 1);
  Fold fold;
  const System system = [&](const Vector& x, Vector& value, Matrix& jacobian) {
    p(free) = x(n);
    if (!x.allFinite() || !inside(map, p)) return false;
    const ParametricResidual F = residual(map, x.head(n), p);
    if (!F.finite()) return false;
    const FoldFunction g(map, F.by_state, x.head(n), p, b, c);
    value << F.value, g.g;
    jacobian << F.by_state, F.by_parameter.col(free), g.by_state.transpose(), g.by_parameter(free);
    // What rounding in F makes of the parameter: ψᵀ F_p δp = −ψᵀ F.
    fold.error = std::abs(g.left.dot(F.value) / g.left.dot(F.by_parameter.col(free))) +
                 4.0 * rounding * std::abs(x(n));
    fold.quadratic = g.quadratic();
    fold.right = g.right.normalized();
    fold.left = g.left.normalized();
    return value.allFinite() && jacobian.allFinite();
  };
  Vector x(n + 1);
  x << y, p(free);
  const auto last = polish(system, x);
  if (!last) return {};
  fold.state = x.head(n);
  fold.parameters = p;
  fold.parameters(free) = x(n);
  fold.error += std::abs((*last)(n));
  return fold;
}

Curve fold_curve(const ParametricMap& map, const Vector& left, const Vector& right,
                 const Vector& scales) {
  const Index n = map.size, k = map.parameters();
  Vector weights = Vector::Constant(n + k, 1.0 / static_cast<double>(n));
  weights.tail(k) = scales.cwiseAbs2().cwiseInverse();
  return {.evaluate =
              [map, n, k, left, right](const Vector& u, Vector& value, Matrix* jacobian) {
                const Vector p = u.tail(k);
                if (!u.allFinite() || !inside(map, p)) return false;
                const ParametricResidual F = residual(map, u.head(n), p);
                if (!F.finite()) return false;
                const FoldFunction g(map, F.by_state, u.head(n), p, left, right);
                value << F.value, g.g;
                if (jacobian)
                  *jacobian << F.by_state, F.by_parameter, g.by_state.transpose(),
                      g.by_parameter.transpose();
                return value.allFinite() && (!jacobian || jacobian->allFinite());
              },
          .weights = weights};
}

Fold fold_at(const ParametricMap& map, const Vector& y, const Vector& p, const Vector& left,
             const Vector& right) {
  const FoldFunction g(map, by_state(map, y, p), y, p, left, right);
  return {.state = y,
          .parameters = p,
          .right = g.right.normalized(),
          .left = g.left.normalized(),
          .quadratic = g.quadratic()};
}

std::optional<BranchPoint> solve_branch_point(const ParametricMap& map, const Curve& curve,
                                              Vector u) {
  const Index n = map.size;
  const auto F_u = [&](const Vector& at) {
    const ParametricResidual F = residual(map, at.head(n), at.tail(1));
    Matrix both(n, n + 1);
    both << F.by_state, F.by_parameter;
    return both;
  };
  if (!inside(map, u.tail(1))) return {};
  const Vector lengths = curve.weights.cwiseSqrt();
  const Matrix scaled = F_u(u) * lengths.cwiseInverse().asDiagonal();
  if (!scaled.allFinite()) return {};
  const Eigen::BDCSVD<Matrix> svd(scaled, Eigen::ComputeFullU | Eigen::ComputeFullV);
  const Vector b = svd.matrixU().col(n - 1);
  // Cᵀ V = 1 makes V orthonormal in the curve's own product at the solution.
  const Matrix C = lengths.asDiagonal() * svd.matrixV().rightCols(2);
  Matrix V, gradients(n + 1, 2);
  BranchPoint point;
  const System system = [&](const Vector& x, Vector& value, Matrix& jacobian) {
    const Vector at = x.head(n + 1);
    if (!x.allFinite() || !inside(map, at.tail(1))) return false;
    const ParametricResidual F = residual(map, at.head(n), at.tail(1));
    if (!F.finite()) return false;
    Matrix bordered = Matrix::Zero(n + 2, n + 2);
    bordered.topRows(n) << F.by_state, F.by_parameter, b;
    bordered.bottomLeftCorner(2, n + 1) = C.transpose();
    const Eigen::PartialPivLU<Matrix> lu(bordered);
    Matrix right = Matrix::Zero(n + 2, 2);
    right.bottomRows(2).setIdentity();
    V = lu.solve(right).topRows(n + 1);
    const Vector left = lu.transpose().solve(Vector::Unit(n + 2, n + 1));
    const Vector psi = left.head(n);
    for (Index k = 0; k < 2; ++k) {
      const Vector direction = V.col(k);
      const double h = difference_step(at) / direction.norm();
      const Vector above = at + h * direction, below = at - h * direction;
      if (!inside(map, above.tail(1)) || !inside(map, below.tail(1))) return false;
      gradients.col(k) = -(F_u(above) - F_u(below)).transpose() * psi / (2.0 * h);
    }
    value << F.value + x(n + 1) * b, left.tail(2);
    jacobian.setZero();
    jacobian.topRows(n) << F.by_state, F.by_parameter, b;
    jacobian.bottomLeftCorner(2, n + 1) = gradients.transpose();
    point.error = std::abs(psi.dot(F.value)) + 4.0 * rounding * std::abs(at(n));
    return value.allFinite() && jacobian.allFinite();
  };
  Vector x(n + 2);
  x << u, 0.0;
  const auto last = polish(system, x);
  if (!last) return {};
  point.u = x.head(n + 1);
  point.unfolding = std::abs(x(n + 1));
  point.error += std::abs((*last)(n));
  // ψᵀ F_uu t t = 0 for t = V (α, β): H₁₁ α² + 2 H₁₂ αβ + H₂₂ β² = 0.
  const Matrix H = -V.transpose() * gradients;
  const double mixed = 0.5 * (H(0, 1) + H(1, 0)), size = H.norm();
  const double discriminant = mixed * mixed - H(0, 0) * H(1, 1);
  if (!(discriminant > 1e-6 * size * size)) return {};
  const double root = mixed + std::copysign(std::sqrt(discriminant), mixed);
  // The two roots of the form without cancellation.
  point.tangents[0] = V * Eigen::Vector2d(H(1, 1), -root);
  point.tangents[1] = V * Eigen::Vector2d(-root, H(0, 0));
  for (Vector& tangent : point.tangents) tangent /= curve.norm(tangent);
  return point;
}

}  // namespace stillpoint::continuation
