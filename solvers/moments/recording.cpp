// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/moments/recording.hpp"

#include <utility>
#include <variant>

#include "solvers/moments/common_form.hpp"

namespace stillpoint::moments {

LocalResponse local_response(const models::NoisyChain& chain, const Vector& a, const Vector& q) {
  constexpr double fraction = 0.05;  // of q: step of the differences
  const Index n = a.size();
  LocalResponse r{.mean = a, .sd = q};
  for (Vector* part : {&r.f, &r.slope, &r.variance, &r.third}) part->resize(n);
  r.curvature = r.variance_slope = Vector::Zero(n);
  std::visit(
      [&](const auto& f) {
        for (Index i = 0; i < n; ++i) {
          const auto here = f.averages(a(i), q(i));
          r.f(i) = here.mean;
          r.slope(i) = here.slope;
          r.variance(i) = here.variance;
          r.third(i) = here.third;
          if (q(i) == 0.0) continue;
          const double h = fraction * q(i);
          const auto up = f.averages(a(i) + h, q(i)), down = f.averages(a(i) - h, q(i));
          r.curvature(i) = (up.slope - down.slope) / (2.0 * h);
          r.variance_slope(i) = (up.variance - down.variance) / (2.0 * h);
        }
      },
      chain.activation());
  return r;
}

Recording record_closure(const models::NoisyChain& chain, const Matrix& inputs, Moments start,
                         Index steps) {
  MomentMap map(chain, Rung::closure);
  Recording run;
  Vector c, d;
  Matrix BC, Ca, GDCa;
  for (Index t = 0; t < steps; ++t) {
    if (t < inputs.cols()) {
      c = chain.argument_offset(inputs.col(t));
      d = chain.state_offset(inputs.col(t));
    }
    run.argument_offset.push_back(c);
    run.state_offset.push_back(d);
    run.before.push_back(start);
    map.step(c, d, start);
    run.response.push_back(local_response(chain, map.argument_mean(), map.argument_sd()));

    apply_arguments(chain, run.before.back().covariance, BC);
    apply_arguments(chain, BC.transpose(), Ca);
    Ca.diagonal() += chain.argument_sd().cwiseAbs2();
    GDCa = Matrix::Zero(chain.state_size(), chain.units());
    add_gain(chain, run.response.back().slope.asDiagonal() * Ca, GDCa);
    run.argument_covariance.push_back(Ca);
    run.cross.push_back(BC * chain.retention().asDiagonal());
    run.cross.back() += GDCa.transpose();
  }
  run.end = std::move(start);
  return run;
}

void pull_back(const models::NoisyChain& chain, const Vector& slope, const Vector& Gp, Vector& p) {
  p = chain.retention().cwiseProduct(p);
  p.noalias() += chain.argument_weights().transpose() * slope.cwiseProduct(Gp);
}

LocalResponse state_response(const models::NoisyChain& chain, const Moments& moments) {
  const Index n = chain.units();
  return local_response(chain, moments.mean.head(n),
                        moments.covariance.diagonal().head(n).cwiseMax(0.0).cwiseSqrt());
}

ReadOut own_read_out(const models::NoisyChain& chain) {
  return {chain.network().W_out, chain.reads_activation()};
}

}  // namespace stillpoint::moments
