// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/transfer_operator/plane_operator.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>
#include <vector>

#include "solvers/transfer_operator/gaussian_rule.hpp"

namespace stillpoint::transfer_operator {
namespace {

/// Adds Σ_q weight_q T_c(t(point_q)) to the coefficients, all points at once on a single panel.
class PointAdder {
 public:
  void operator()(const PanelGrid<double>& grid, const Eigen::Ref<const Eigen::ArrayXd>& points,
                  const Eigen::Ref<const Eigen::ArrayXd>& weights, double* coefficients) {
    if (grid.panels() > 1 || points.size() < 4) {
      for (Index q = 0; q < points.size(); ++q) grid.add_point(points(q), weights(q), coefficients);
      return;
    }
    const double middle = 0.5 * (grid.lower() + grid.upper());
    const double half = 0.5 * (grid.upper() - grid.lower());
    twice_ = ((points - middle) / half).max(-1.0).min(1.0) * 2.0;
    previous_ = weights;
    current_ = 0.5 * weights * twice_;
    coefficients[0] += previous_.sum();
    for (Index c = 1; c < grid.order(); ++c) {
      coefficients[c] += current_.sum();
      next_ = twice_ * current_ - previous_;
      previous_.swap(current_);
      current_.swap(next_);
    }
  }

 private:
  Eigen::ArrayXd twice_, previous_, current_, next_;
};

Eigen::Map<const Eigen::ArrayXd> array(const std::vector<double>& values) {
  return {values.data(), static_cast<Index>(values.size())};
}

/// z where x + sd z is an edge of a panel, the ends included: beyond them functions are constant.
std::vector<double> breaks_at_edges(const PanelGrid<double>& grid, double x, double sd) {
  std::vector<double> breaks;
  for (const double edge : grid.edges()) breaks.push_back((edge - x) / sd);
  return breaks;
}

/// Adds the z where the monotonic moved(z) leaves the grid, if that is at all likely.
template <typename Function>
void add_crossing(const Function& moved, double end, std::vector<double>& breaks) {
  double below = -8.0, above = 8.0;
  const bool rising = moved(above) > moved(below);
  if ((moved(below) < end) == (moved(above) < end)) return;
  for (int k = 0; k < 40; ++k) {
    const double middle = 0.5 * (below + above);
    ((moved(middle) < end) == rising ? below : above) = middle;
  }
  breaks.push_back(0.5 * (below + above));
}

void normalise_columns(Matrix& columns) {
  for (Index i = 0; i < columns.cols(); ++i) columns.col(i) /= columns.col(i).sum();
}

/// For averages of the grid's polynomials over a normal variable that moves the point by `reach` a
/// standard deviation: 16 Gauss nodes a piece also have to follow the polynomials.
double refined(double least, const PanelGrid<double>& grid, double reach) {
  const double panel = (grid.upper() - grid.lower()) / static_cast<double>(grid.panels());
  return std::max(least, 0.5 * static_cast<double>(grid.order()) * reach / panel);
}

/// E ℓ_j(x_i + sd z) as columns, (n, n).
Matrix axis_smear(const PanelGrid<double>& grid, double sd, double refinement) {
  const Index n = grid.size();
  if (!(sd > 0.0)) return Matrix::Identity(n, n);
  const Vector x = grid.nodes();
  GaussianRule<double> rule(refined(0.6 * refinement, grid, sd));
  PointAdder add;
  Matrix columns = Matrix::Zero(n, n);
  for (Index i = 0; i < n; ++i) {
    rule.split_at(breaks_at_edges(grid, x(i), sd));
    add(grid, x(i) + sd * array(rule.nodes), array(rule.weights), columns.col(i).data());
  }
  grid.to_nodal_functionals(columns);
  normalise_columns(columns);
  return columns;
}

/// E v(u + L z) for correlated noise, transposed, (N, N): first z₀ moves both coordinates, then z₁
/// the second alone.
Matrix plane_smear(const PlaneGrid& grid, const Eigen::Matrix2d& L, double refinement) {
  const Index n0 = grid[0].size(), n1 = grid[1].size();
  const Vector x0 = grid[0].nodes(), x1 = grid[1].nodes();
  const Matrix second = axis_smear(grid[1], L(1, 1), refinement);
  const double reach = std::max(refined(0.6 * refinement, grid[0], L(0, 0)),
                                refined(0.6 * refinement, grid[1], std::abs(L(1, 0))));
  GaussianRule<double> rule(reach);
  Matrix columns(n0 * n1, n0 * n1);
  for (Index i = 0; i < n0; ++i) {
    const auto breaks = breaks_at_edges(grid[0], x0(i), L(0, 0));
    for (Index j = 0; j < n1; ++j) {
      auto both = breaks;
      for (const double end : {grid[1].lower(), grid[1].upper()})
        both.push_back((end - x1(j)) / L(1, 0));
      rule.split_at(both);
      const auto z = array(rule.nodes);
      const Matrix first =
          interpolation(grid[0], x0(i) + L(0, 0) * z) * array(rule.weights).matrix().asDiagonal();
      const Matrix moved = interpolation(grid[1], x1(j) + L(1, 0) * z);
      const Matrix to_first = first * moved.transpose();
      Eigen::Map<Matrix>(columns.col(i + n0 * j).data(), n0, n1).noalias() =
          to_first * second.transpose();
    }
  }
  normalise_columns(columns);
  return columns;
}

}  // namespace

Matrix interpolation(const PanelGrid<double>& grid, const Vector& points) {
  Matrix columns = Matrix::Zero(grid.size(), points.size());
  for (Index i = 0; i < points.size(); ++i) grid.add_point(points(i), 1.0, columns.col(i).data());
  grid.to_nodal_functionals(columns);
  return columns;
}

PlaneOperator::PlaneOperator(const PlaneChain& chain, PlaneGrid grid, double refinement)
    : grid_(std::move(grid)) {
  for (int k = 0; k < 2; ++k) {
    rows_[k] = rows(chain, k, refinement);
    if (!chain.correlated() && chain.smear(k, k) > 0.0)
      rows_[k] = (axis_smear(grid_[k], chain.smear(k, k), refinement) * rows_[k]).eval();
  }
  if (chain.correlated()) smear_ = plane_smear(grid_, chain.smear, refinement);
}

Matrix PlaneOperator::nodes() const {
  const Vector x0 = grid_[0].nodes(), x1 = grid_[1].nodes();
  Matrix all(2, x0.size() * x1.size());
  for (Index j = 0; j < x1.size(); ++j) {
    all.row(0).segment(j * x0.size(), x0.size()) = x0.transpose();
    all.row(1).segment(j * x0.size(), x0.size()).setConstant(x1(j));
  }
  return all;
}

Matrix PlaneOperator::rows(const PlaneChain& chain, int axis, double refinement) const {
  const PanelGrid<double>& grid = grid_[axis];
  const Matrix u = nodes();
  Matrix columns = Matrix::Zero(grid.size(), u.cols());
  // No activation is steeper than 1.
  const double reach =
      (chain.gain.row(axis).transpose().cwiseAbs().array() * chain.argument_sd.array()).maxCoeff();
  GaussianRule<double> rule(refined(refinement, grid, reach));
  PointAdder add;
  Eigen::ArrayXd points;
  const Eigen::ArrayXd one = Eigen::ArrayXd::Ones(1);
  std::visit(
      [&](const auto& f) {
        std::vector<double> breaks;
        for (Index i = 0; i < u.cols(); ++i) {
          const Eigen::Vector2d a = chain.argument_weights * u.col(i) + chain.argument_offset;
          double certain = chain.retention * u(axis, i) + chain.offset(axis);
          int noisy = -1;
          for (int j = 0; j < 2; ++j) {
            if (chain.gain(axis, j) == 0.0) continue;
            if (chain.argument_sd(j) > 0.0)
              noisy = j;
            else
              certain += chain.gain(axis, j) * f(a(j));
          }
          if (noisy < 0) {
            points = certain * one;
            add(grid, points, one, columns.col(i).data());
            continue;
          }
          const double sd = chain.argument_sd(noisy), gain = chain.gain(axis, noisy);
          const auto moved = [&](double z) { return certain + gain * f(a(noisy) + sd * z); };
          breaks.clear();
          for (const double kink : chain.kinks) breaks.push_back((kink - a(noisy)) / sd);
          for (const double end : {grid.lower(), grid.upper()}) add_crossing(moved, end, breaks);
          rule.split_at(breaks);
          points.resize(static_cast<Index>(rule.nodes.size()));
          for (Index q = 0; q < points.size(); ++q)
            points(q) = moved(rule.nodes[static_cast<std::size_t>(q)]);
          add(grid, points, array(rule.weights), columns.col(i).data());
        }
      },
      chain.activation);
  grid.to_nodal_functionals(columns);
  normalise_columns(columns);
  return columns;
}

void PlaneOperator::backward(const Eigen::Ref<const Vector>& v, Eigen::Ref<Vector> result) const {
  const Index n0 = grid_[0].size(), n1 = grid_[1].size();
  const Vector smeared = smear_.size() > 0 ? Vector(smear_.transpose() * v) : Vector(v);
  const Eigen::Map<const Matrix> V(smeared.data(), n0, n1);
  const Matrix across = V.transpose() * rows_[0];  // (n₁, N)
  result = across.cwiseProduct(rows_[1]).colwise().sum().transpose();
}

void PlaneOperator::forward(const Eigen::Ref<const Vector>& pi, Eigen::Ref<Vector> result) const {
  const Index n0 = grid_[0].size(), n1 = grid_[1].size();
  const Matrix weighted = rows_[0] * pi.asDiagonal();
  if (smear_.size() == 0) {
    Eigen::Map<Matrix>(result.data(), n0, n1).noalias() = weighted * rows_[1].transpose();
    return;
  }
  Vector moved(size());
  Eigen::Map<Matrix>(moved.data(), n0, n1).noalias() = weighted * rows_[1].transpose();
  result.noalias() = smear_ * moved;
}

Matrix PlaneOperator::dense_forward() const {
  const Index n0 = grid_[0].size(), n1 = grid_[1].size();
  Matrix dense(size(), size());
  for (Index i = 0; i < size(); ++i) {
    Eigen::Map<Matrix>(dense.col(i).data(), n0, n1).noalias() =
        rows_[0].col(i) * rows_[1].col(i).transpose();
  }
  if (smear_.size() > 0) dense = (smear_ * dense).eval();
  return dense;
}

}  // namespace stillpoint::transfer_operator
