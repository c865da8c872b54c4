// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/moments/moment_map.hpp"

#include <limits>
#include <variant>

#include "solvers/moments/activation_covariance.hpp"
#include "solvers/moments/common_form.hpp"

namespace stillpoint::moments {
namespace {

bool is_current(const models::NoisyChain& chain) {
  return chain.equation() == networks::Equation::current;
}

/// Stationary variance of each state under its additive noise alone, (m): ν²/(1 − λ²), which is sd²
/// for coloured noise.
Vector own_variance(const models::NoisyChain& chain) {
  const Index n = chain.units();
  Vector variance(chain.state_size());
  variance.head(n) = chain.state_sd().head(n).array().square() /
                     (1.0 - chain.retention().head(n).array().square());
  Index block = n;
  for (const auto& source : chain.noise().coloured) {
    variance.segment(block, n) = source.sd.array().square();
    block += n;
  }
  return variance;
}

/// Cov(f) − D C D with zeros on the diagonal, for an argument of that mean and covariance.
Matrix covariance_excess(const models::NoisyChain& chain, const Vector& mean,
                         const Matrix& covariance, const Vector& slope) {
  if (!mean.allFinite() || !covariance.allFinite()) return covariance;  // an overflow stays one
  Matrix excess = activation_covariance(chain.activation(), mean, covariance);
  excess -= slope.asDiagonal() * covariance * slope.asDiagonal();
  excess.diagonal().setZero();
  return excess;
}

}  // namespace

std::string_view to_string(Rung rung) {
  switch (rung) {
    case Rung::deterministic:
      return "deterministic";
    case Rung::smoothed:
      return "smoothed";
    case Rung::closure:
      return "closure";
    case Rung::full_closure:
      return "full closure";
  }
  return "unknown";
}

Vector smoothing_sd(const models::NoisyChain& chain) {
  const Index n = chain.units();
  const Vector own = own_variance(chain);
  Vector variance = chain.argument_sd().array().square();
  if (is_current(chain)) variance += own.head(n);
  for (Index block = n; block < chain.state_size(); block += n) variance += own.segment(block, n);
  return variance.cwiseSqrt();
}

bool smoothing_applies(const models::NoisyChain& chain) {
  return chain.noise().silent() || !smoothing_sd(chain).isZero(0.0);
}

MomentMap::MomentMap(const models::NoisyChain& chain, Rung rung) : chain_(chain), rung_(rung) {
  const Index n = chain.units();
  const bool smoothed = rung == Rung::smoothed;
  smoothing_sd_ = smoothed ? smoothing_sd(chain) : Vector(Vector::Zero(n));
  readout_sd_ = smoothed && is_current(chain) ? Vector(own_variance(chain).head(n).cwiseSqrt())
                                              : Vector(Vector::Zero(n));
  f_.resize(n);
  slope_.resize(n);
  variance_.resize(n);
}

Moments MomentMap::certain(const Vector& h0) const {
  Moments moments{.mean = chain_.initial_state(h0)};
  const Index covered = has_covariance() ? chain_.state_size() : 0;
  moments.covariance = Matrix::Zero(covered, covered);
  return moments;
}

/// f_q, f_q' and v_q of every unit at mean a and sd q; NaN after an overflow.
void MomentMap::average(const Vector& a, const Vector& q) {
  if (!a.allFinite() || !q.allFinite()) {  // an overflow stays one
    for (Vector* part : {&f_, &slope_, &variance_})
      part->setConstant(std::numeric_limits<double>::quiet_NaN());
    return;
  }
  std::visit(
      [&](const auto& f) {
        for (Index i = 0; i < a.size(); ++i) {
          const activations::GaussianAverages average = f.averages(a(i), q(i));
          f_(i) = average.mean;
          slope_(i) = average.slope;
          variance_(i) = average.variance;
        }
      },
      chain_.activation());
}

void MomentMap::step(const Vector& c, const Vector& d, Moments& moments) {
  const Index n = chain_.units();
  const Vector& lambda = chain_.retention();
  const double g = chain_.leak();
  const Matrix& W = chain_.network().W;
  a_.noalias() = chain_.argument_weights() * moments.mean;
  a_ += c;
  if (has_covariance()) {
    apply_arguments(chain_, moments.covariance, arguments_);
    q_ = (arguments_.cwiseProduct(chain_.argument_weights()).rowwise().sum().array().max(0.0) +
          chain_.argument_sd().array().square())
             .sqrt();
  } else {
    q_ = smoothing_sd_;
  }
  average(a_, q_);
  moments.mean = lambda.cwiseProduct(moments.mean) + d;
  moments.mean.noalias() += chain_.gain() * f_;
  if (!has_covariance()) return;
  const bool full = rung_ == Rung::full_closure;
  if (full) {
    Matrix covariance = arguments_ * chain_.argument_weights().transpose();
    covariance.diagonal() = q_.cwiseAbs2();
    excess_ = covariance_excess(chain_, a_, covariance, slope_);
  }

  // carried_ = L C = Λ C + G D B C; G is zero below the first n rows.
  carried_ = lambda.asDiagonal() * moments.covariance;
  arguments_ = slope_.asDiagonal() * arguments_;
  add_gain(chain_, arguments_, carried_);

  // C' = L C Λ + (G H)ᵀ + diag ν² with H = D B (L C)ᵀ + E Gᵀ, (n, m).
  apply_arguments(chain_, carried_.transpose(), weighed_);
  weighed_ = slope_.asDiagonal() * weighed_;
  const Vector fresh =
      variance_.array() -
      slope_.array().square() * (q_.array().square() - chain_.argument_sd().array().square());
  moments.covariance = carried_ * lambda.asDiagonal();
  if (is_current(chain_)) {
    weighed_.leftCols(n) += g * fresh.asDiagonal() * W.transpose();
    if (full) weighed_.leftCols(n) += g * excess_ * W.transpose();
    driven_.noalias() = g * W * weighed_;
  } else {
    weighed_.leftCols(n).diagonal() += g * fresh;
    if (full) weighed_.leftCols(n) += g * excess_;
    driven_ = g * weighed_;
  }
  moments.covariance.leftCols(n) += driven_.transpose();
  moments.covariance.diagonal() += chain_.state_sd().cwiseAbs2();
  driven_ = moments.covariance.transpose();
  moments.covariance = 0.5 * (moments.covariance + driven_);  // rounding leaves it unsymmetric
}

void MomentMap::read_out(const Moments& moments, Vector& mean, Vector& variance) {
  const Index n = chain_.units();
  const Matrix& W_out = chain_.network().W_out;
  const bool closure = has_covariance();
  const auto state = moments.mean.head(n);
  if (!chain_.reads_activation()) {
    mean = W_out * state + chain_.network().b_out;
    variance = Vector::Zero(chain_.outputs());
    if (closure)
      variance =
          (W_out * moments.covariance.topLeftCorner(n, n)).cwiseProduct(W_out).rowwise().sum();
    return;
  }
  readout_q_ = closure ? Vector(moments.covariance.diagonal().head(n).cwiseMax(0.0).cwiseSqrt())
                       : readout_sd_;
  average(state, readout_q_);
  mean = W_out * f_ + chain_.network().b_out;
  variance = Vector::Zero(chain_.outputs());
  if (!closure) return;
  const Matrix weights = W_out * slope_.asDiagonal();
  const Vector own = variance_.array() - slope_.array().square() * readout_q_.array().square();
  variance =
      (weights * moments.covariance.topLeftCorner(n, n)).cwiseProduct(weights).rowwise().sum();
  variance += W_out.cwiseAbs2() * own;
  if (rung_ != Rung::full_closure) return;
  excess_ = covariance_excess(chain_, state, moments.covariance.topLeftCorner(n, n), slope_);
  variance += (W_out * excess_).cwiseProduct(W_out).rowwise().sum();
}

}  // namespace stillpoint::moments
