// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "lib/core/instruction_set.hpp"

/// @file
/// @brief The inner loops of the ensemble, compiled for every instruction set (lib/core/lanes.hpp).
///
/// Plain numbers and pointers only. Arrays are in panels of 32 paths (random::panel_paths): panel q
/// of an (n, paths) array holds columns 32 q … 32 q + 31 as n rows of 32 contiguous numbers.

namespace stillpoint::ensemble {

/// Rows of the matrix that a product works on at once; its packed form is made of such strips.
constexpr std::ptrdiff_t strip_rows = 6;

/// out += A in for panels, A (rows, depth) packed by PackedMatrix, in (depth), out (rows).
struct PanelProduct {
  const double* matrix;  ///< Strips of strip_rows rows; (depth) columns of a strip lie one by one.
  std::ptrdiff_t rows;
  std::ptrdiff_t depth;
  std::ptrdiff_t panels;
  const double* in;
  double* out;
};

/// C += X Xᵀ, X (rows, depth), for the entries (i, j) with i ≥ 32 ⌊j/32⌋; the others are not
/// touched. X is held transposed in panels of 32 rows, filled up with zeros: panel q is depth runs
/// of the 32 numbers X(32 q …, k). C is a (rows, 32 ⌈rows/32⌉) array in panels.
struct PanelCorrelation {
  std::ptrdiff_t rows;
  std::ptrdiff_t depth;
  const double* transposed;
  double* out;
};

/// The activations that have a vector kernel; names as in lib/activations.
enum class ActivationKind {
  identity,
  relu,
  leaky_relu,
  saturating_linear,
  softplus,
  tanh,
  logistic,
  erf,
  heaviside,
};

/// y = keep y + gain f(a) for count numbers; y is not read if keep = 0. a = y is allowed then.
struct PanelActivation {
  ActivationKind kind;
  double parameter;      ///< Slope of leaky_relu, sharpness of softplus.
  std::ptrdiff_t count;  ///< Multiple of 32.
  const double* a;
  double* y;
  double keep;
  double gain;
};

/// With d = y − reference: s1 += d, s2 += d², s3 += d³ (s3 may be null), all (rows) in panels.
struct PanelMoments {
  std::ptrdiff_t rows;
  std::ptrdiff_t panels;
  const double* y;
  const double* reference;  ///< (rows)
  double* s1;
  double* s2;
  double* s3;
};

struct Kernels {
  void (*multiply)(const PanelProduct&);
  void (*activate)(const PanelActivation&);
  void (*correlate)(const PanelCorrelation&);
  void (*accumulate)(const PanelMoments&);
  /// Fused multiply-adds without memory traffic, for the benchmark: returns their number.
  double (*peak)(std::ptrdiff_t repetitions, double* sink);
};

/// The kernels of a level.
const Kernels& kernels(InstructionSet level);

}  // namespace stillpoint::ensemble
