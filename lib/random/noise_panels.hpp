// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

#include "lib/core/instruction_set.hpp"

namespace stillpoint::random {

/// Paths in one panel: the unit of memory and of vector work of an ensemble. A panel of an
/// (n, paths) array holds its 32 columns as n rows of 32 contiguous numbers.
constexpr std::ptrdiff_t panel_paths = 32;

/// @brief One step's Gaussian noise for many paths, with the affine part that goes with it:
///
///     out(i, p) = scale_i in(i, p) + offset_i + sd_i ξ(i, p),   i < rows,  p < 32 panels,
///
/// ξ(i, p) = normal({seed, stream}, first_path + p, step, first_index + i), bit for bit.
struct NoisePanels {
  std::uint64_t seed;
  std::uint32_t stream;
  std::uint32_t step;
  std::uint64_t first_path;  ///< Multiple of 32, below 2³³ − 32 panels.
  std::uint32_t first_index;
  std::ptrdiff_t rows;
  std::ptrdiff_t panels;
  const double* in;  ///< First panel of the input; may be null (then 0) or equal to out.
  double* out;
  const double* scale;   ///< (rows); not read if in is null.
  const double* offset;  ///< (rows)
  const double* sd;      ///< (rows); a row with sd = 0 draws nothing.
};

using NoiseKernel = void (*)(const NoisePanels&);

/// The function that fills NoisePanels with the instructions of a level.
NoiseKernel noise_kernel(InstructionSet level);

}  // namespace stillpoint::random
