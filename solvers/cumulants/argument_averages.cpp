// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/cumulants/argument_averages.hpp"

#include <cmath>

namespace stillpoint::cumulants {

ArgumentAverages::ArgumentAverages(const GramCharlier& law, const Vector& offset,
                                   const Matrix& weights, const Vector& fresh_sd,
                                   const std::vector<moments::Feature>& of_f)
    : law_(law), offset_(offset), features_(of_f) {
  const Index count = offset.size();
  const Matrix A = weights * law.root();
  Matrix Q = A * A.transpose();
  Q.diagonal() += fresh_sd.cwiseAbs2();
  R_ = Matrix::Zero(count, count);
  P_ = Matrix::Zero(law.root().rows(), count);
  for (Index i = 0; i < count; ++i) {  // Cholesky; column by column of P with it
    for (Index j = 0; j < i; ++j)
      R_(i, j) =
          R_(j, j) > 0.0 ? (Q(i, j) - R_.row(i).head(j).dot(R_.row(j).head(j))) / R_(j, j) : 0.0;
    const double pivot = Q(i, i) - R_.row(i).head(i).squaredNorm();
    if (pivot <= 1e-14 * Q(i, i) || pivot <= 0.0) continue;
    R_(i, i) = std::sqrt(pivot);
    P_.col(i) = A.row(i).transpose();
    for (Index j = 0; j < i; ++j) P_.col(i) -= R_(i, j) * P_.col(j);
    P_.col(i) /= R_(i, i);
  }
}

/// The state of the nested loops over ζ.
struct ArgumentAverages::Loop {
  statistics::MultiIndices indices;  ///< ε
  const Functions& F;
  Vector a, values;
  std::vector<Vector> hermite;   ///< He_d(ζ_i), d ≤ degree, one an argument
  std::vector<double> products;  ///< He_ε(ζ) at the node
  Matrix tau;                    ///< (ε, functions)
};

void ArgumentAverages::visit(Loop& loop, Index level, double weight) const {
  const Index count = offset_.size();
  if (level == count) {
    loop.F(loop.a, loop.values);
    for (Index e = 0; e < loop.indices.size(); ++e) {
      double product = weight;
      for (Index i = 0; i < count; ++i)
        product *= loop.hermite[i](loop.indices[e][static_cast<std::size_t>(i)]);
      loop.products[e] = product;
    }
    loop.tau.noalias() += Eigen::Map<const Vector>(loop.products.data(), loop.indices.size()) *
                          loop.values.transpose();
    return;
  }
  // loop.a holds the offset and what the ζ of earlier levels add.
  const Vector before = loop.a;
  const double spread_here = R_(level, level);
  Vector& He = loop.hermite[level];
  He.setZero();
  He(0) = 1.0;
  if (spread_here == 0.0) {
    visit(loop, level + 1, weight);
    return;
  }
  std::vector<moments::Feature> features;
  for (Index i = level; i < count; ++i) {
    const double spread = R_.row(i).segment(level + 1, i - level).norm();
    const auto seen = seen_through(features_, before(i), R_(i, level), i == level ? 0.0 : spread);
    features.insert(features.end(), seen.begin(), seen.end());
  }
  const moments::GaussianPanels panels(
      features, static_cast<double>(loop.indices.degree()),
      count < 3 ? moments::GaussianPanels::fine : moments::GaussianPanels::coarse);
  for (std::size_t k = 0; k < panels.nodes().size(); ++k) {
    const double zeta = panels.nodes()[k];
    if (He.size() > 1) He(1) = zeta;
    for (Index d = 2; d < He.size(); ++d)
      He(d) = zeta * He(d - 1) - static_cast<double>(d - 1) * He(d - 2);
    loop.a = before + zeta * R_.col(level);
    visit(loop, level + 1, weight * panels.weights()[k]);
  }
  loop.a = before;
}

Matrix ArgumentAverages::operator()(Index order, Index functions, const Functions& F) const {
  const GramCharlier::Tables& tables = law_.tables();
  const Index count = offset_.size(), degree = order + tables.terms.degree();
  Loop loop{statistics::MultiIndices(count, degree),
            F,
            offset_,
            Vector(functions),
            std::vector<Vector>(static_cast<std::size_t>(count), Vector(degree + 1)),
            {},
            {}};
  loop.products.resize(static_cast<std::size_t>(loop.indices.size()));
  loop.tau = Matrix::Zero(loop.indices.size(), functions);
  visit(loop, 0, 1.0);
  for (Index e = 0; e < loop.indices.size(); ++e) loop.tau.row(e) /= loop.indices.factorial(e);
  const Matrix R =  // σ = Pᵀ t
      statistics::linear_substitution(loop.indices, tables.hermites, P_.transpose());
  return law_.products().topRows(tables.powers.size_to(order)) * (R.transpose() * loop.tau);
}

}  // namespace stillpoint::cumulants
