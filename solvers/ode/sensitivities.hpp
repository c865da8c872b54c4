// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "solvers/ode/integrate.hpp"
#include "solvers/ode/trajectory.hpp"

namespace stillpoint::ode {

/// An equation with parameters, dx/dt = f(t, x, p), x ∈ ℝⁿ, p ∈ ℝᵐ. Errors of the functions as for
/// Field; what they write to is zero on entry, but for dx/dt.
struct ParametricField {
  using In = const Eigen::Ref<const Vector>&;
  /// Writes dx/dt, (n).
  std::function<void(double t, In x, In p, Eigen::Ref<Vector> dxdt)> field;
  /// Writes ∂f/∂x, (n, n), and ∂f/∂p, (n, m). Either may be empty: central differences of the field
  /// take its place where that is possible.
  std::function<void(double t, In x, In p, Eigen::Ref<Matrix> jacobian)> by_state = {};
  std::function<void(double t, In x, In p, Eigen::Ref<Matrix> jacobian)> by_parameters = {};
};

/// When the sensitivities are solved for.
enum class Corrector {
  simultaneous,  ///< Together with the state, in one system.
  staggered,     ///< After the state of every step.
};

struct ForwardOptions {
  Method method = Method::bdf;        ///< bdf solves with a dense Jacobian.
  double relative_tolerance = 1e-8;   ///< Of each step, state and sensitivities, > 0.
  double absolute_tolerance = 1e-10;  ///< The same for each component; see below.
  Index max_steps = 100000;           ///< Between two of the times, > 0.
  Corrector corrector = Corrector::simultaneous;
  bool to_parameters = true;
  bool to_initial_state = true;
};

struct ForwardSensitivities {
  Trajectory trajectory;
  std::vector<Matrix> to_parameters;     ///< ∂x(t)/∂p, (n, m), for each of the times reached.
  std::vector<Matrix> to_initial_state;  ///< ∂x(t)/∂x₀, (n, n), likewise.
};

/// @brief Solves dx/dt = f(t, x, p), x(times(0)) = x0, together with
///
///     ∂ₜ(∂x/∂p) = (∂f/∂x)(∂x/∂p) + ∂f/∂p,   ∂x/∂p = 0 at times(0),
///     ∂ₜ(∂x/∂x₀) = (∂f/∂x)(∂x/∂x₀),         ∂x/∂x₀ = 1 at times(0).
///
/// For few parameters or many numbers of interest; the cost is that of 1 + m + n equations like the
/// first. If x0 depends on p, add ∂x/∂x₀ · dx₀/dp. Where a derivative is missing, the sum that
/// needs it is a central difference of the field along the sensitivity, with a relative error of
/// about 1e-10. The absolute tolerance of ∂x/∂pⱼ is divided by |pⱼ| (1 for 0).
/// @param[in] x0     (n), n > 0, finite.
/// @param[in] p      (m), finite; m > 0 unless only to_initial_state is asked for.
/// @param[in] times  Ascending, at least two; descending times integrate backwards.
/// @throws as ode::integrate.
/// Source: Serban & Hindmarsh (2005), CVODES, ASME IDETC/CIE, 257.
ForwardSensitivities forward_sensitivities(const ParametricField& equation, const Vector& x0,
                                           const Vector& p, const Vector& times,
                                           const ForwardOptions& options = {});

/// A number that depends on a trajectory, G = g(x(T)) + ∫ r(t, x(t), p) dt over (t₀, T). Errors of
/// the functions as for Field, but g has no smaller step. Gradients are zero on entry.
struct Objective {
  using In = const Eigen::Ref<const Vector>&;
  std::function<double(In x)> end = {};                                      ///< g; empty: 0.
  std::function<void(In x, Eigen::Ref<Vector> gradient)> end_gradient = {};  ///< ∂g/∂x, (n).
  std::function<double(double t, In x, In p)> running = {};                  ///< r; empty: 0.
  /// ∂r/∂x, (n), and ∂r/∂p, (m).
  std::function<void(double t, In x, In p, Eigen::Ref<Vector> by_state,
                     Eigen::Ref<Vector> by_parameters)>
      running_gradient = {};
};

struct AdjointOptions {
  Method method = Method::bdf;        ///< Of both ways; bdf solves with dense Jacobians.
  double relative_tolerance = 1e-8;   ///< Of each step, both ways and both integrals, > 0.
  double absolute_tolerance = 1e-10;  ///< The same for each component, > 0.
  Index max_steps = 100000;           ///< Each way, > 0.
  Index checkpoint_steps = 200;       ///< Steps between two checkpoints, > 0: see below.
};

struct AdjointGradient {
  double value = 0.0;       ///< G
  Vector to_parameters;     ///< ∂G/∂p, (m)
  Vector to_initial_state;  ///< ∂G/∂x₀, (n)
  Vector end_state;         ///< x(T), (n)
  /// iterations: steps, both ways; evaluations: of the field, those of repeated pieces included.
  /// After a failure the numbers above are NaN, but for those that were reached.
  Report report;
};

/// @brief The gradient of G by one integration forwards and one of the adjoint backwards,
///
///     dλ/dt = −(∂f/∂x)ᵀ λ − ∂r/∂x,   λ(T) = ∂g/∂x,
///     ∂G/∂x₀ = λ(t₀),   ∂G/∂p = ∫ (∂f/∂p)ᵀ λ + ∂r/∂p dt.
///
/// For many parameters and one number; the cost hardly depends on m. Memory holds the states of
/// checkpoint_steps steps, interpolated with the order of the method, and one checkpoint for every
/// so many; each piece between checkpoints is integrated a second time on the way back.
/// @param[in] equation  With both derivatives.
/// @param[in] x0        (n), n > 0, finite.
/// @param[in] p         (m), m >= 0, finite.
/// @param[in] start, end  t₀ < T, finite.
/// @throws as ode::integrate.
/// Source: Cao, Li, Petzold & Serban (2003), SIAM J. Sci. Comput. 24, 1076.
AdjointGradient adjoint_gradient(const ParametricField& equation, const Objective& objective,
                                 const Vector& x0, const Vector& p, double start, double end,
                                 const AdjointOptions& options = {});

}  // namespace stillpoint::ode
