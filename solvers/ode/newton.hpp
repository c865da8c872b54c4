// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/SparseCore>
#include <functional>

#include "lib/core/types.hpp"

namespace stillpoint::ode {

using SparseMatrix = Eigen::SparseMatrix<double, Eigen::ColMajor>;

/// Writes J = ∂(dx/dt)/∂x, (n, n); it is zero on entry. Errors as for Field.
using Jacobian =
    std::function<void(double t, const Eigen::Ref<const Vector>& x, Eigen::Ref<Matrix> jacobian)>;

/// J where almost all of it is zero.
struct SparseJacobian {
  /// (n, n): the entries that may differ from zero; all of the diagonal must be among them, because
  /// Newton's matrix is 1 − γJ. What the values are does not matter.
  SparseMatrix pattern;
  /// Writes the values of J: it comes compressed, with the pattern and with zeros, and goes with
  /// the same pattern (coeffRef and valuePtr keep it). Errors as for Field; std::invalid_argument
  /// reaches the caller if the pattern was changed.
  std::function<void(double t, const Eigen::Ref<const Vector>& x, SparseMatrix& jacobian)> values;
};

/// Writes z, (n), that solves (1 − γJ) z = r about; γ is of the size of the step. Called once a
/// Krylov iteration: a factorisation is to be kept by the function while γ and x change little.
/// Errors as for Field.
using Preconditioner = std::function<void(double t, const Eigen::Ref<const Vector>& x, double gamma,
                                          const Eigen::Ref<const Vector>& r, Eigen::Ref<Vector> z)>;

/// How Newton's method solves its linear systems (1 − γJ) z = r.
enum class LinearSolver {
  dense,   ///< LU; with a Jacobian or differences.
  banded,  ///< Banded LU by differences; see the bandwidths.
  sparse,  ///< Sparse LU (KLU); with a sparse Jacobian.
  krylov,  ///< GMRES on differences of the field along a direction: no matrix.
};

/// Newton's method of an implicit integrator.
struct Newton {
  LinearSolver linear_solver = LinearSolver::dense;
  Index lower_bandwidth = 0;  ///< Of the Jacobian, for LinearSolver::banded.
  Index upper_bandwidth = 0;
  Jacobian jacobian = {};               ///< For LinearSolver::dense; empty: differences.
  SparseJacobian sparse_jacobian = {};  ///< For LinearSolver::sparse, which needs it.
  Preconditioner precondition = {};     ///< From the left, for LinearSolver::krylov; empty: none.
};

}  // namespace stillpoint::ode
