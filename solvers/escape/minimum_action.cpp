// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/escape/minimum_action.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <numeric>
#include <variant>

#include "lib/core/require.hpp"
#include "solvers/escape/shooting.hpp"

namespace stillpoint::escape {
namespace {

constexpr const char* where = "minimum_action";
constexpr double relaxation_times = 12.0;

/// Steps of a diffusion by the implicit midpoint rule on a given mesh:
/// x' = x + v(z, u), v = h b(z) + √h σ(z) u, z = (x + x')/2.
class DiffusionStages {
 public:
  DiffusionStages(const Fields& fields, Vector times) : fields_(fields), times_(std::move(times)) {}

  Index state_size() const { return fields_.state_size; }
  Index noise_size() const { return fields_.noise_size; }
  Index steps() const { return times_.size() - 1; }

  bool advance(Index k, const Vector& x, const Vector& u, Vector& next) const {
    const Index n = state_size();
    Vector z = x, v(n);
    for (int iteration = 0; iteration < 30; ++iteration) {
      displacement(k, z, u, v);
      const Vector residual = z - x - 0.5 * v;
      if (!residual.allFinite()) return false;
      const Matrix slope = Matrix::Identity(n, n) - 0.5 * jacobian(k, z, u);
      const Vector change = slope.partialPivLu().solve(residual);
      z -= change;
      if (change.norm() <= 1e-15 * (1.0 + z.norm()) ||
          (iteration > 3 && change.norm() <= 1e-12 * (1.0 + z.norm()))) {
        next = 2.0 * z - x;
        return next.allFinite();
      }
    }
    return false;
  }

  void slopes(Index k, const Vector& x, const Vector& u, const Vector& next,
              StageSlopes& slopes) const {
    const Index n = state_size();
    const Vector z = 0.5 * (x + next);
    const Matrix half = 0.5 * jacobian(k, z, u);
    const auto factor = (Matrix::Identity(n, n) - half).partialPivLu();
    slopes.x = factor.solve(Matrix::Identity(n, n) + half);
    Matrix sigma(n, noise_size());
    fields_.diffusion(z, sigma);
    slopes.u = factor.solve(std::sqrt(step(k)) * sigma);
  }

  /// d²(p·x') = q·d²v with q = (I − v_z/2)⁻ᵀ p and dz = ½(dx + dx').
  void curvature(Index k, const Vector& x, const Vector& u, const Vector& next,
                 const StageSlopes& slopes, const Vector& p, StageCurvature& curvature) const {
    const Index n = state_size(), m = noise_size();
    Vector z = 0.5 * (x + next);
    const Matrix left = Matrix::Identity(n, n) - 0.5 * jacobian(k, z, u);
    const Vector q = left.transpose().partialPivLu().solve(p);
    Matrix zz(n, n), uz = Matrix::Zero(m, n), above(n, m), below(n, m);
    for (Index j = 0; j < n; ++j) {
      const double place = z(j), h = 1e-4 * std::max(1.0, std::abs(place));
      z(j) = place + h;
      zz.col(j) = jacobian(k, z, u).transpose() * q;
      if (!fields_.additive_noise) fields_.diffusion(z, above);
      z(j) = place - h;
      zz.col(j) -= jacobian(k, z, u).transpose() * q;
      if (!fields_.additive_noise) {
        fields_.diffusion(z, below);
        uz.col(j) = std::sqrt(step(k)) * (above - below).transpose() * q / (2.0 * h);
      }
      zz.col(j) /= 2.0 * h;
      z(j) = place;
    }
    zz = 0.5 * (zz + zz.transpose()).eval();
    const Matrix zx = 0.5 * (Matrix::Identity(n, n) + slopes.x), zu = 0.5 * slopes.u;
    curvature.xx = zx.transpose() * zz * zx;
    curvature.ux = zu.transpose() * zz * zx + uz * zx;
    const Matrix cross = uz * zu;
    curvature.uu = zu.transpose() * zz * zu + cross + cross.transpose();
  }

 private:
  double step(Index k) const { return times_(k + 1) - times_(k); }

  void displacement(Index k, const Vector& z, const Vector& u, Vector& v) const {
    Matrix sigma(state_size(), noise_size());
    fields_.drift(z, v);
    fields_.diffusion(z, sigma);
    v = step(k) * v + std::sqrt(step(k)) * (sigma * u);
  }

  /// ∂v/∂z; the part of a σ that depends on z by central differences.
  Matrix jacobian(Index k, const Vector& z, const Vector& u) const {
    Matrix result = step(k) * drift_jacobian(fields_, z);
    if (fields_.additive_noise) return result;
    const Index n = state_size();
    Matrix above(n, noise_size()), below(n, noise_size());
    Vector shifted = z;
    for (Index j = 0; j < n; ++j) {
      const double h = 6e-6 * std::max(1.0, std::abs(z(j)));
      shifted(j) = z(j) + h;
      fields_.diffusion(shifted, above);
      shifted(j) = z(j) - h;
      fields_.diffusion(shifted, below);
      shifted(j) = z(j);
      result.col(j) += std::sqrt(step(k)) / (2.0 * h) * ((above - below) * u);
    }
    return result;
  }

  const Fields& fields_;
  Vector times_;
};

/// Steps of a chain; u is (ξ of the units with noise inside, ξ' of the states with noise).
class ChainStages {
 public:
  ChainStages(const models::NoisyChain& chain, const Vector& input, Index steps)
      : chain_(chain),
        argument_offset_(chain.argument_offset(input)),
        state_offset_(chain.state_offset(input)),
        steps_(steps) {
    for (Index i = 0; i < chain.units(); ++i)
      if (chain.argument_sd()(i) > 0.0) inside_.push_back(i);
    for (Index j = 0; j < chain.state_size(); ++j)
      if (chain.state_sd()(j) > 0.0) outside_.push_back(j);
  }

  Index state_size() const { return chain_.state_size(); }
  Index noise_size() const { return static_cast<Index>(inside_.size() + outside_.size()); }
  Index steps() const { return steps_; }

  bool advance(Index, const Vector& x, const Vector& u, Vector& next) const {
    Vector a = argument(x, u);
    for (double& value : a) value = activations::value(chain_.activation(), value);
    next = chain_.retention().cwiseProduct(x) + chain_.gain() * a + state_offset_;
    for (std::size_t j = 0; j < outside_.size(); ++j)
      next(outside_[j]) += chain_.state_sd()(outside_[j]) * u(first_outside() + Index(j));
    return next.allFinite();
  }

  void slopes(Index, const Vector& x, const Vector& u, const Vector&, StageSlopes& slopes) const {
    const Matrix gain = chain_.gain() * derivative(1, argument(x, u)).asDiagonal();
    slopes.x = gain * chain_.argument_weights();
    slopes.x.diagonal() += chain_.retention();
    slopes.u = Matrix::Zero(state_size(), noise_size());
    for (std::size_t i = 0; i < inside_.size(); ++i)
      slopes.u.col(Index(i)) = chain_.argument_sd()(inside_[i]) * gain.col(inside_[i]);
    for (std::size_t j = 0; j < outside_.size(); ++j)
      slopes.u(outside_[j], first_outside() + Index(j)) = chain_.state_sd()(outside_[j]);
  }

  void curvature(Index, const Vector& x, const Vector& u, const Vector&, const StageSlopes&,
                 const Vector& p, StageCurvature& curvature) const {
    const Vector w = (chain_.gain().transpose() * p).cwiseProduct(derivative(2, argument(x, u)));
    const Matrix& B = chain_.argument_weights();
    curvature.xx = B.transpose() * w.asDiagonal() * B;
    curvature.ux = Matrix::Zero(noise_size(), state_size());
    curvature.uu = Matrix::Zero(noise_size(), noise_size());
    for (std::size_t i = 0; i < inside_.size(); ++i) {
      const double s = chain_.argument_sd()(inside_[i]), weight = w(inside_[i]);
      curvature.ux.row(Index(i)) = s * weight * B.row(inside_[i]);
      curvature.uu(Index(i), Index(i)) = s * s * weight;
    }
  }

 private:
  Index first_outside() const { return static_cast<Index>(inside_.size()); }

  Vector argument(const Vector& x, const Vector& u) const {
    Vector a = argument_offset_ + chain_.argument_weights() * x;
    for (std::size_t i = 0; i < inside_.size(); ++i)
      a(inside_[i]) += chain_.argument_sd()(inside_[i]) * u(Index(i));
    return a;
  }

  Vector derivative(int order, Vector a) const {
    for (double& value : a) value = activations::derivative(chain_.activation(), order, value);
    return a;
  }

  const models::NoisyChain& chain_;
  Vector argument_offset_, state_offset_;
  Index steps_;
  std::vector<Index> inside_, outside_;
};

void require_sound(const MinimumActionOptions& options, Index n, const Vector& start,
                   const Target& target) {
  require(start.size() == n && start.allFinite(), where, "start has ", start.size(),
          " entries or is not finite, expected ", n);
  require(target.rows.cols() == n && target.rows.rows() == target.value.size() &&
              target.value.size() > 0 && target.rows.allFinite() && target.value.allFinite(),
          where, "the target's rows are (", target.rows.rows(), ", ", target.rows.cols(), ") with ",
          target.value.size(), " finite values, expected (k, ", n, ") and k");
  require(target.rows.fullPivLu().rank() == target.rows.rows(), where,
          "the target's rows are linearly dependent");
  require((target.rows * start - target.value).cwiseAbs().maxCoeff() > 0.0, where,
          "the start is on the target");
  require(options.points >= 8, where, "points = ", options.points, ", expected >= 8");
  require(options.duration >= 0.0 && std::isfinite(options.duration), where,
          "duration = ", options.duration, ", expected >= 0");
  require(options.remeshes >= 0, where, "remeshes = ", options.remeshes, ", expected >= 0");
  require(options.guide.size() == 0 ||
              (options.guide.rows() == n && options.guide.cols() >= 2 && options.guide.allFinite()),
          where, "guide is (", options.guide.rows(), ", ", options.guide.cols(),
          ") or not finite, expected (", n, ", 2 or more)");
  require(options.tolerance > 0.0, where, "tolerance = ", options.tolerance, ", expected > 0");
  require(options.max_iterations > 0, where, "max_iterations = ", options.max_iterations,
          ", expected > 0");
}

/// Points of the polygon through the columns at the given shares of its length, ascending in [0,
/// 1].
Matrix points_of(const Matrix& polygon, const Vector& shares) {
  const Index last = polygon.cols() - 1;
  Vector length = Vector::Zero(last + 1);
  for (Index k = 0; k < last; ++k)
    length(k + 1) = length(k) + (polygon.col(k + 1) - polygon.col(k)).norm();
  Matrix result(polygon.rows(), shares.size());
  Index piece = 0;
  for (Index j = 0; j < shares.size(); ++j) {
    const double place = shares(j) * length(last);
    while (piece + 1 < last && length(piece + 1) < place) ++piece;
    const double width = length(piece + 1) - length(piece);
    const double share = width > 0.0 ? std::min(1.0, (place - length(piece)) / width) : 0.0;
    result.col(j) = (1.0 - share) * polygon.col(piece) + share * polygon.col(piece + 1);
  }
  return result;
}

/// The first path on a time mesh: the guide, or a straight line, through the middle half of it.
Matrix first_guide(const MinimumActionOptions& options, const Vector& start, const Target& target,
                   const Vector& times) {
  Matrix polygon = options.guide;
  if (polygon.size() == 0) {
    polygon.resize(start.size(), 2);
    polygon.col(0) = start;
    polygon.col(1) = start + target.rows.completeOrthogonalDecomposition().solve(
                                 target.value - target.rows * start);
  }
  const double end = times(times.size() - 1);
  const Vector shares = ((times / end).array() * 2.0 - 0.5).cwiseMax(0.0).cwiseMin(1.0);
  return points_of(polygon, shares);
}

/// 12 over the slowest rate among the eigenvalues; infinite if one does not move.
double slow_time(const Vector& rates) { return relaxation_times / rates.cwiseAbs().minCoeff(); }

/// The target's point if it is one, else nothing.
bool is_point(const Target& target) { return target.rows.rows() == target.rows.cols(); }
Vector point_of(const Target& target) { return target.rows.partialPivLu().solve(target.value); }

constexpr const char* no_rest =
    "the start does not attract nearby states; give a duration or another start";

double duration_of(const Fields& fields, const Vector& start, const Target& target) {
  const auto rates = [&](const Vector& x) -> Vector {
    return drift_jacobian(fields, x).eigenvalues().real();
  };
  const Vector at_start = rates(start);
  require(at_start.maxCoeff() < 0.0, where, no_rest);
  double duration = slow_time(at_start);
  if (is_point(target)) {
    const Vector end = point_of(target);
    Vector b(end.size());
    fields.drift(end, b);
    const double longest = slow_time(rates(end));
    if (b.norm() * longest <= 1e-5 * (end - start).norm()) duration += longest;
  }
  return duration;
}

/// Mesh on which the path has equal lengths, a third of its points equidistant in time.
Vector equidistant(const Vector& times, const Matrix& states) {
  const Index N = times.size() - 1;
  Vector length = Vector::Zero(N + 1);
  for (Index k = 0; k < N; ++k)
    length(k + 1) = length(k) + (states.col(k + 1) - states.col(k)).norm();
  const Vector monitor = length / length(N) * (2.0 / 3.0) + times / times(N) / 3.0;
  Vector mesh = times;
  Index piece = 0;
  for (Index j = 1; j < N; ++j) {
    const double place = static_cast<double>(j) / static_cast<double>(N) * monitor(N);
    while (monitor(piece + 1) < place) ++piece;
    const double share = (place - monitor(piece)) / (monitor(piece + 1) - monitor(piece));
    mesh(j) = times(piece) + share * (times(piece + 1) - times(piece));
  }
  return mesh;
}

/// Linear interpolation of states in time.
Matrix interpolate(const Vector& times, const Matrix& states, const Vector& mesh) {
  Matrix result(states.rows(), mesh.size());
  Index piece = 0;
  for (Index j = 0; j < mesh.size(); ++j) {
    while (piece + 2 < times.size() && times(piece + 1) < mesh(j)) ++piece;
    const double share = (mesh(j) - times(piece)) / (times(piece + 1) - times(piece));
    result.col(j) = (1.0 - share) * states.col(piece) + share * states.col(piece + 1);
  }
  return result;
}

}  // namespace

MinimumActionPath minimum_action(const Fields& fields, const Vector& start, const Target& target,
                                 const MinimumActionOptions& options) {
  require_complete(fields, where);
  require_sound(options, fields.state_size, start, target);
  const double duration =
      options.duration > 0.0 ? options.duration : duration_of(fields, start, target);
  Vector times = Vector::LinSpaced(options.points + 1, 0.0, duration);
  Matrix guide = first_guide(options, start, target, times);
  MinimumActionPath path;
  Index iterations = 0;
  for (Index mesh = 0;; ++mesh) {
    const DiffusionStages stages(fields, times);
    Shooting shooting(stages, start, target, options);
    shooting.solve(guide);
    path = shooting.answer();
    iterations += path.report.iterations;
    path.times = times;
    if (!path.report.ok() || mesh == options.remeshes) break;
    const Vector next = equidistant(times, path.states);
    guide = interpolate(times, path.states, next);
    times = next;
  }
  path.report.iterations = iterations;
  return path;
}

MinimumActionPath minimum_action(const models::NoisyChain& chain, const Vector& input,
                                 const Vector& start, const Target& target,
                                 const MinimumActionOptions& options) {
  require_sound(options, chain.state_size(), start, target);
  const ChainStages one_step(chain, input, 1);
  require(one_step.noise_size() > 0, where, "the chain has no noise");
  double duration = options.duration;
  if (duration == 0.0) {
    const auto rates = [&](const Vector& x) -> Vector {
      StageSlopes slopes;
      one_step.slopes(0, x, Vector::Zero(one_step.noise_size()), x, slopes);
      return slopes.x.eigenvalues().cwiseAbs().array().cwiseMax(1e-300).log();
    };
    const Vector at_start = rates(start);
    require(at_start.maxCoeff() < 0.0, where, no_rest);
    duration = slow_time(at_start);
    if (is_point(target)) {
      const Vector end = point_of(target);
      Vector next;
      one_step.advance(0, end, Vector::Zero(one_step.noise_size()), next);
      const double longest = slow_time(rates(end));
      if ((next - end).norm() <= 1e-6 && std::isfinite(longest)) duration += longest;
    }
  }
  require(duration < 1e6, where, "the path would take ", duration, " steps, expected below 1e6");
  const auto steps = static_cast<Index>(std::ceil(std::max(duration, 2.0)));
  const ChainStages stages(chain, input, steps);
  const Vector times = Vector::LinSpaced(steps + 1, 0.0, static_cast<double>(steps));
  Shooting shooting(stages, start, target, options);
  shooting.solve(first_guide(options, start, target, times));
  MinimumActionPath path = shooting.answer();
  path.times = times;
  return path;
}

}  // namespace stillpoint::escape
