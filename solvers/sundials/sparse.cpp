// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/sundials/sparse.hpp"

#include <sunmatrix/sunmatrix_sparse.h>

#include <algorithm>

#include "solvers/sundials/check.hpp"

namespace stillpoint::sun {

MatrixHandle make_sparse(const Eigen::SparseMatrix<double>& A, const Context& context) {
  return MatrixHandle(check_handle(
      SUNSparseMatrix(A.rows(), A.cols(), A.nonZeros(), CSC_MAT, context), "SUNSparseMatrix"));
}

void copy(const Eigen::SparseMatrix<double>& A, SUNMatrix copy) {
  eigen_assert(A.isCompressed() && A.nonZeros() <= SUNSparseMatrix_NNZ(copy));
  std::copy_n(A.outerIndexPtr(), A.outerSize() + 1, SUNSparseMatrix_IndexPointers(copy));
  std::copy_n(A.innerIndexPtr(), A.nonZeros(), SUNSparseMatrix_IndexValues(copy));
  std::copy_n(A.valuePtr(), A.nonZeros(), SUNSparseMatrix_Data(copy));
}

}  // namespace stillpoint::sun
