// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <concepts>
#include <vector>

#include "lib/core/interrupt.hpp"
#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "solvers/escape/minimum_action.hpp"

namespace stillpoint::escape {

/// First derivatives of one stage x' = F_k(x, u).
struct StageSlopes {
  Matrix x;  ///< ∂F/∂x, (n, n)
  Matrix u;  ///< ∂F/∂u, (n, m)
};

/// Second derivatives of p·F_k(x, u).
struct StageCurvature {
  Matrix xx, ux, uu;  ///< (n, n), (m, n), (m, m)
};

/// @brief A controlled process x_{k+1} = F_k(x_k, u_k), k = 0 … steps − 1.
template <typename S>
concept Stages = requires(const S& stages, Index k, const Vector& x, const Vector& u, Vector& next,
                          StageSlopes& slopes, StageCurvature& curvature) {
  { stages.state_size() } -> std::convertible_to<Index>;
  { stages.noise_size() } -> std::convertible_to<Index>;
  { stages.steps() } -> std::convertible_to<Index>;
  { stages.advance(k, x, u, next) } -> std::same_as<bool>;  // false: no finite next state
  stages.slopes(k, x, u, next, slopes);
  stages.curvature(k, x, u, next, slopes, /*p*/ x, curvature);
};

/// @brief Minimum of ½ Σ |u_k|² over the controls that bring x₀ to the target: differential dynamic
/// programming inside an augmented Lagrangian. See minimum_action().
template <Stages S>
class Shooting {
 public:
  Shooting(const S& stages, const Vector& start, const Target& target,
           const MinimumActionOptions& options)
      : stages_(stages),
        target_(target),
        options_(options),
        multiplier_(Vector::Zero(target.value.size())),
        scale_((target.rows * start - target.value).cwiseAbs().maxCoeff()),
        states_(start.replicate(1, stages.steps() + 1)),
        controls_(Matrix::Zero(stages.noise_size(), stages.steps())),
        open_loop_(controls_),
        feedback_(static_cast<std::size_t>(stages.steps())) {}

  /// @param[in] guide  A path to begin with, (n, steps + 1): followed softly first, then forgotten.
  void solve(const Matrix& guide) {
    if (!choose_penalty()) return;
    guide_ = &guide;
    guide_weight_ = penalty_;
    if (!roll_out()) return;
    minimize(1e-3);
    guide_weight_ = 0.0;
    double before = std::numeric_limits<double>::infinity();
    for (Index round = 0; round < 60; ++round) {
      if (!minimize(options_.tolerance)) return;
      const Vector gap = target_.rows * states_.col(stages_.steps()) - target_.value;
      report_.residual = gap.cwiseAbs().maxCoeff() / scale_;
      if (report_.residual <= 0.1 * options_.tolerance) return;
      multiplier_ += penalty_ * gap;
      if (report_.residual > 0.1 * before) penalty_ *= 10.0;
      before = report_.residual;
    }
    fail(Status::no_convergence, "the end of the path does not settle on the target");
  }

  MinimumActionPath answer() const {
    MinimumActionPath path;
    path.states = states_;
    path.noise = controls_;
    path.report = report_;
    if (report_.ok()) path.action = 0.5 * controls_.squaredNorm();
    return path;
  }

 private:
  void fail(Status status, const char* message) {
    report_.status = status;
    report_.message = message;
  }

  /// Ten over the mean variance of R x for unit noise around the start.
  bool choose_penalty() {
    const Index n = stages_.state_size(), N = stages_.steps();
    const Vector x = states_.col(0), u = controls_.col(0);
    Vector next(n);
    Matrix spread = Matrix::Zero(n, n);
    StageSlopes slopes;
    for (Index k = 0; k < N; ++k) {
      if (!stages_.advance(k, x, u, next)) {
        fail(Status::non_finite_state, "the process is not finite at the start");
        return false;
      }
      stages_.slopes(k, x, u, next, slopes);
      spread = (slopes.x * spread * slopes.x.transpose() + slopes.u * slopes.u.transpose()).eval();
    }
    const double variance = (target_.rows * spread * target_.rows.transpose()).trace() /
                            static_cast<double>(target_.value.size());
    if (!(variance > 0.0) || !std::isfinite(variance)) {
      fail(Status::outside_validity,
           "the noise at the start does not reach the target's direction");
      return false;
    }
    penalty_ = 10.0 / variance;
    return true;
  }

  bool roll_out() {
    cost_ = cost_of(states_, controls_);
    if (std::isfinite(cost_)) return true;
    fail(Status::non_finite_state, "the start or the guide is not finite");
    return false;
  }

  double cost_of(const Matrix& states, const Matrix& controls) const {
    const Vector gap = target_.rows * states.col(stages_.steps()) - target_.value;
    double cost =
        0.5 * controls.squaredNorm() + multiplier_.dot(gap) + 0.5 * penalty_ * gap.squaredNorm();
    if (guide_weight_ > 0.0) cost += 0.5 * guide_weight_ * (states - *guide_).squaredNorm();
    return cost;
  }

  /// Steps until the decrease they promise is below tolerance × cost. Newton's where they exist and
  /// help, else Gauss–Newton's, which always point downhill, damped if need be.
  bool minimize(double tolerance) {
    cost_ = cost_of(states_, controls_);
    double damping = 0.0;
    bool newton = true;
    for (;;) {
      throw_if_interrupted();
      if (report_.iterations >= options_.max_iterations) {
        fail(Status::no_convergence, "max_iterations reached; a guide or more of them may help");
        return false;
      }
      ++report_.iterations;
      double promised;
      newton = newton && sweep_back(true, 0.0, promised);
      if (!newton && !sweep_back(false, damping, promised)) {
        fail(Status::non_finite_state, "the derivatives along the path are not finite");
        return false;
      }
      const double floor = 1e-13 * (std::abs(cost_) + 0.5 * controls_.squaredNorm());
      const bool settled = promised <= std::max(floor, tolerance * std::abs(cost_));
      const bool improved = search_forward(promised);
      if (settled && damping < 1e-2) return true;
      if (improved) {
        damping = newton || damping < 1e-3 ? 0.0 : 0.2 * damping;
        newton = true;
      } else if (newton) {
        newton = false;
      } else {
        damping = std::max(1e-2, 10.0 * damping);
        if (damping > 1e12) {
          fail(Status::no_convergence, "the line search finds no better path; a kink, or rounding");
          return false;
        }
      }
    }
  }

  /// Riccati recursion: feedback and open-loop part of the step, with the curvature of the stages
  /// (Newton) or without (Gauss–Newton). False if the problem in some u_k has no minimum.
  bool sweep_back(bool newton, double damping, double& promised) {
    const Index N = stages_.steps();
    const Vector gap = target_.rows * states_.col(N) - target_.value;
    Vector slope = target_.rows.transpose() * (multiplier_ + penalty_ * gap);
    Matrix value = penalty_ * target_.rows.transpose() * target_.rows;
    add_guide(N, slope, value);
    promised = 0.0;
    StageSlopes F;
    StageCurvature C;
    for (Index k = N - 1; k >= 0; --k) {
      const Vector x = states_.col(k), u = controls_.col(k), next = states_.col(k + 1);
      stages_.slopes(k, x, u, next, F);
      if (newton) stages_.curvature(k, x, u, next, F, slope, C);
      const Matrix forward = value * F.x;
      const Vector Qu = u + F.u.transpose() * slope;
      Matrix Quu = F.u.transpose() * value * F.u, Qux = F.u.transpose() * forward,
             Qxx = F.x.transpose() * forward;
      Quu.diagonal().array() += 1.0;
      if (newton) {
        Quu += C.uu;
        Qux += C.ux;
        Qxx += C.xx;
      }
      Matrix damped = Quu;
      damped.diagonal().array() += damping;
      const Eigen::LLT<Matrix> factor(damped);
      if (factor.info() != Eigen::Success) return false;
      feedback_[k] = -factor.solve(Qux);
      open_loop_.col(k) = -factor.solve(Qu);
      const auto step = open_loop_.col(k);
      promised -= Qu.dot(step) + 0.5 * step.dot(Quu * step);
      const Matrix& K = feedback_[k];
      slope = (F.x.transpose() * slope + K.transpose() * (Quu * step + Qu) + Qux.transpose() * step)
                  .eval();
      value = Qxx + K.transpose() * Quu * K + K.transpose() * Qux + Qux.transpose() * K;
      value = 0.5 * (value + value.transpose()).eval();
      add_guide(k, slope, value);
      if (!value.allFinite()) return false;
    }
    return promised >= 0.0;
  }

  void add_guide(Index k, Vector& slope, Matrix& value) const {
    if (guide_weight_ == 0.0) return;
    slope += guide_weight_ * (states_.col(k) - guide_->col(k));
    value.diagonal().array() += guide_weight_;
  }

  bool search_forward(double promised) {
    const Index N = stages_.steps();
    Matrix states = states_, controls = controls_;
    Vector u, next(stages_.state_size());
    for (double share = 1.0; share > 1e-4; share *= 0.5) {
      bool finite = true;
      for (Index k = 0; k < N && finite; ++k) {
        u = controls_.col(k) + share * open_loop_.col(k) +
            feedback_[k] * (states.col(k) - states_.col(k));
        finite = stages_.advance(k, states.col(k), u, next);
        controls.col(k) = u;
        states.col(k + 1) = next;
      }
      if (!finite) continue;
      const double cost = cost_of(states, controls);
      if (cost <= cost_ - 1e-4 * share * promised) {
        states_.swap(states);
        controls_.swap(controls);
        cost_ = cost;
        return true;
      }
    }
    return false;
  }

  const S& stages_;
  const Target& target_;
  const MinimumActionOptions& options_;
  Vector multiplier_;
  double scale_, penalty_ = 0.0, guide_weight_ = 0.0, cost_ = 0.0;
  Matrix states_, controls_, open_loop_;
  std::vector<Matrix> feedback_;
  const Matrix* guide_ = nullptr;
  Report report_;
};

}  // namespace stillpoint::escape
