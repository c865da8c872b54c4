// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/activations/gauss_hermite.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>

#include "lib/core/require.hpp"

namespace stillpoint::activations {

GaussHermite gauss_hermite(Index n) {
  require(n >= 1 && n <= 200, "gauss_hermite", "n = ", n, ", expected 1 to 200");
  Matrix recurrence = Matrix::Zero(n, n);
  for (Index k = 1; k < n; ++k)
    recurrence(k, k - 1) = recurrence(k - 1, k) = std::sqrt(static_cast<double>(k));
  const Eigen::SelfAdjointEigenSolver<Matrix> own(recurrence);
  GaussHermite rule{own.eigenvalues(), own.eigenvectors().row(0).cwiseAbs2().transpose()};
  rule.nodes = (0.5 * (rule.nodes - rule.nodes.reverse())).eval();
  rule.weights = (0.5 * (rule.weights + rule.weights.reverse())).eval();
  rule.weights /= rule.weights.sum();
  return rule;
}

}  // namespace stillpoint::activations
