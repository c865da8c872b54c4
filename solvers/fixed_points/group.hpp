// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "lib/core/instruction_set.hpp"
#include "solvers/ensemble/kernels.hpp"

/// @file
/// @brief Linear algebra for eight points side by side, compiled for every instruction set
/// (lib/core/lanes.hpp).
///
/// Each number stands in a run of eight, one a point. A vector of n numbers is filled up to
/// padded(n) runs; a matrix, (padded(n), padded(n)), consists of tiles of 4 × 4 runs, row by row,
/// see entry(). Points do not mix: a NaN stays in its lane, and what a point meets does not depend
/// on its neighbours.

namespace stillpoint::fixed_points {

constexpr std::ptrdiff_t group_size = 8;
constexpr std::ptrdiff_t tile_size = 4;

constexpr std::ptrdiff_t padded(std::ptrdiff_t n) {
  return (n + tile_size - 1) / tile_size * tile_size;
}

/// Place of the entry (i, j) of a tiled matrix for n unknowns, in runs.
constexpr std::ptrdiff_t entry(std::ptrdiff_t n, std::ptrdiff_t i, std::ptrdiff_t j) {
  const std::ptrdiff_t tiles = padded(n) / tile_size;
  const std::ptrdiff_t tile = i / tile_size * tiles + j / tile_size;
  return (tile * tile_size + i % tile_size) * tile_size + j % tile_size;
}

/// f and f' of a smooth activation for `count` runs.
struct GroupActivation {
  ensemble::ActivationKind kind;  ///< tanh, logistic, softplus, erf or identity.
  double parameter;               ///< Sharpness of softplus.
  std::ptrdiff_t count;
  const double* a;
  double* value;
  double* slope;
};

/// gain (c + W f − a) and gain (I − W diag f').
struct GroupChain {
  std::ptrdiff_t n;
  const double* W;  ///< Tiled like a matrix of the group, single numbers instead of runs.
  const double* c;  ///< (padded(n)), single numbers.
  double gain;
};

struct GroupKernels {
  void (*activate)(const GroupActivation&);
  void (*residual)(const GroupChain&, const double* a, const double* value, double* residual);
  void (*matrix)(const GroupChain&, const double* slope, double* matrix);
  /// LU without pivoting, in place: Newton steps far from a root need no more, and a step that a
  /// small pivot spoils is one of many. The diagonal holds the reciprocals of the pivots.
  void (*factor)(std::ptrdiff_t n, double* matrix);
  /// Solves for `count` (1 or 2) right sides, one after the other in memory, in place.
  void (*solve)(std::ptrdiff_t n, const double* factors, int count, double* right);
};

const GroupKernels& group_kernels(InstructionSet level);

}  // namespace stillpoint::fixed_points
