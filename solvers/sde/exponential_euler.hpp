// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

#include "lib/models/concepts.hpp"
#include "solvers/sde/scheme.hpp"
#include "solvers/sde/workspace.hpp"

namespace stillpoint::sde {

/// @brief Stochastic exponential Euler scheme for dX = (−λ∘X + r(t, X)) dt + G dW (Itô), the linear
/// decay exact:
///
///     Xᵢ(t + h) ≈ e^{−λᵢh} Xᵢ + (1 − e^{−λᵢh})/λᵢ rᵢ + √((1 − e^{−2λᵢh})/(2λᵢh)) (G ΔW)ᵢ.
///
/// The law of an Ornstein–Uhlenbeck process with one noise a component is exact at every step size;
/// with shared noise its variances are. Stable for every λ h. Strong order ½ (1 if G does not
/// depend on X), weak order 1. Source: Lord & Tambue (2013), IMA J. Numer. Anal. 33, 515; the
/// variance as in Gillespie (1996), Phys. Rev. E 54, 2084.
template <models::LinearDecay Model>
class ExponentialEuler : public Workspace<Model> {
 public:
  static constexpr Interpretation interpretation = Interpretation::ito;
  static constexpr double strong_order = models::AdditiveNoise<Model> ? 1.0 : 0.5;
  static constexpr double weak_order = 1.0;

  /// @throws std::invalid_argument also if a decay rate is not positive.
  explicit ExponentialEuler(const Model& model)
      : Workspace<Model>(model, "ExponentialEuler"), decay_(model.decay()) {
    require(decay_.size() == model.state_size() && (decay_.array() > 0.0).all(), "ExponentialEuler",
            "decay() has ", decay_.size(), " entries or one that is not positive, expected ",
            model.state_size());
  }

  void step(double t, double h, const random::Increment& increment, Vector& x) {
    this->model_.drift_remainder(t, x, f_);
    this->model_.diffusion(t, x, G_);
    noise_.noalias() = G_ * increment.dW;
    for (Index i = 0; i < x.size(); ++i) {
      const double z = decay_(i) * h;
      const double grown = -std::expm1(-z) / decay_(i);
      x(i) = std::exp(-z) * x(i) + grown * f_(i) +
             std::sqrt(-std::expm1(-2.0 * z) / (2.0 * z)) * noise_(i);
    }
  }

 private:
  using Workspace<Model>::f_, Workspace<Model>::G_;
  Vector decay_;
  Vector noise_ = Vector::Zero(this->state_size());
};

}  // namespace stillpoint::sde
