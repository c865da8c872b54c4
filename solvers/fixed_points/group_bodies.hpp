// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "solvers/ensemble/vector_functions.hpp"
#include "solvers/fixed_points/group.hpp"

/// @file
/// @brief The kernels behind fixed_points::group_kernels, compiled once for each instruction set.

namespace stillpoint::fixed_points::STILLPOINT_LEVEL {

using namespace stillpoint::STILLPOINT_LEVEL;

/// Columns of a tile whose accumulators fit into the registers.
constexpr int strip = lanes == 8 ? 4 : 2;
constexpr std::ptrdiff_t tile_doubles = tile_size * tile_size * group_size;

struct Tile {
  Lanes at[4][4];
};

inline Tile load_tile(const double* from) {
  Tile t;
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i)
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) t.at[i][j] = load(from + (4 * i + j) * group_size);
  return t;
}

inline void store_tile(double* to, const Tile& t) {
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i)
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) store(to + (4 * i + j) * group_size, t.at[i][j]);
}

/// tile −= Σ_k left(k) upper(k) over `count` tiles; those of `upper` are a row of tiles apart.
inline void subtract_products(std::ptrdiff_t count, const double* left, const double* upper,
                              std::ptrdiff_t row, double* tile) {
  for (int first = 0; first < 4; first += strip) {
    Lanes sum[4][strip] = {};
    const double* l = left;
    const double* u = upper + first * group_size;
    for (std::ptrdiff_t tiles = 0; tiles < count; ++tiles, l += tile_doubles, u += row) {
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) {
        Lanes x[strip];
#pragma GCC unroll 4
        for (int j = 0; j < strip; ++j) x[j] = load(u + (4 * k + j) * group_size);
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) {
          const Lanes factor = load(l + (4 * i + k) * group_size);
#pragma GCC unroll 4
          for (int j = 0; j < strip; ++j) sum[i][j] = multiply_add(factor, x[j], sum[i][j]);
        }
      }
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i)
#pragma GCC unroll 4
      for (int j = 0; j < strip; ++j) {
        double* const at = tile + (4 * i + first + j) * group_size;
        store(at, load(at) - sum[i][j]);
      }
  }
}

/// LU of a tile; the diagonal then holds reciprocals.
inline void factor_tile(double* tile) {
  Tile t = load_tile(tile);
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    t.at[k][k] = 1.0 / t.at[k][k];
#pragma GCC unroll 4
    for (int i = k + 1; i < 4; ++i) {
      t.at[i][k] *= t.at[k][k];
#pragma GCC unroll 4
      for (int j = k + 1; j < 4; ++j)
        t.at[i][j] = multiply_add(-t.at[i][k], t.at[k][j], t.at[i][j]);
    }
  }
  store_tile(tile, t);
}

/// tile = L⁻¹ tile, L the unit lower triangle of `diagonal`.
inline void solve_lower(const double* diagonal, double* tile) {
  Tile t = load_tile(tile);
#pragma GCC unroll 4
  for (int k = 0; k < 3; ++k)
#pragma GCC unroll 4
    for (int i = k + 1; i < 4; ++i) {
      const Lanes factor = -load(diagonal + (4 * i + k) * group_size);
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) t.at[i][j] = multiply_add(factor, t.at[k][j], t.at[i][j]);
    }
  store_tile(tile, t);
}

/// tile = tile U⁻¹, U the upper triangle of `diagonal`.
inline void solve_upper(const double* diagonal, double* tile) {
  Tile t = load_tile(tile);
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    const Lanes reciprocal = load(diagonal + 5 * k * group_size);
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) t.at[i][k] *= reciprocal;
#pragma GCC unroll 4
    for (int j = k + 1; j < 4; ++j) {
      const Lanes factor = -load(diagonal + (4 * k + j) * group_size);
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) t.at[i][j] = multiply_add(factor, t.at[i][k], t.at[i][j]);
    }
  }
  store_tile(tile, t);
}

inline void factor_group(std::ptrdiff_t n, double* matrix) {
  const std::ptrdiff_t tiles = padded(n) / tile_size, row = tiles * tile_doubles;
  for (std::ptrdiff_t part = 0; part < group_size; part += lanes) {
    double* const m = matrix + part;
    for (std::ptrdiff_t s = 0; s < tiles; ++s) {
      double* const diagonal = m + s * row + s * tile_doubles;
      subtract_products(s, m + s * row, m + s * tile_doubles, row, diagonal);
      factor_tile(diagonal);
      for (std::ptrdiff_t j = s + 1; j < tiles; ++j) {
        double* const tile = m + s * row + j * tile_doubles;
        subtract_products(s, m + s * row, m + j * tile_doubles, row, tile);
        solve_lower(diagonal, tile);
      }
      for (std::ptrdiff_t i = s + 1; i < tiles; ++i) {
        double* const tile = m + i * row + s * tile_doubles;
        subtract_products(s, m + i * row, m + s * tile_doubles, row, tile);
        solve_upper(diagonal, tile);
      }
    }
  }
}

/// x −= tile y for four unknowns and `count` right sides, `stride` doubles apart.
template <int count>
inline void subtract_tile(const double* tile, const double* y, std::ptrdiff_t stride,
                          Lanes (&x)[count][4]) {
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    Lanes known[count];
#pragma GCC unroll 2
    for (int c = 0; c < count; ++c) known[c] = -load(y + c * stride + k * group_size);
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      const Lanes factor = load(tile + (4 * i + k) * group_size);
#pragma GCC unroll 2
      for (int c = 0; c < count; ++c) x[c][i] = multiply_add(factor, known[c], x[c][i]);
    }
  }
}

template <int count>
inline void solve_right_sides(std::ptrdiff_t n, const double* factors, double* right) {
  const std::ptrdiff_t tiles = padded(n) / tile_size, row = tiles * tile_doubles;
  const std::ptrdiff_t stride = padded(n) * group_size, step = tile_size * group_size;
  for (std::ptrdiff_t part = 0; part < group_size; part += lanes) {
    const double* const m = factors + part;
    double* const b = right + part;
    Lanes x[count][4];
    const auto read = [&](std::ptrdiff_t i) {
#pragma GCC unroll 2
      for (int c = 0; c < count; ++c)
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) x[c][k] = load(b + c * stride + i * step + k * group_size);
    };
    const auto write = [&](std::ptrdiff_t i) {
#pragma GCC unroll 2
      for (int c = 0; c < count; ++c)
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) store(b + c * stride + i * step + k * group_size, x[c][k]);
    };
    for (std::ptrdiff_t i = 0; i < tiles; ++i) {
      read(i);
      for (std::ptrdiff_t k = 0; k < i; ++k)
        subtract_tile<count>(m + i * row + k * tile_doubles, b + k * step, stride, x);
      const double* const diagonal = m + i * row + i * tile_doubles;
#pragma GCC unroll 4
      for (int k = 0; k < 3; ++k)
#pragma GCC unroll 4
        for (int l = k + 1; l < 4; ++l) {
          const Lanes factor = -load(diagonal + (4 * l + k) * group_size);
#pragma GCC unroll 2
          for (int c = 0; c < count; ++c) x[c][l] = multiply_add(factor, x[c][k], x[c][l]);
        }
      write(i);
    }
    for (std::ptrdiff_t i = tiles - 1; i >= 0; --i) {
      read(i);
      for (std::ptrdiff_t k = i + 1; k < tiles; ++k)
        subtract_tile<count>(m + i * row + k * tile_doubles, b + k * step, stride, x);
      const double* const diagonal = m + i * row + i * tile_doubles;
#pragma GCC unroll 4
      for (int k = 3; k >= 0; --k) {
        const Lanes reciprocal = load(diagonal + 5 * k * group_size);
#pragma GCC unroll 2
        for (int c = 0; c < count; ++c) x[c][k] *= reciprocal;
#pragma GCC unroll 4
        for (int l = 0; l < k; ++l) {
          const Lanes factor = -load(diagonal + (4 * l + k) * group_size);
#pragma GCC unroll 2
          for (int c = 0; c < count; ++c) x[c][l] = multiply_add(factor, x[c][k], x[c][l]);
        }
      }
      write(i);
    }
  }
}

inline void solve_group(std::ptrdiff_t n, const double* factors, int count, double* right) {
  if (count == 1) return solve_right_sides<1>(n, factors, right);
  solve_right_sides<2>(n, factors, right);
}

template <typename F>
inline void activate_with(const F& f, const GroupActivation& job) {
  for (std::ptrdiff_t i = 0; i < job.count * group_size; i += lanes) {
    const Lanes a = load(job.a + i), value = f(a);
    store(job.value + i, value);
    store(job.slope + i, f.slope(a, value));
  }
}

inline void activate_group(const GroupActivation& job) {
  namespace functions = ensemble::STILLPOINT_LEVEL;
  switch (job.kind) {
    case ensemble::ActivationKind::tanh:
      return activate_with(functions::Tanh{}, job);
    case ensemble::ActivationKind::logistic:
      return activate_with(functions::Logistic{}, job);
    case ensemble::ActivationKind::softplus:
      return activate_with(functions::Softplus{job.parameter}, job);
    case ensemble::ActivationKind::erf:
      return activate_with(functions::Erf{}, job);
    default:
      return activate_with(functions::Identity{}, job);
  }
}

inline void chain_residual(const GroupChain& chain, const double* a, const double* value,
                           double* residual) {
  const std::ptrdiff_t tiles = padded(chain.n) / tile_size, step = tile_size * group_size;
  for (std::ptrdiff_t part = 0; part < group_size; part += lanes) {
    const double* w = chain.W;
    for (std::ptrdiff_t i = 0; i < tiles; ++i) {
      Lanes sum[4];
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k)
        sum[k] = chain.c[4 * i + k] - load(a + part + i * step + k * group_size);
      for (std::ptrdiff_t j = 0; j < tiles; ++j, w += 16) {
#pragma GCC unroll 4
        for (int l = 0; l < 4; ++l) {
          const Lanes f = load(value + part + j * step + l * group_size);
#pragma GCC unroll 4
          for (int k = 0; k < 4; ++k) sum[k] = multiply_add(broadcast(w[4 * k + l]), f, sum[k]);
        }
      }
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k)
        store(residual + part + i * step + k * group_size, chain.gain * sum[k]);
    }
  }
}

inline void chain_matrix(const GroupChain& chain, const double* slope, double* matrix) {
  const std::ptrdiff_t tiles = padded(chain.n) / tile_size, step = tile_size * group_size;
  for (std::ptrdiff_t part = 0; part < group_size; part += lanes) {
    const double* w = chain.W;
    double* to = matrix + part;
    for (std::ptrdiff_t i = 0; i < tiles; ++i)
      for (std::ptrdiff_t j = 0; j < tiles; ++j, w += 16, to += tile_doubles)
#pragma GCC unroll 4
        for (int l = 0; l < 4; ++l) {
          const Lanes factor = -chain.gain * load(slope + part + j * step + l * group_size);
#pragma GCC unroll 4
          for (int k = 0; k < 4; ++k) {
            Lanes x = w[4 * k + l] * factor;
            if (i == j && k == l) x += chain.gain;
            store(to + (4 * k + l) * group_size, x);
          }
        }
  }
}

}  // namespace stillpoint::fixed_points::STILLPOINT_LEVEL
