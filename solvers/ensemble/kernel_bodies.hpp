// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/random/noise_panels.hpp"
#include "solvers/ensemble/kernels.hpp"
#include "solvers/ensemble/vector_functions.hpp"

/// @file
/// @brief The kernels behind ensemble::kernels, compiled once for each instruction set.

namespace stillpoint::ensemble::STILLPOINT_LEVEL {

using random::panel_paths;

/// Vectors of paths in one register tile: strip_rows × tile_vectors accumulators fill the registers
/// (24 of 32 with AVX-512, 12 of 16 below).
constexpr int tile_vectors = lanes == 8 ? 4 : 2;
constexpr std::ptrdiff_t tile_paths = tile_vectors * lanes;

/// Columns and rows of the matrix used before the next panel: 128 rows of a panel are 32 KB, which
/// stay in the first-level cache, and a block of the matrix is 246 KB, which stay in the second.
constexpr std::ptrdiff_t depth_block = 128;
constexpr std::ptrdiff_t row_block = 40 * strip_rows;

/// One register tile: out(i, p) += Σ_k matrix(i, k) in(k, p) for `rows` rows and tile_paths paths;
/// column k of the matrix begins at matrix + k stride.
template <int rows>
inline void tile(const double* matrix, std::ptrdiff_t stride, std::ptrdiff_t depth,
                 const double* in, double* out) {
  Lanes sum[rows][tile_vectors];
#pragma GCC unroll 6
  for (int i = 0; i < rows; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < tile_vectors; ++v) sum[i][v] = load(out + i * panel_paths + v * lanes);
  for (std::ptrdiff_t k = 0; k < depth; ++k, in += panel_paths, matrix += stride) {
    Lanes x[tile_vectors];
#pragma GCC unroll 4
    for (int v = 0; v < tile_vectors; ++v) x[v] = load(in + v * lanes);
#pragma GCC unroll 6
    for (int i = 0; i < rows; ++i) {
      const Lanes weight = broadcast(matrix[i]);
#pragma GCC unroll 4
      for (int v = 0; v < tile_vectors; ++v) sum[i][v] = multiply_add(weight, x[v], sum[i][v]);
    }
  }
#pragma GCC unroll 6
  for (int i = 0; i < rows; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < tile_vectors; ++v) store(out + i * panel_paths + v * lanes, sum[i][v]);
}

/// The tile for 1 to 6 rows, over the 32 paths of a panel.
inline void strip(std::ptrdiff_t rows, const double* matrix, std::ptrdiff_t stride,
                  std::ptrdiff_t depth, const double* in, double* out) {
  for (std::ptrdiff_t p = 0; p < panel_paths; p += tile_paths) {
    switch (rows) {
      case 1:
        tile<1>(matrix, stride, depth, in + p, out + p);
        break;
      case 2:
        tile<2>(matrix, stride, depth, in + p, out + p);
        break;
      case 3:
        tile<3>(matrix, stride, depth, in + p, out + p);
        break;
      case 4:
        tile<4>(matrix, stride, depth, in + p, out + p);
        break;
      case 5:
        tile<5>(matrix, stride, depth, in + p, out + p);
        break;
      default:
        tile<6>(matrix, stride, depth, in + p, out + p);
        break;
    }
  }
}

inline std::ptrdiff_t lesser(std::ptrdiff_t a, std::ptrdiff_t b) { return a < b ? a : b; }

inline void multiply_panels(const PanelProduct& job) {
  for (std::ptrdiff_t k = 0; k < job.depth; k += depth_block) {
    const std::ptrdiff_t depth = lesser(job.depth - k, depth_block);
    for (std::ptrdiff_t first = 0; first < job.rows; first += row_block) {
      const std::ptrdiff_t end = lesser(job.rows, first + row_block);
      for (std::ptrdiff_t panel = 0; panel < job.panels; ++panel) {
        const double* const in = job.in + (panel * job.depth + k) * panel_paths;
        double* const out = job.out + panel * job.rows * panel_paths;
        for (std::ptrdiff_t i = first; i < end; i += strip_rows)
          strip(lesser(end - i, strip_rows), job.matrix + i * job.depth + k * strip_rows,
                strip_rows, depth, in, out + i * panel_paths);
      }
    }
  }
}

inline void correlate_panels(const PanelCorrelation& job) {
  constexpr std::ptrdiff_t step = 4;  // divides a panel
  for (std::ptrdiff_t j = 0; j < job.rows; j += panel_paths) {
    double* const out = job.out + j * job.rows;
    for (std::ptrdiff_t i = j; i < job.rows; i += step)
      strip(lesser(job.rows - i, step),
            job.transposed + i / panel_paths * panel_paths * job.depth + i % panel_paths,
            panel_paths, job.depth, job.transposed + j * job.depth, out + i * panel_paths);
  }
}

template <typename F>
inline void activate_with(const F& f, const PanelActivation& job) {
  if (job.keep == 0.0) {
    for (std::ptrdiff_t i = 0; i < job.count; i += lanes)
      store(job.y + i, job.gain * f(load(job.a + i)));
  } else {
    for (std::ptrdiff_t i = 0; i < job.count; i += lanes)
      store(job.y + i, job.keep * load(job.y + i) + job.gain * f(load(job.a + i)));
  }
}

/// use(f) for the activation of that kind.
template <typename Use>
inline void with_activation(ActivationKind kind, double parameter, const Use& use) {
  switch (kind) {
    case ActivationKind::identity:
      return use(Identity{});
    case ActivationKind::relu:
      return use(Relu{});
    case ActivationKind::leaky_relu:
      return use(LeakyRelu{parameter});
    case ActivationKind::saturating_linear:
      return use(SaturatingLinear{});
    case ActivationKind::softplus:
      return use(Softplus{parameter});
    case ActivationKind::tanh:
      return use(Tanh{});
    case ActivationKind::logistic:
      return use(Logistic{});
    case ActivationKind::erf:
      return use(Erf{});
    case ActivationKind::heaviside:
      return use(Heaviside{});
  }
}

inline void activate_panels(const PanelActivation& job) {
  with_activation(job.kind, job.parameter, [&](const auto& f) { activate_with(f, job); });
}

inline void accumulate_panels(const PanelMoments& job) {
  for (std::ptrdiff_t row = 0; row < job.rows * job.panels; ++row) {
    const double reference = job.reference[row % job.rows];
    const std::ptrdiff_t at = row * panel_paths;
    for (std::ptrdiff_t p = at; p < at + panel_paths; p += lanes) {
      const Lanes d = load(job.y + p) - reference;
      const Lanes square = d * d;
      store(job.s1 + p, load(job.s1 + p) + d);
      store(job.s2 + p, load(job.s2 + p) + square);
      if (job.s3 != nullptr) store(job.s3 + p, load(job.s3 + p) + d * square);
    }
  }
}

inline double peak_of_multiply_adds(std::ptrdiff_t repetitions, double* sink) {
  constexpr int chains = 12;
  Lanes x[chains];
  for (int i = 0; i < chains; ++i) x[i] = broadcast(0.1 * i);
  const Lanes factor = broadcast(sink[0]);
  for (std::ptrdiff_t k = 0; k < repetitions; ++k) {
#pragma GCC unroll 12
    for (int i = 0; i < chains; ++i) x[i] = multiply_add(x[i], factor, factor);
  }
  for (int i = 1; i < chains; ++i) x[0] += x[i];
  store(sink, x[0]);
  return static_cast<double>(repetitions) * chains * lanes;
}

}  // namespace stillpoint::ensemble::STILLPOINT_LEVEL
