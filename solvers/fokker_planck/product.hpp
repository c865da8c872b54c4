// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "lib/core/instruction_set.hpp"

namespace stillpoint::fokker_planck {

/// C = A B, matrices in column order whose columns follow at the given distance; B may also be read
/// as a transpose, its columns 1 apart and its rows at the distance.
struct MatrixProduct {
  std::ptrdiff_t rows, inner, columns;
  const double* A;  // (rows, inner)
  std::ptrdiff_t A_stride;
  const double* B;  // (inner, columns), element (k, j) at k B_row + j B_column
  std::ptrdiff_t B_row, B_column;
  double* C;  // (rows, columns)
  std::ptrdiff_t C_stride;
};

/// @brief Product of small matrices by the widest vectors of an instruction set. Every element is
/// summed in the same order on each of them: the same bits.
using Multiply = void (*)(const MatrixProduct&);
Multiply multiply(InstructionSet level);

}  // namespace stillpoint::fokker_planck
