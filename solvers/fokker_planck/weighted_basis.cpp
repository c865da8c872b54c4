// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/weighted_basis.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace stillpoint::fokker_planck {

double LineDensity::operator()(double s) const {
  const double place = (s - grid(0)) / step();
  const Index last = grid.size() - 1;
  if (!(place >= 0.0 && place <= static_cast<double>(last))) return 0.0;
  // Lagrange's polynomial of degree 7 through the nearest points, in barycentric form.
  constexpr Index points = 8;
  constexpr double barycentric[points] = {-1.0, 7.0, -21.0, 35.0, -35.0, 21.0, -7.0, 1.0};
  const Index first =
      std::clamp<Index>(static_cast<Index>(place) - points / 2 + 1, 0, last - points + 1);
  double above = 0.0, below = 0.0;
  for (Index k = 0; k < points; ++k) {
    const double distance = place - static_cast<double>(first + k);
    if (distance == 0.0) return std::exp(log(first + k));
    above += barycentric[k] / distance * log(first + k);
    below += barycentric[k] / distance;
  }
  return std::exp(above / below);
}

WeightedBasis::WeightedBasis(const LineDensity& density, Index functions, Index points)
    : nodes(points), root_weights(points), values(functions, points) {
  // Stieltjes' procedure; the trapezoid rule integrates what has decayed at both ends to rounding.
  const Vector weight = density.step() * density.log.array().exp();
  const Vector& s = density.grid;
  alpha_.resize(points);
  beta_.resize(points);
  Vector previous = Vector::Zero(s.size()), current = Vector::Ones(s.size());
  double norm = 1.0;
  for (Index k = 0; k < points; ++k) {
    norm = std::sqrt(weight.dot(current.cwiseAbs2()));
    beta_(k) = k == 0 ? 0.0 : norm;
    current /= norm;
    alpha_(k) = weight.dot(s.cwiseProduct(current.cwiseAbs2()));
    const Vector next = (s.array() - alpha_(k)) * current.array() - beta_(k) * previous.array();
    previous = current;
    current = next;
  }
  // Nodes: eigenvalues of the Jacobi matrix (Golub & Welsch 1969). Weights: ω = 1/Σ u_j².
  Eigen::SelfAdjointEigenSolver<Matrix> jacobi;
  jacobi.computeFromTridiagonal(alpha_, beta_.tail(points - 1), Eigen::EigenvaluesOnly);
  nodes = jacobi.eigenvalues();
  Matrix slopes(functions, points);
  for (Index q = 0; q < points; ++q) {
    Vector u(points), slope(points);
    for (Index k = 0; k < points; ++k) {
      if (k == 0) {
        u(0) = 1.0;
        slope(0) = 0.0;
        continue;
      }
      const double distance = nodes(q) - alpha_(k - 1);
      u(k) = distance * u(k - 1);
      slope(k) = u(k - 1) + distance * slope(k - 1);
      if (k > 1) {
        u(k) -= beta_(k - 1) * u(k - 2);
        slope(k) -= beta_(k - 1) * slope(k - 2);
      }
      u(k) /= beta_(k);
      slope(k) /= beta_(k);
    }
    root_weights(q) = 1.0 / u.norm();
    values.col(q) = root_weights(q) * u.head(functions);
    slopes.col(q) = root_weights(q) * slope.head(functions);
  }
  derivative = (slopes * values.transpose()).triangularView<Eigen::StrictlyLower>();
}

Vector WeightedBasis::evaluate(double s) const {
  Vector u(values.rows());
  for (Index k = 0; k < u.size(); ++k) {
    if (k == 0) {
      u(0) = 1.0;
      continue;
    }
    u(k) = (s - alpha_(k - 1)) * u(k - 1);
    if (k > 1) u(k) -= beta_(k - 1) * u(k - 2);
    u(k) /= beta_(k);
  }
  return u;
}

}  // namespace stillpoint::fokker_planck
