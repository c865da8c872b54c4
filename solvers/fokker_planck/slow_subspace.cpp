// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/slow_subspace.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <Eigen/QR>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <sstream>
#include <string>
#include <unsupported/Eigen/MatrixFunctions>
#include <vector>

#include "lib/core/parallel.hpp"
#include "lib/core/require.hpp"
#include "lib/models/averaged_diffusion.hpp"
#include "solvers/algebraic/solve.hpp"
#include "solvers/algebraic/stein.hpp"
#include "solvers/ode/integrate.hpp"

namespace stillpoint::fokker_planck {
namespace {

constexpr std::string_view where = "reduce_to_slow_subspace";

/// F X + X Λᵀ + N = 0 as a linear system, X (k, d) with a small d.
Matrix solve_sylvester(const Matrix& F, const Matrix& slow, const Matrix& N) {
  const Index k = F.rows(), d = slow.rows();
  Matrix system = Matrix::Zero(k * d, k * d);
  for (Index i = 0; i < d; ++i) {
    system.block(i * k, i * k, k, k) = F;
    for (Index j = 0; j < d; ++j) system.block(i * k, j * k, k, k).diagonal().array() += slow(i, j);
  }
  const Vector x = system.partialPivLu().solve(-Eigen::Map<const Vector>(N.data(), k * d));
  return Eigen::Map<const Matrix>(x.data(), k, d);
}

/// Eigenvalues by falling real part.
Eigen::VectorXcd sorted_eigenvalues(const Matrix& J) {
  Eigen::VectorXcd values = Eigen::EigenSolver<Matrix>(J, false).eigenvalues();
  std::sort(values.begin(), values.end(), [](const auto& a, const auto& b) {
    return a.real() != b.real() ? a.real() > b.real() : a.imag() > b.imag();
  });
  return values;
}

bool cuts_a_pair(const Eigen::VectorXcd& values, Index d) {
  return values(d - 1).imag() > 0.0 && values(d) == std::conj(values(d - 1));
}

double separation_behind(const Eigen::VectorXcd& values, Index d) {
  return -values(d).real() / values.head(d).cwiseAbs().maxCoeff();
}

/// Orthonormal basis of the invariant subspace of J that belongs to its first d eigenvalues.
Matrix slow_basis(const Matrix& J, const Eigen::VectorXcd& values, Index d) {
  const Index m = J.rows();
  const double gap = values(d - 1).real() - values(d).real();
  const Matrix exponent = (20.0 / gap) * (J - values(0).real() * Matrix::Identity(m, m));
  const Matrix propagator = exponent.exp();
  Matrix basis = propagator;  // its largest columns first
  for (int k = 0; k < 4; ++k) {
    const Eigen::ColPivHouseholderQR<Matrix> qr(basis);
    basis = propagator * (qr.householderQ() * Matrix::Identity(m, d));
  }
  return Eigen::HouseholderQR<Matrix>(basis).householderQ() * Matrix::Identity(m, d);
}

/// What is known at a slow coordinate.
struct Slaved {
  Report report;
  Vector drift, state;
  Matrix tensor, spread;
};

struct Bases {
  Matrix project;     // P, (m − d, m)
  Matrix slow_rates;  // Λ
};

Slaved slaved_at(const models::NoisyDiffusion& model, const SlowSubspace& slow, const Bases& bases,
                 const Vector& s) {
  constexpr Index most_rounds = 200;
  const Index k = slow.fast.cols();
  const Matrix& Q = slow.fast;
  const Vector base = slow.centre + slow.right * s;
  Slaved at;
  Vector f = Vector::Zero(k), q2 = Vector::Zero(model.chain().units());
  Matrix sigma = Matrix::Zero(k, k), F, noise, jacobian;
  bool settled = false;
  for (Index round = 0; round < most_rounds && !settled; ++round) {
    const auto root = algebraic::solve(
        [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> value) {
          value = bases.project * models::mean_drift(model, base + Q * x, q2);
        },
        [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Matrix> J) {
          J = bases.project * models::mean_jacobian(model, base + Q * x, q2) * Q;
        },
        f, {.tolerance = 1e-11});
    if (!root.report.ok()) {
      at.report =
          Report::failure(Status::no_convergence, "no slow manifold: " + root.report.message);
      return at;
    }
    const double moved = (root.x - f).lpNorm<Eigen::Infinity>();
    f = root.x;
    at.state = base + Q * f;
    jacobian = models::mean_jacobian(model, at.state, q2);
    noise = 2.0 * models::mean_tensor(model, at.state, q2);
    F = bases.project * jacobian * Q;
    const auto closure =
        algebraic::solve_lyapunov(F, bases.project * noise * bases.project.transpose());
    if (!closure.report.ok()) {
      at.report = Report::failure(Status::outside_validity,
                                  "a fast direction is not attracted to the slow manifold");
      return at;
    }
    const double scale = 1.0 + closure.X.lpNorm<Eigen::Infinity>();
    const double widened = (closure.X - sigma).lpNorm<Eigen::Infinity>() / scale;
    sigma = closure.X;
    q2 = models::argument_variance(model, Q * sigma * Q.transpose());
    settled = std::max(moved / (1.0 + f.lpNorm<Eigen::Infinity>()), widened) < 1e-10;
  }
  if (!settled) {
    at.report = Report::failure(Status::no_convergence,
                                "mean and covariance of the fast directions do not settle");
    return at;
  }
  at.drift = slow.left.transpose() * models::mean_drift(model, at.state, q2);
  const Matrix handed = slow.left.transpose() * jacobian * Q;
  const Matrix seen =
      slow.left.transpose() -
      F.transpose().partialPivLu().solve(handed.transpose()).transpose() * bases.project;
  at.tensor = 0.5 * seen * noise * seen.transpose();
  const Matrix cross = solve_sylvester(F, bases.slow_rates, bases.project * noise * slow.left);
  const Matrix mixed = Q * cross * slow.right.transpose();
  at.spread = Q * sigma * Q.transpose() + mixed + mixed.transpose();
  return at;
}

/// Ends of trajectories without noise, and the box and the law that they suggest.
void find_box(const models::NoisyDiffusion& model, const Matrix& starts, double reach,
              SlowSubspace& slow, SlowTable& table) {
  const Index d = slow.dimension, m = slow.centre.size();
  const double slowest = slow.eigenvalues.head(d).cwiseAbs().minCoeff();
  const double time = std::clamp(40.0 / slowest, 40.0, 2000.0);
  std::vector<Vector> ends;
  std::vector<Matrix> widths;
  Matrix J(m, m);
  const Vector none = Vector::Zero(model.chain().units());
  const auto slow_noise = [&](const Vector& y) -> Matrix {
    return 2.0 * slow.left.transpose() * models::mean_tensor(model, y, none) * slow.left;
  };
  for (Index k = 0; k < starts.cols(); ++k) {
    const auto path = ode::integrate(
        [&model](double, const Eigen::Ref<const Vector>& y, Eigen::Ref<Vector> dydt) {
          Vector drift(y.size());
          model.drift(0.0, y, drift);
          dydt = drift;
        },
        starts.col(k), Vector::LinSpaced(2, 0.0, time),
        {.relative_tolerance = 1e-6, .absolute_tolerance = 1e-8});
    if (!path.report.ok()) continue;
    const Vector end = path.states.col(path.states.cols() - 1);
    model.drift_jacobian(0.0, end, J);
    const Matrix rates = slow.left.transpose() * J * slow.right;
    const auto width = algebraic::solve_lyapunov(rates, slow_noise(end));
    if (!width.report.ok()) continue;
    ends.push_back(slow.coordinates(end));
    widths.push_back(width.X);
  }
  if (ends.empty()) {  // no end is stable: as wide as the noise spreads in the slow time
    ends.push_back(Vector::Zero(d));
    widths.push_back(slow_noise(slow.centre) / slowest);
  }
  const auto count = static_cast<double>(ends.size());
  slow.guess = {Vector::Zero(d), Matrix::Zero(d, d)};
  for (const auto& end : ends) slow.guess.mean += end / count;
  table.lower = table.upper = ends.front();
  for (std::size_t k = 0; k < ends.size(); ++k) {
    const Vector off = ends[k] - slow.guess.mean;
    slow.guess.covariance += (widths[k] + off * off.transpose()) / count;
    const Vector sd = reach * widths[k].diagonal().cwiseAbs().cwiseSqrt();
    table.lower = table.lower.cwiseMin(ends[k] - sd);
    table.upper = table.upper.cwiseMax(ends[k] + sd);
  }
}

/// Weights of Chebyshev points of the second kind, ascending on [−1, 1], in the interpolant at x.
Vector line_cardinals(Index nodes, double x) {
  Vector weights(nodes);
  for (Index j = 0; j < nodes; ++j) {
    const double node =
        -std::cos(std::numbers::pi * static_cast<double>(j) / static_cast<double>(nodes - 1));
    if (x == node) return Vector::Unit(nodes, j);
    const double end = j == 0 || j == nodes - 1 ? 0.5 : 1.0;
    weights(j) = (j % 2 ? -end : end) / (x - node);
  }
  return weights / weights.sum();
}

Index points_of(Index nodes, Index d) {
  Index points = 1;
  for (Index i = 0; i < d; ++i) points *= nodes;
  return points;
}

Vector table_point(const SlowTable& table, Index point) {
  Vector s(table.lower.size());
  for (Index i = 0; i < s.size(); ++i, point /= table.nodes) {
    const double x = -std::cos(std::numbers::pi * static_cast<double>(point % table.nodes) /
                               static_cast<double>(table.nodes - 1));
    s(i) = 0.5 * ((1.0 - x) * table.lower(i) + (1.0 + x) * table.upper(i));
  }
  return s;
}

/// Error of the table with every other node, a quarter of it: what an order of 2 or more leaves.
double table_error(const SlowTable& table) {
  const Index d = table.lower.size();
  SlowTable coarse{.lower = table.lower, .upper = table.upper, .nodes = (table.nodes + 1) / 2};
  const Index points = points_of(coarse.nodes, d);
  coarse.drift.resize(d, points);
  coarse.tensor.resize(d * d, points);
  for (Index point = 0; point < points; ++point) {
    Index from = 0;
    for (Index i = 0, rest = point, stride = 1; i < d; ++i, rest /= coarse.nodes)
      from += 2 * (rest % coarse.nodes) * stride, stride *= table.nodes;
    coarse.drift.col(point) = table.drift.col(from);
    coarse.tensor.col(point) = table.tensor.col(from);
  }
  double drift = 0.0, tensor = 0.0;
  for (Index point = 0; point < table.drift.cols(); ++point) {
    const Vector weights = coarse.cardinals(table_point(table, point));
    drift = std::max(drift,
                     (coarse.drift * weights - table.drift.col(point)).lpNorm<Eigen::Infinity>());
    tensor = std::max(
        tensor, (coarse.tensor * weights - table.tensor.col(point)).lpNorm<Eigen::Infinity>());
  }
  return 0.25 * std::max(drift / table.drift.lpNorm<Eigen::Infinity>(),
                         tensor / table.tensor.lpNorm<Eigen::Infinity>());
}

/// Interpolated coefficients; beyond the box the drift goes on with the slope it has there.
Coefficients tabulated(std::shared_ptr<const SlowTable> table) {
  const Index d = table->lower.size();
  return {.dimension = d,
          .drift =
              [table](const Vector& s, Vector& drift) {
                const Vector inside = s.cwiseMax(table->lower).cwiseMin(table->upper);
                drift = table->drift * table->cardinals(inside);
                const Vector off = s - inside;
                const double distance = off.norm();
                if (distance == 0.0) return;
                const double h = 1e-3 * (table->upper - table->lower).minCoeff();
                const Vector before = inside - (h / distance) * off;
                drift += (distance / h) * (drift - table->drift * table->cardinals(before));
              },
          .tensor =
              [table, d](const Vector& s, Matrix& tensor) {
                const Vector flat = table->tensor * table->cardinals(s);
                tensor = Eigen::Map<const Matrix>(flat.data(), d, d);
              }};
}

/// Chooses d. @returns a sentence if there is no gap.
std::string choose_dimension(const SlowSubspaceOptions& options, SlowSubspace& slow) {
  const Index m = slow.eigenvalues.size();
  std::ostringstream text;
  text.precision(4);
  if (options.dimension > 0) {
    slow.dimension = options.dimension;
    slow.separation = separation_behind(slow.eigenvalues, slow.dimension);
    if (cuts_a_pair(slow.eigenvalues, slow.dimension)) {
      text << "dimension " << slow.dimension
           << " cuts a complex pair in two: take one more or less";
      return text.str();
    }
  } else {
    for (Index d = 1; d <= std::min<Index>(3, m - 1); ++d) {
      if (cuts_a_pair(slow.eigenvalues, d)) continue;
      const double separation = separation_behind(slow.eigenvalues, d);
      if (slow.dimension > 0 && separation <= slow.separation) continue;
      slow.dimension = d;
      slow.separation = separation;
    }
  }
  if (slow.dimension > 0 && slow.separation >= options.separation) return {};
  text << "no spectral gap: the slowest fast direction is only " << slow.separation
       << " times as fast as the slow ones, expected " << options.separation
       << "; use the closure or Monte Carlo";
  return text.str();
}

}  // namespace

Vector SlowTable::cardinals(const Vector& s) const {
  Vector weights = Vector::Ones(1);
  for (Index i = 0; i < s.size(); ++i) {
    const double x = (2.0 * s(i) - lower(i) - upper(i)) / (upper(i) - lower(i));
    const Vector line = line_cardinals(nodes, std::clamp(x, -1.0, 1.0));
    const Matrix product = weights * line.transpose();
    weights = Eigen::Map<const Vector>(product.data(), product.size());
  }
  return weights;
}

SlowSubspace reduce_to_slow_subspace(const models::NoisyDiffusion& diffusion, const Vector& centre,
                                     const SlowSubspaceOptions& options) {
  const Index m = diffusion.state_size();
  require(m >= 2, where, "the network has one dimension, use solve_stationary");
  require(centre.size() == m && centre.allFinite(), where, "centre has ", centre.size(),
          " entries or is not finite, expected ", m);
  require(options.dimension >= 0 && options.dimension <= 3 && options.dimension < m, where,
          "dimension = ", options.dimension, ", expected 1 to 3 and < ", m, ", or 0");
  require(options.separation > 1.0, where, "separation = ", options.separation, ", expected > 1");
  require(options.reach > 0.0, where, "reach = ", options.reach, ", expected > 0");
  require(options.tolerance > 0.0, where, "tolerance = ", options.tolerance, ", expected > 0");
  require(options.nodes == 0 || (options.nodes >= 5 && options.nodes % 2 == 1), where,
          "nodes = ", options.nodes, ", expected odd and >= 5, or 0");
  require(options.starts.size() == 0 || (options.starts.rows() == m && options.starts.allFinite()),
          where, "starts have ", options.starts.rows(), " rows or are not finite, expected ", m);

  SlowSubspace slow{.centre = centre};
  slow.diffusion = std::make_shared<const models::NoisyDiffusion>(diffusion);
  Matrix J(m, m);
  diffusion.drift_jacobian(0.0, centre, J);
  slow.eigenvalues = sorted_eigenvalues(J);
  if (const std::string why = choose_dimension(options, slow); !why.empty()) {
    slow.report = Report::failure(Status::outside_validity, why);
    return slow;
  }
  const Index d = slow.dimension;
  slow.right = slow_basis(J, slow.eigenvalues, d);
  const Matrix left = slow_basis(J.transpose(), slow.eigenvalues, d);
  slow.left = left * (slow.right.transpose() * left).inverse();
  slow.obliqueness = Eigen::JacobiSVD<Matrix>(slow.left).singularValues()(0);
  slow.fast =
      (Eigen::HouseholderQR<Matrix>(left).householderQ() * Matrix::Identity(m, m)).rightCols(m - d);
  const Bases bases{
      .project = slow.fast.transpose() - slow.fast.transpose() * slow.right * slow.left.transpose(),
      .slow_rates = slow.left.transpose() * J * slow.right};
  const double residual =
      (J * slow.right - slow.right * bases.slow_rates).norm() +
      (slow.left.transpose() * J - bases.slow_rates * slow.left.transpose()).norm() /
          slow.obliqueness;
  if (!(residual < 1e-9 * J.norm())) {
    slow.report = Report::failure(Status::no_convergence, "the slow subspace was not found");
    slow.report.residual = residual;
    return slow;
  }

  Matrix starts = options.starts;
  if (starts.size() == 0) {
    starts.resize(m, 2 * d);
    for (Index k = 0; k < d; ++k) {
      const Vector step = 2.0 / slow.right.col(k).lpNorm<Eigen::Infinity>() * slow.right.col(k);
      starts.col(2 * k) = centre + step;
      starts.col(2 * k + 1) = centre - step;
    }
  }
  constexpr Index usual_nodes[] = {49, 21, 11};
  auto table = std::make_shared<SlowTable>();
  table->nodes = options.nodes > 0 ? options.nodes : usual_nodes[d - 1];
  find_box(diffusion, starts, options.reach, slow, *table);
  require((table->upper - table->lower).minCoeff() > 0.0, where,
          "no noise reaches the slow directions, expected some");

  const Index points = points_of(table->nodes, d);
  std::vector<Slaved> found(static_cast<std::size_t>(points));
  parallel_for(points, options.threads, [&](Index point) {
    found[static_cast<std::size_t>(point)] =
        slaved_at(diffusion, slow, bases, table_point(*table, point));
  });
  table->drift.resize(d, points);
  table->tensor.resize(d * d, points);
  table->state.resize(m, points);
  table->spread.resize(m * m, points);
  for (Index point = 0; point < points; ++point) {
    const Slaved& at = found[static_cast<std::size_t>(point)];
    if (!at.report.ok()) {
      std::ostringstream text;
      text << "at slow coordinates " << table_point(*table, point).transpose() << ": "
           << at.report.message;
      slow.report = Report::failure(at.report.status, text.str());
      return slow;
    }
    table->drift.col(point) = at.drift;
    table->tensor.col(point) = Eigen::Map<const Vector>(at.tensor.data(), d * d);
    table->state.col(point) = at.state;
    table->spread.col(point) = Eigen::Map<const Vector>(at.spread.data(), m * m);
  }
  slow.report.residual = table_error(*table);
  slow.report.iterations = points;
  if (slow.report.residual > options.tolerance) {
    std::ostringstream text;
    text << "the table of " << table->nodes << " nodes an axis has the relative error "
         << slow.report.residual << ", expected " << options.tolerance << ": ask for more nodes";
    slow.report.status = Status::no_convergence;
    slow.report.message = text.str();
    return slow;
  }
  slow.table = table;
  slow.coefficients = tabulated(table);
  return slow;
}

NetworkMoments network_moments(const SlowSubspace& slow, const StationaryDensity& density) {
  const Index d = slow.dimension, m = slow.centre.size();
  require(slow.table != nullptr && density.mean.size() == d, "network_moments", "the density has ",
          density.mean.size(), " dimensions, expected a reduction of as many");
  const SlowTable& table = *slow.table;
  NetworkMoments moments;
  Vector weights = Vector::Zero(table.drift.cols());
  double mass = 0.0;
  const auto add = [&](const Vector& s, double probability) {
    weights += probability * table.cardinals(s);
    mass += probability;
    if ((s - table.lower).minCoeff() < 0.0 || (table.upper - s).minCoeff() < 0.0)
      moments.outside += probability;
  };
  if (density.spectral) {
    for (Index q = 0; q < density.spectral->masses.size(); ++q)
      add(density.spectral->nodes.col(q), density.spectral->masses(q));
  } else {
    require(density.grid.has_value(), "network_moments",
            "the density is empty: ", density.report.message);
    Vector xi;
    for (Index cell = 0; cell < density.grid->masses.size(); ++cell) {
      density.grid->grid.centre(cell, xi);
      add(density.chart.position(xi), density.grid->masses(cell));
    }
  }
  weights /= mass;
  // E (ȳ − R s) and its products by the table, those of R s by the density's own moments.
  const Matrix along = slow.right * density.covariance * slow.right.transpose();
  moments.mean = table.state * weights;
  const Vector spread = table.spread * weights;
  const Matrix off = table.state.colwise() - moments.mean;
  moments.covariance =
      off * weights.asDiagonal() * off.transpose() + Eigen::Map<const Matrix>(spread.data(), m, m);
  // The table's own interpolant of s sᵀ stops at its box; the density's moments do not.
  Matrix places(d, table.drift.cols());
  for (Index point = 0; point < places.cols(); ++point)
    places.col(point) = table_point(table, point);
  const Matrix around = places.colwise() - Vector(places * weights);
  moments.covariance += along - slow.right * (around * weights.asDiagonal() * around.transpose()) *
                                    slow.right.transpose();
  if (moments.outside > 1e-4) {
    std::ostringstream text;
    text << "probability " << moments.outside
         << " lies outside the table: widen it with reach, or give starts";
    moments.report = Report::failure(Status::outside_validity, text.str());
  }
  return moments;
}

}  // namespace stillpoint::fokker_planck
