// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "lib/core/instruction_set.hpp"
#include "solvers/ensemble/kernels.hpp"

/// @file
/// @brief The inner loops of back-propagation beside those of solvers/ensemble, compiled for every
/// instruction set (lib/core/lanes.hpp). Arrays are panels of 32 trials, as there.

namespace stillpoint::training {

/// y = keep previous + gain f(a) and slope = gain f'(a), count numbers; y may be previous.
struct PanelSlope {
  ensemble::ActivationKind kind;
  double parameter;  ///< Slope of leaky_relu, sharpness of softplus.
  std::ptrdiff_t count;
  const double* a;
  const double* previous;  ///< Not read if keep = 0.
  double* y;
  double* slope;
  double keep;
  double gain;
};

/// One step back through y' = keep y + f(a): product = slope ∘ adjoint, adjoint = keep adjoint.
struct PanelStepBack {
  std::ptrdiff_t count;
  const double* slope;
  double* adjoint;
  double* product;
  double keep;
};

/// adjoint = keep adjoint + slope ∘ increment.
struct PanelScaleAdd {
  std::ptrdiff_t count;
  const double* slope;
  const double* increment;
  double* adjoint;
  double keep;
};

/// @brief out(i, j) += Σ_t Σ_p left_t(i, p) right_t(j, p), the gradient of a matrix over all steps
/// and the 32 trials of a panel; out by rows.
struct PanelGradient {
  std::ptrdiff_t rows, columns, steps;
  const double* left;  ///< (rows, 32) at each step
  std::ptrdiff_t left_stride;
  const double* right;  ///< (columns, 32) at each step
  std::ptrdiff_t right_stride;
  double* out;
};

struct Kernels {
  void (*activate)(const PanelSlope&);
  void (*step_back)(const PanelStepBack&);
  void (*scale_add)(const PanelScaleAdd&);
  void (*gradient)(const PanelGradient&);
};

/// The kernels of a level.
const Kernels& kernels(InstructionSet level);

}  // namespace stillpoint::training
