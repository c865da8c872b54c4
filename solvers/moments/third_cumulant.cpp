// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/moments/third_cumulant.hpp"

#include <algorithm>
#include <vector>

#include "solvers/moments/common_form.hpp"

namespace stillpoint::moments {
namespace {

/// ½ Σ_{k≠l} r_k r_l C_kl².
double pair_term(const Vector& r, const Matrix& C) {
  return 0.5 * (r.dot(C.cwiseAbs2() * r) - r.cwiseAbs2().dot(C.diagonal().cwiseAbs2()));
}

}  // namespace

double variance_correction(const models::NoisyChain& chain, const Recording& run, Index step,
                           const ReadOut& read_out, Index output) {
  const Index n = chain.units(), m = chain.state_size();
  const Vector& lambda = chain.retention();
  const Matrix& B = chain.argument_weights();

  // Sensitivities p_t backwards; what lies so far back that they have decayed is left out.
  constexpr double negligible = 1e-3;
  std::vector<Vector> p(static_cast<std::size_t>(step) + 1), pi(static_cast<std::size_t>(step));
  p[step] = Vector::Zero(m);
  p[step].head(n) = read_out.weights.row(output);
  LocalResponse read;
  if (read_out.of_activation) {
    read = state_response(chain, run.after(step));
    p[step].head(n).array() *= read.slope.array();
  }
  const double scale = p[step].cwiseAbs().maxCoeff();
  if (!(scale > 0.0)) return 0.0;
  double largest = scale;
  Index first = 0;
  for (Index t = step - 1; t >= 0; --t) {
    pi[t] = gain_transpose(chain, p[t + 1]);
    p[t] = p[t + 1];
    pull_back(chain, run.response[t].slope, pi[t], p[t]);
    largest = std::max(largest, p[t].cwiseAbs().maxCoeff());
    if (p[t].cwiseAbs().maxCoeff() < negligible * largest) {
      first = t;
      break;
    }
  }

  Matrix kappa = Matrix::Zero(m, m);  // κ_t(·, ·, p_t)
  Matrix BK, LK, BKL, carried, driven(n, m), update(m, m);
  double correction = 0.0;
  for (Index t = first; t < step; ++t) {
    const LocalResponse& r = run.response[t];
    const Matrix& X = run.cross[t];
    const Vector pull = pi[t].cwiseProduct(r.curvature);
    apply_arguments(chain, kappa, BK);
    correction += pull.dot(BK.cwiseProduct(B).rowwise().sum());
    correction += pair_term(pull, run.argument_covariance[t]);

    // κ'(·, ·, p'): the carried part L κ Lᵀ …
    LK = lambda.asDiagonal() * kappa;
    add_gain(chain, r.slope.asDiagonal() * BK, LK);
    apply_arguments(chain, LK.transpose(), BKL);
    carried = lambda.asDiagonal() * LK.transpose();
    add_gain(chain, r.slope.asDiagonal() * BKL, carried);
    // … and the sources, Xᵀ diag(π f'') X + G H + (G H)ᵀ with H = diag(f'' X p' + w π) X +
    // ½ diag(w X p' + τ π) Gᵀ.
    const Vector Dq2 = r.slope.cwiseProduct(r.sd.cwiseAbs2());
    const Vector w = r.variance_slope - 2.0 * r.curvature.cwiseProduct(Dq2);
    const Vector tau =
        r.third - 3.0 * r.curvature.cwiseProduct(Dq2.cwiseAbs2()) - 3.0 * w.cwiseProduct(Dq2);
    const Vector Xp = X * p[t + 1];
    const Vector mixed = r.curvature.cwiseProduct(Xp) + w.cwiseProduct(pi[t]);
    const Vector own = 0.5 * (w.cwiseProduct(Xp) + tau.cwiseProduct(pi[t]));
    driven.noalias() = mixed.asDiagonal() * X;
    driven += own.asDiagonal() * chain.gain().transpose();
    update.setZero();
    add_gain(chain, driven, update);
    kappa = carried + update + update.transpose();
    kappa.noalias() += X.transpose() * (pull.asDiagonal() * X);
  }
  if (read_out.of_activation) {
    const Vector pull = read_out.weights.row(output).transpose().cwiseProduct(read.curvature);
    correction += pull.dot(kappa.diagonal().head(n));
    correction += pair_term(pull, run.after(step).covariance.topLeftCorner(n, n));
  }
  return correction;
}

}  // namespace stillpoint::moments
