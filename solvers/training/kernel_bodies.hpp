// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/random/noise_panels.hpp"
#include "solvers/ensemble/kernel_bodies.hpp"
#include "solvers/training/kernels.hpp"

/// @file
/// @brief The kernels behind training::kernels, compiled once for each instruction set.

namespace stillpoint::training::STILLPOINT_LEVEL {

using ensemble::STILLPOINT_LEVEL::lesser;
using random::panel_paths;
using namespace stillpoint::STILLPOINT_LEVEL;

inline void activate_with_slope(const PanelSlope& job) {
  ensemble::STILLPOINT_LEVEL::with_activation(job.kind, job.parameter, [&](const auto& f) {
    for (std::ptrdiff_t i = 0; i < job.count; i += lanes) {
      const Lanes a = load(job.a + i);
      const Lanes value = f(a);
      const Lanes kept = job.keep == 0.0 ? Lanes{} : job.keep * load(job.previous + i);
      store(job.slope + i, job.gain * f.slope(a, value));
      store(job.y + i, kept + job.gain * value);
    }
  });
}

inline void step_back(const PanelStepBack& job) {
  for (std::ptrdiff_t i = 0; i < job.count; i += lanes) {
    const Lanes adjoint = load(job.adjoint + i);
    store(job.product + i, load(job.slope + i) * adjoint);
    store(job.adjoint + i, job.keep * adjoint);
  }
}

inline void scale_add(const PanelScaleAdd& job) {
  for (std::ptrdiff_t i = 0; i < job.count; i += lanes)
    store(job.adjoint + i,
          job.keep * load(job.adjoint + i) + load(job.slope + i) * load(job.increment + i));
}

/// Sums of products are kept in eight parts, whatever the width of a vector: the same bits from
/// four lanes as from eight.
constexpr int parts = 8 / lanes;

/// Rows and columns of out whose sums fill the registers.
constexpr int tile_rows = lanes == 8 ? 4 : 2;
constexpr int tile_columns = lanes == 8 ? 6 : lanes == 4 ? 3 : 1;

/// Steps of which the operands of a tile stay in the first-level cache.
constexpr std::ptrdiff_t step_block = 16;

inline double total(const Lanes (&sum)[parts]) {
  double eight[8];
  for (int k = 0; k < parts; ++k) store(eight + k * lanes, sum[k]);
  return ((eight[0] + eight[4]) + (eight[2] + eight[6])) +
         ((eight[1] + eight[5]) + (eight[3] + eight[7]));
}

template <int rows, int columns>
inline void gradient_tile(const PanelGradient& job, std::ptrdiff_t i, std::ptrdiff_t j,
                          std::ptrdiff_t first, std::ptrdiff_t end) {
  Lanes sum[rows][columns][parts] = {};
  for (std::ptrdiff_t t = first; t < end; ++t) {
    const double* const left = job.left + t * job.left_stride + i * panel_paths;
    const double* const right = job.right + t * job.right_stride + j * panel_paths;
    for (std::ptrdiff_t p = 0; p < panel_paths; p += 8) {
#pragma GCC unroll 4
      for (int k = 0; k < parts; ++k) {
        const std::ptrdiff_t at = p + k * lanes;
        Lanes x[rows];
#pragma GCC unroll 4
        for (int r = 0; r < rows; ++r) x[r] = load(left + r * panel_paths + at);
#pragma GCC unroll 6
        for (int c = 0; c < columns; ++c) {
          const Lanes y = load(right + c * panel_paths + at);
#pragma GCC unroll 4
          for (int r = 0; r < rows; ++r) sum[r][c][k] = multiply_add(x[r], y, sum[r][c][k]);
        }
      }
    }
  }
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c) job.out[(i + r) * job.columns + j + c] += total(sum[r][c]);
}

template <int columns>
inline void gradient_strip(const PanelGradient& job, std::ptrdiff_t j, std::ptrdiff_t first,
                           std::ptrdiff_t end) {
  std::ptrdiff_t i = 0;
  for (; i + tile_rows <= job.rows; i += tile_rows)
    gradient_tile<tile_rows, columns>(job, i, j, first, end);
  for (; i < job.rows; ++i) gradient_tile<1, columns>(job, i, j, first, end);
}

inline void gradient(const PanelGradient& job) {
  for (std::ptrdiff_t first = 0; first < job.steps; first += step_block) {
    const std::ptrdiff_t end = lesser(job.steps, first + step_block);
    std::ptrdiff_t j = 0;
    for (; j + tile_columns <= job.columns; j += tile_columns)
      gradient_strip<tile_columns>(job, j, first, end);
    for (; j < job.columns; ++j) gradient_strip<1>(job, j, first, end);
  }
}

}  // namespace stillpoint::training::STILLPOINT_LEVEL
