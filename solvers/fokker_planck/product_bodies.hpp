// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/lanes.hpp"
#include "solvers/fokker_planck/product.hpp"

/// @file
/// @brief The kernel behind fokker_planck::multiply, compiled once for each instruction set.

namespace stillpoint::fokker_planck::STILLPOINT_LEVEL {

using namespace stillpoint::STILLPOINT_LEVEL;

/// C(i …, j …) for `vectors` vectors of rows and some columns, kept in registers over the sum.
template <int vectors, int columns>
inline void tile(const MatrixProduct& product, std::ptrdiff_t i, std::ptrdiff_t j) {
  Lanes sum[vectors][columns] = {};
  const double* a = product.A + i;
  const double* b = product.B + j * product.B_column;
  for (std::ptrdiff_t k = 0; k < product.inner; ++k, a += product.A_stride, b += product.B_row) {
    Lanes x[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) x[v] = load(a + v * lanes);
#pragma GCC unroll 4
    for (int c = 0; c < columns; ++c) {
      const Lanes y = broadcast(b[c * product.B_column]);
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) sum[v][c] += x[v] * y;
    }
  }
#pragma GCC unroll 4
  for (int c = 0; c < columns; ++c)
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v)
      store(product.C + i + v * lanes + (j + c) * product.C_stride, sum[v][c]);
}

/// Some columns of C. The last vectors of rows may overlap those before: they are the same numbers.
template <int columns>
inline void strip(const MatrixProduct& product, std::ptrdiff_t j) {
  const std::ptrdiff_t rows = product.rows;
  if (rows < lanes) {
    for (std::ptrdiff_t c = j; c < j + columns; ++c)
      for (std::ptrdiff_t i = 0; i < rows; ++i) {
        double sum = 0.0;
        for (std::ptrdiff_t k = 0; k < product.inner; ++k)
          sum += product.A[i + k * product.A_stride] *
                 product.B[k * product.B_row + c * product.B_column];
        product.C[i + c * product.C_stride] = sum;
      }
    return;
  }
  std::ptrdiff_t i = 0;
  for (; i + 2 * lanes <= rows; i += 2 * lanes) tile<2, columns>(product, i, j);
  if (i + lanes <= rows) {
    tile<1, columns>(product, i, j);
    i += lanes;
  }
  if (i < rows) tile<1, columns>(product, rows - lanes, j);
}

inline void multiply_small(const MatrixProduct& product) {
  std::ptrdiff_t j = 0;
  for (; j + 4 <= product.columns; j += 4) strip<4>(product, j);
  for (; j < product.columns; ++j) strip<1>(product, j);
}

}  // namespace stillpoint::fokker_planck::STILLPOINT_LEVEL
