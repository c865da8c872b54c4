// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/transfer_operator/plane_operator.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
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

/// x, but beyond an end of the grid that end, rounded off on the scale w: exact to w e^{−d/w} at
/// the distance d inside. Analytic, so that averages over noise need no split there.
Vector softly_clamped(const PanelGrid<double>& grid, Vector points, double w) {
  const auto below = [w](double distance) { return w * std::log1p(std::exp(-distance / w)); };
  for (double& x : points) {
    const double up = x - grid.lower(), down = grid.upper() - x;
    // Far beyond, the logarithm is the distance itself.
    x = up < -30.0 * w     ? grid.lower()
        : down < -30.0 * w ? grid.upper()
                           : std::clamp(x + below(up) - below(down), grid.lower(), grid.upper());
  }
  return points;
}

/// P(|x + sd z| leaves the grid).
double probability_beyond(const PanelGrid<double>& grid, double x, double sd) {
  const double rounding = 1e-12 * (grid.upper() - grid.lower());
  const double up = grid.upper() - x, down = x - grid.lower();
  if (!(sd > 0.0)) return up < -rounding || down < -rounding ? 1.0 : 0.0;
  if (std::min(up, down) > 9.0 * sd) return 0.0;  // less than 1e-18
  const double unit = sd * std::sqrt(2.0);
  return 0.5 * (std::erfc(up / unit) + std::erfc(down / unit));
}

}  // namespace

Matrix interpolation(const PanelGrid<double>& grid, const Vector& points) {
  Matrix columns = Matrix::Zero(grid.size(), points.size());
  for (Index i = 0; i < points.size(); ++i) grid.add_point(points(i), 1.0, columns.col(i).data());
  grid.to_nodal_functionals(columns);
  return columns;
}

CorrelatedSmear::CorrelatedSmear(const PlaneGrid& grid, const Eigen::Matrix2d& L,
                                 double refinement) {
  const Eigen::Matrix2d covariance = L * L.transpose();
  const Eigen::Vector2d sd = covariance.diagonal().cwiseSqrt();
  const double correlation = covariance(0, 1) / (sd(0) * sd(1));
  // 1 − |ρ| without cancellation, det LLᵀ = (L₀₀ L₁₁)².
  const double determinant = std::pow(L(0, 0) * L(1, 1) / (sd(0) * sd(1)), 2);
  const double independent = determinant / (1.0 + std::abs(correlation));
  Eigen::Vector2d common = std::sqrt(std::abs(correlation)) * sd;
  if (correlation < 0.0) common(1) = -common(1);
  Eigen::Vector2d scale;
  double step = 0.25;
  for (int k = 0; k < 2; ++k) {
    axes_[k] = axis_smear(grid[k], std::sqrt(independent) * sd(k), refinement);
    const double width = grid[k].upper() - grid[k].lower(), reach = std::abs(common(k));
    // The rule has to follow the rounded ends, poles at ±iπ scale, to e⁻²⁰, for hardly any mass is
    // there, and the polynomials.
    scale(k) = std::min(0.25 * reach, width / 128.0);
    const double waves = 2.0 * static_cast<double>(grid[k].size()) * reach / width;
    constexpr double pi = std::numbers::pi;
    step = std::min({step, 2.0 * pi * pi * scale(k) / reach / 20.0, 2.0 * pi / (8.0 + waves)});
    // What the independent noise leaves of a kink, as wide as itself.
    if (grid[k].panels() > 1)
      step = std::min(step, std::max(0.04, std::sqrt(independent) * sd(k) / reach));
  }
  constexpr double end = 7.5;  // P(|z| > 7.5) = 6e-14
  const auto half = static_cast<Index>(std::ceil(end / step));
  points_ = 2 * half + 1;
  const Vector z = step * Vector::LinSpaced(points_, -double(half), double(half));
  const Vector density = (-0.5 * z.array().square()).exp();
  const Vector share = density / density.sum();
  const Vector x0 = grid[0].nodes(), x1 = grid[1].nodes();
  const Index n0 = x0.size(), n1 = x1.size();
  first_.resize(n0 * points_, n0);
  second_.resize(n1, points_ * n1);
  for (Index q = 0; q < points_; ++q)
    first_.middleRows(n0 * q, n0) =
        interpolation(grid[0], softly_clamped(grid[0], x0.array() + common(0) * z(q), scale(0)));
  for (Index j = 0; j < n1; ++j)
    second_.middleCols(points_ * j, points_) =
        interpolation(grid[1], softly_clamped(grid[1], x1(j) + (common(1) * z).array(), scale(1))) *
        share.asDiagonal();
}

Matrix CorrelatedSmear::backward(const Eigen::Ref<const Matrix>& V) const {
  const Index n0 = V.rows(), n1 = V.cols();
  const Matrix moved = (axes_[0].transpose() * V * axes_[1]) * second_;  // (n₀, Q n₁)
  return first_.transpose() * Eigen::Map<const Matrix>(moved.data(), n0 * points_, n1);
}

Matrix CorrelatedSmear::forward(const Eigen::Ref<const Matrix>& pi) const {
  const Index n0 = pi.rows(), n1 = pi.cols();
  const Matrix moved = first_ * pi;  // (n₀ Q, n₁)
  const Eigen::Map<const Matrix> points(moved.data(), n0, points_ * n1);
  return axes_[0] * (points * second_.transpose()) * axes_[1].transpose();
}

Matrix CorrelatedSmear::dense_forward() const {
  const Index n0 = first_.cols(), n1 = second_.rows();
  Matrix dense(n0 * n1, n0 * n1);
  for (Index j = 0; j < n1; ++j) {
    const Matrix right = axes_[1] * second_.middleCols(points_ * j, points_);
    for (Index i = 0; i < n0; ++i) {
      const Eigen::Map<const Matrix> left(first_.col(i).data(), n0, points_);
      Eigen::Map<Matrix>(dense.col(i + n0 * j).data(), n0, n1).noalias() =
          axes_[0] * (left * right.transpose());
    }
  }
  return dense;
}

PlaneOperator::PlaneOperator(const PlaneChain& chain, PlaneGrid grid, double refinement)
    : grid_(std::move(grid)) {
  leaving_ = Vector::Zero(grid_[0].size() * grid_[1].size());
  for (int k = 0; k < 2; ++k) {
    rows_[k] = rows(chain, k, refinement);
    if (!chain.correlated() && chain.smear(k, k) > 0.0)
      rows_[k] = (axis_smear(grid_[k], chain.smear(k, k), refinement) * rows_[k]).eval();
  }
  if (chain.correlated()) smear_.emplace(grid_, chain.smear, refinement);
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

Matrix PlaneOperator::rows(const PlaneChain& chain, int axis, double refinement) {
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
  const double sd_outside = chain.smear.row(axis).norm();
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
            leaving_(i) += probability_beyond(grid, certain, sd_outside);
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
          for (Index q = 0; q < points.size(); ++q)
            leaving_(i) += rule.weights[static_cast<std::size_t>(q)] *
                           probability_beyond(grid, points(q), sd_outside);
        }
      },
      chain.activation);
  grid.to_nodal_functionals(columns);
  normalise_columns(columns);
  return columns;
}

void PlaneOperator::backward(const Eigen::Ref<const Vector>& v, Eigen::Ref<Vector> result) const {
  const Index n0 = grid_[0].size(), n1 = grid_[1].size();
  const Eigen::Map<const Matrix> V(v.data(), n0, n1);
  const Matrix across =
      (smear_ ? smear_->backward(V) : Matrix(V)).transpose() * rows_[0];  // (n₁, N)
  result = across.cwiseProduct(rows_[1]).colwise().sum().transpose();
}

void PlaneOperator::forward(const Eigen::Ref<const Vector>& pi, Eigen::Ref<Vector> result) const {
  const Index n0 = grid_[0].size(), n1 = grid_[1].size();
  const Matrix weighted = rows_[0] * pi.asDiagonal();
  Eigen::Map<Matrix> moved(result.data(), n0, n1);
  moved.noalias() = weighted * rows_[1].transpose();
  if (smear_) moved = smear_->forward(moved);
}

Matrix PlaneOperator::dense_forward() const {
  const Index n0 = grid_[0].size(), n1 = grid_[1].size();
  Matrix dense(size(), size());
  for (Index i = 0; i < size(); ++i) {
    Eigen::Map<Matrix>(dense.col(i).data(), n0, n1).noalias() =
        rows_[0].col(i) * rows_[1].col(i).transpose();
  }
  if (smear_) dense = (smear_->dense_forward() * dense).eval();
  return dense;
}

}  // namespace stillpoint::transfer_operator
