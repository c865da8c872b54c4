// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/SparseCore>

#include "solvers/sundials/context.hpp"
#include "solvers/sundials/handles.hpp"

namespace stillpoint::sun {

/// @brief An empty SUNSparseMatrix (compressed columns) with room for the pattern of A.
MatrixHandle make_sparse(const Eigen::SparseMatrix<double>& A, const Context& context);

/// @brief Copies A, compressed, with its pattern: SUNDIALS has indices of its own type, and clears
/// them together with the values.
void copy(const Eigen::SparseMatrix<double>& A, SUNMatrix copy);

}  // namespace stillpoint::sun
