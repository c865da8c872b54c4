// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/transfer_operator/plane_chain.hpp"

#include <Eigen/LU>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "lib/core/require.hpp"

namespace stillpoint::transfer_operator {
namespace {

using Eigen::Matrix2d;
using Eigen::Vector2d;

/// More than one entry other than 0 in some row or column.
bool mixes_units(const Matrix2d& G) {
  const auto both = [](double a, double b) { return a != 0.0 && b != 0.0; };
  return both(G(0, 0), G(0, 1)) || both(G(1, 0), G(1, 1)) || both(G(0, 0), G(1, 0)) ||
         both(G(0, 1), G(1, 1));
}

double condition(const Matrix2d& W) {
  const Vector2d singular = Eigen::JacobiSVD<Matrix2d>(W).singularValues();
  return singular(0) / singular(1);  // infinite or NaN for a singular matrix
}

/// Lower triangular L with L Lᵀ = M diag(sd²) Mᵀ.
Matrix2d lower_root(const Matrix2d& M, const Vector2d& sd) {
  const Matrix2d scaled = M * sd.asDiagonal();
  const Vector2d first = scaled.row(0), second = scaled.row(1);
  Matrix2d L = Matrix2d::Zero();
  L(0, 0) = first.norm();
  if (L(0, 0) > 0.0) L(1, 0) = first.dot(second) / L(0, 0);
  // |det| / L(0, 0) has no cancellation.
  L(1, 1) = L(0, 0) > 0.0 ? std::abs(scaled.determinant()) / L(0, 0) : second.norm();
  return L;
}

}  // namespace

bool PlaneChain::noise_inside() const {
  for (int j = 0; j < 2; ++j)
    if (argument_sd(j) > 0.0 && !gain.col(j).isZero(0.0)) return true;
  return false;
}

bool PlaneChain::noise_outside() const { return !smear.isZero(0.0); }

Vector2d PlaneChain::next(const Vector2d& u) const {
  const Vector2d a = argument_weights * u + argument_offset;
  const Vector2d f(activations::value(activation, a(0)), activations::value(activation, a(1)));
  return retention * u + offset + gain * f;
}

std::array<std::vector<double>, 2> PlaneChain::cuts() const {
  std::array<std::vector<double>, 2> lines;
  for (int j = 0; j < 2; ++j) {
    if (argument_sd(j) > 0.0 || gain.col(j).isZero(0.0)) continue;
    for (int k = 0; k < 2; ++k) {
      if (argument_weights(j, k) == 0.0 || argument_weights(j, 1 - k) != 0.0) continue;
      for (const double kink : kinks)
        lines[k].push_back((kink - argument_offset(j)) / argument_weights(j, k));
    }
  }
  for (auto& line : lines) {
    std::sort(line.begin(), line.end());
    line.erase(std::unique(line.begin(), line.end()), line.end());
  }
  return lines;
}

bool PlaneChain::slanted_kinks() const {
  for (int j = 0; j < 2; ++j) {
    const bool kinked = !kinks.empty() && argument_sd(j) == 0.0 && !gain.col(j).isZero(0.0);
    if (kinked && argument_weights(j, 0) != 0.0 && argument_weights(j, 1) != 0.0) return true;
  }
  return false;
}

std::array<Interval, 2> PlaneChain::hull() const {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::array<Interval, 2> box{{{-infinity, infinity}, {-infinity, infinity}}};
  const auto range = activations::range(activation);
  for (int k = 0; k < 2; ++k) {
    if (!smear.row(k).isZero(0.0)) continue;
    Interval reached{offset(k), offset(k)};
    for (int j = 0; j < 2; ++j) {
      if (gain(k, j) == 0.0) continue;
      reached.lower += gain(k, j) * (gain(k, j) > 0.0 ? range.lower : range.upper);
      reached.upper += gain(k, j) * (gain(k, j) > 0.0 ? range.upper : range.lower);
    }
    box[k] = {reached.lower / (1.0 - retention), reached.upper / (1.0 - retention)};
  }
  return box;
}

bool PlaneChain::returns_from_infinity() const {
  constexpr double far = 1e8;
  constexpr int directions = 128, max_steps = 20000;
  const double below = activations::derivative(activation, 1, -far);
  const double above = activations::derivative(activation, 1, far);
  for (int k = 0; k < directions; ++k) {
    const double angle = 2.0 * std::numbers::pi * (k + 0.5) / directions;
    Vector2d u(std::cos(angle), std::sin(angle));
    for (int step = 0; step < max_steps && u.norm() > 1e-3; ++step) {
      const Vector2d a = argument_weights * u;
      const Vector2d f(a(0) * (a(0) > 0.0 ? above : below), a(1) * (a(1) > 0.0 ? above : below));
      u = retention * u + gain * f;
      if (!(u.norm() < far)) return false;
    }
    if (!(u.norm() <= 1e-3)) return false;
  }
  return true;
}

std::array<Interval, 2> PlaneChain::first_box() const {
  constexpr double reach = 8.0;  // standard deviations
  constexpr double longest = 20000.0;
  const int steps = static_cast<int>(std::min(longest, std::ceil(100.0 / (1.0 - retention))));
  const Vector2d centre = next(Vector2d::Zero()) / (1.0 - retention);
  const double spread = 1.0 + centre.cwiseAbs().maxCoeff();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Vector2d lower = Vector2d::Constant(infinity), upper = -lower;
  for (int start = 0; start < 9; ++start) {
    Vector2d u(spread * (start % 3 - 1), spread * (start / 3 - 1));
    for (int step = 0; step < steps; ++step) {
      u = next(u);
      if (2 * step < steps) continue;
      lower = lower.cwiseMin(u);
      upper = upper.cwiseMax(u);
    }
    // Covariance of the linearisation at the last state, C' = M C Mᵀ + N.
    Matrix2d slope = Matrix2d::Zero();
    Vector2d passed;
    const Vector2d a = argument_weights * u + argument_offset;
    for (int j = 0; j < 2; ++j) {
      const auto averages = activations::averages(activation, a(j), argument_sd(j));
      slope(j, j) = averages.slope;
      passed(j) = averages.variance;
    }
    const Matrix2d M = retention * Matrix2d::Identity() + gain * slope * argument_weights;
    const Matrix2d N = gain * passed.asDiagonal() * gain.transpose() + smear * smear.transpose();
    const double most = 30.0 * N.trace() / (1.0 - retention * retention);
    Matrix2d C = N;
    for (int step = 0; step < steps && C.trace() < most; ++step)
      C = (M * C * M.transpose() + N).eval();
    const Vector2d sd = C.diagonal().cwiseSqrt();
    lower = lower.cwiseMin(u - reach * sd);
    upper = upper.cwiseMax(u + reach * sd);
  }
  const auto bounds = hull();
  std::array<Interval, 2> box;
  for (int k = 0; k < 2; ++k) {
    const double margin = 1e-3 * (1.0 + std::max(std::abs(lower(k)), std::abs(upper(k))));
    box[k] = {std::max(bounds[k].lower, lower(k) - margin),
              std::min(bounds[k].upper, upper(k) + margin)};
    if (!(box[k].lower < box[k].upper)) box[k] = {lower(k) - margin, upper(k) + margin};
  }
  return box;
}

PlaneChain make_plane_chain(const models::NoisyChain& chain, const Vector& input) {
  constexpr auto where = "transfer_operator";
  require(chain.units() == 2, where, chain.units(),
          " units, expected 2; use solve_stationary for one, the closure or Monte Carlo for more");
  require(chain.state_size() == 2, where,
          "the noise has a correlation time, expected fresh noise every step");
  require(input.allFinite(), where, "the input is not finite");
  PlaneChain plane{.retention = chain.retention()(0),
                   .offset = chain.state_offset(input),
                   .gain = chain.gain(),
                   .argument_weights = chain.argument_weights(),
                   .argument_offset = chain.argument_offset(input),
                   .argument_sd = chain.argument_sd(),
                   .smear = chain.state_sd().asDiagonal(),
                   .to_state = Matrix2d::Identity(),
                   .origin = Vector2d::Zero(),
                   .activation = chain.activation(),
                   .kinks = activations::kinks(chain.activation())};
  const Matrix2d W = chain.network().W;
  const Vector2d sd = chain.state_sd();
  if (plane.noise_inside() && mixes_units(plane.gain)) {
    constexpr double largest_condition = 1e3;
    if (plane.noise_outside()) {
      plane.separable = condition(W) <= largest_condition;
      if (!plane.separable) return plane;
      plane.smear = lower_root(W.inverse(), sd);
    }
    plane.to_state = W;
    plane.origin = plane.offset / (1.0 - plane.retention);
    plane.argument_offset += plane.argument_weights * plane.origin;
    plane.argument_weights = (plane.argument_weights * W).eval();
    plane.gain = Matrix2d::Identity() * chain.leak();
    plane.offset.setZero();
  } else if (!plane.noise_inside() && plane.slanted_kinks() && condition(W) <= 8.0) {
    const Vector2d c = plane.argument_offset;
    plane.to_state = W.inverse();
    plane.origin = -plane.to_state * c;
    plane.offset = ((1.0 - plane.retention) * c + W * plane.offset).eval();
    plane.gain = (W * plane.gain).eval();
    plane.argument_weights.setIdentity();
    plane.argument_offset.setZero();
    plane.smear = lower_root(W, sd);
  }
  return plane;
}

}  // namespace stillpoint::transfer_operator
