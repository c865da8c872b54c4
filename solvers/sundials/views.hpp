// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nvector/nvector_serial.h>
#include <sunmatrix/sunmatrix_dense.h>

#include "lib/core/types.hpp"
#include "solvers/sundials/check.hpp"
#include "solvers/sundials/context.hpp"
#include "solvers/sundials/handles.hpp"

namespace stillpoint::sun {

/// @brief An N_Vector over the memory of x: no copy. x is borrowed, must outlive the handle and
/// must not be resized.
inline VectorHandle make_view(Eigen::Ref<Vector> x, const Context& context) {
  return VectorHandle(check_handle(N_VMake_Serial(x.size(), x.data(), context), "N_VMake_Serial"));
}

/// The memory of a serial N_Vector as an Eigen vector, shape (n); valid during the callback.
inline Eigen::Map<Vector> view(N_Vector x) {
  return {N_VGetArrayPointer(x), static_cast<Index>(N_VGetLength(x))};
}

/// The memory of a dense SUNMatrix (column-major) as an Eigen matrix; valid during the callback.
inline Eigen::Map<Matrix> view(SUNMatrix A) {
  return {SUNDenseMatrix_Data(A), static_cast<Index>(SUNDenseMatrix_Rows(A)),
          static_cast<Index>(SUNDenseMatrix_Columns(A))};
}

}  // namespace stillpoint::sun
