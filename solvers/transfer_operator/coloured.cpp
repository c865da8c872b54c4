// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/transfer_operator/coloured.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numbers>
#include <sstream>

#include "lib/core/require.hpp"
#include "solvers/algebraic/gmres.hpp"

namespace stillpoint::transfer_operator {
namespace {

/// h' = (1−g) h + g f(w h + c + sd z).
struct Neuron {
  activations::Activation activation;
  double leak, weight, offset, sd, retention;

  Neuron(const models::NoisyChain& chain, const Vector& input, const char* where)
      : activation(chain.activation()), leak(chain.leak()) {
    const auto& noise = chain.noise();
    require(chain.units() == 1 && chain.equation() == networks::Equation::rate, where,
            "the chain has ", chain.units(), " units, expected one in the rate equation");
    require(noise.coloured.size() == 1 && noise.argument_sd.isZero(0.0) &&
                noise.state_sd.isZero(0.0) && noise.coloured[0].sd(0) > 0.0,
            where, "expected one coloured source inside and no other noise");
    require(input.size() == chain.inputs() && input.allFinite(), where, "input has ", input.size(),
            " entries or is not finite, expected ", chain.inputs());
    weight = chain.network().W(0, 0);
    offset = chain.argument_offset(input)(0);
    sd = noise.coloured[0].sd(0);
    retention = noise.coloured[0].retention;
  }
  double next(double h, double z) const {
    return (1.0 - leak) * h + leak * activations::value(activation, weight * h + offset + sd * z);
  }
};

/// Gauss–Hermite nodes and the matrix of an AR(1) step on functions at the nodes.
struct NoiseAxis {
  Vector nodes;
  Vector root_weights;  // √w, Σ w = 1
  Matrix step;          // R

  NoiseAxis(Index n, double retention) {
    Vector off_diagonal(n - 1);
    for (Index k = 1; k < n; ++k) off_diagonal(k - 1) = std::sqrt(static_cast<double>(k));
    Eigen::SelfAdjointEigenSolver<Matrix> jacobi;
    jacobi.computeFromTridiagonal(Vector::Zero(n), off_diagonal);
    nodes = jacobi.eigenvalues();
    // Column q of the eigenvectors: √w_q he_k(z_q), k = 0 … n − 1, up to its sign.
    Matrix V = jacobi.eigenvectors();
    for (Index q = 0; q < n; ++q)
      if (V(0, q) < 0.0) V.col(q) = -V.col(q);
    root_weights = V.row(0);
    Vector powers(n);
    for (Index k = 0; k < n; ++k) powers(k) = std::pow(retention, static_cast<double>(k));
    // In the symmetric weighting √w v: R̂ = Vᵀ diag(ρᵏ) V.
    step = V.transpose() * powers.asDiagonal() * V;
  }
};

/// Chebyshev nodes of the first kind on [lower, upper].
struct StateAxis {
  double lower, upper;
  Vector nodes, barycentric;

  StateAxis(Index n, double lowest, double highest)
      : lower(lowest), upper(highest), nodes(n), barycentric(n) {
    for (Index k = 0; k < n; ++k) {
      const double angle =
          std::numbers::pi * (2.0 * static_cast<double>(k) + 1.0) / (2.0 * static_cast<double>(n));
      nodes(k) = 0.5 * (lower + upper) - 0.5 * (upper - lower) * std::cos(angle);
      barycentric(k) = (k % 2 == 0 ? 1.0 : -1.0) * std::sin(angle);
    }
  }
  /// ℓ_j(h), (n)
  void evaluate(double h, Eigen::Ref<Vector> basis) const {
    for (Index k = 0; k < nodes.size(); ++k) {
      if (h == nodes(k)) {
        basis.setZero();
        basis(k) = 1.0;
        return;
      }
      basis(k) = barycentric(k) / (h - nodes(k));
    }
    basis /= basis.sum();
  }
};

constexpr double unbounded = 1e100;

/// An interval of h that no step leaves while |z| stays below the largest node.
std::pair<double, double> invariant_interval(const Neuron& neuron, double reach) {
  double lower = neuron.next(0.0, 0.0), upper = lower;
  for (int k = 0; k < 100000; ++k) {
    double least = lower, most = upper;
    for (const double h : {lower, upper})
      for (const double z : {-reach, reach}) {
        least = std::min(least, neuron.next(h, z));
        most = std::max(most, neuron.next(h, z));
      }
    const double grown = (lower - least) + (most - upper);
    lower = least;
    upper = most;
    if (grown <= 1e-14 * (1.0 + std::abs(lower) + std::abs(upper))) break;
    if (!(upper - lower < unbounded)) break;
  }
  return {lower, upper};
}

struct Moments {
  double mean = std::numeric_limits<double>::quiet_NaN(), variance = mean, third = mean,
         covariance = mean;
  Report report;
};

Moments solve(const Neuron& neuron, Index n) {
  const NoiseAxis noise(n, neuron.retention);
  const auto [lower, upper] = invariant_interval(neuron, noise.nodes(n - 1));
  Moments moments;
  if (!(upper > lower && upper - lower < unbounded)) {
    moments.report = Report::failure(
        Status::outside_validity, "the state is not bounded: w f' is 1 or more for large states");
    return moments;
  }
  const StateAxis state(n, lower, upper);
  // L_k(i, j) = ℓ_j(h'(hᵢ, z_k)): where a step from every node goes, one matrix a noise node.
  std::vector<Matrix> interpolation(static_cast<std::size_t>(n), Matrix(n, n));
  Vector basis(n);
  for (Index k = 0; k < n; ++k)
    for (Index i = 0; i < n; ++i) {
      state.evaluate(neuron.next(state.nodes(i), noise.nodes(k)), basis);
      interpolation[static_cast<std::size_t>(k)].row(i) = basis;
    }
  // Functionals π(i, k) on √w-weighted functions. π𝒫: first L of every k, then R.
  Matrix moved(n, n);
  const auto push = [&](const Eigen::Map<const Matrix>& pi, Eigen::Map<Matrix>& result) {
    for (Index k = 0; k < n; ++k)
      moved.col(k).noalias() = interpolation[static_cast<std::size_t>(k)].transpose() * pi.col(k);
    result.noalias() = moved * noise.step;
  };
  // (1 − 𝒫ᵀ) π + u (1·π) = u has the solution 𝒫ᵀπ = π, 1·π = 1: here 1 is √w on every h.
  const Matrix one = Vector::Ones(n) * noise.root_weights.transpose();
  const Matrix u = one / static_cast<double>(n);
  const auto apply = [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> result) {
    const Eigen::Map<const Matrix> pi(x.data(), n, n);
    Eigen::Map<Matrix> out(result.data(), n, n);
    push(pi, out);
    out = pi - out + u * one.cwiseProduct(pi).sum();
  };
  const auto solution = algebraic::gmres(apply, {}, Eigen::Map<const Vector>(u.data(), n * n),
                                         Eigen::Map<const Vector>(u.data(), n * n),
                                         {.tolerance = 1e-13, .dimension = 400, .restarts = 2});
  // The last digits of the residual are rounding: 1e-10 is good enough to go on.
  if (!solution.report.ok() && !(solution.report.residual < 1e-10))
    moments.report = solution.report;
  const Eigen::Map<const Matrix> pi(solution.x.data(), n, n);
  const Vector h = pi * noise.root_weights;  // functional on functions of h alone
  const double mass = h.sum();
  moments.mean = h.dot(state.nodes) / mass;
  const Vector deviation = state.nodes.array() - moments.mean;
  moments.variance = h.dot(deviation.cwiseAbs2()) / mass;
  moments.third = h.dot(Vector(deviation.array().cube())) / mass;
  moments.covariance =
      neuron.sd * deviation.dot(pi * noise.root_weights.cwiseProduct(noise.nodes)) / mass;
  return moments;
}

}  // namespace

ColouredSolution solve_coloured(const models::NoisyChain& chain, const Vector& input,
                                const ColouredOptions& options) {
  constexpr auto where = "solve_coloured";
  const auto start = std::chrono::steady_clock::now();
  const Neuron neuron(chain, input, where);
  require(options.tolerance > 0.0, where, "tolerance = ", options.tolerance, ", expected > 0");
  require(options.max_nodes >= 32, where, "max_nodes = ", options.max_nodes, ", expected >= 32");
  ColouredSolution solution;
  Moments before = solve(neuron, 16);
  for (Index n = 24; n <= options.max_nodes; n += n / 2) {
    const Moments moments = solve(neuron, n);
    solution.report = moments.report;
    solution.nodes = n;
    solution.mean = moments.mean;
    solution.variance = moments.variance;
    solution.skewness = moments.third / std::pow(moments.variance, 1.5);
    solution.covariance = moments.covariance;
    const double scale = std::max(std::abs(moments.mean), 0.1 * std::sqrt(moments.variance));
    solution.error = std::max(std::abs(moments.mean - before.mean) / scale,
                              std::abs(moments.variance / before.variance - 1.0));
    before = moments;
    if (!solution.report.ok() || solution.error <= options.tolerance) break;
  }
  solution.report.residual = solution.error;
  if (solution.report.ok() && !(solution.error <= options.tolerance)) {
    std::ostringstream text;
    text << "mean and variance still change by " << solution.error << " with " << solution.nodes
         << " nodes a direction, expected " << options.tolerance
         << ": slow noise or a kink; the change is the error to expect";
    solution.report.status = Status::no_convergence;
    solution.report.message = text.str();
  }
  solution.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return solution;
}

double quenched_mean(const models::NoisyChain& chain, const Vector& input) {
  constexpr auto where = "quenched_mean";
  const Neuron neuron(chain, input, where);
  constexpr Index points = 4001;
  constexpr double reach = 10.0;
  double sum = 0.0, mass = 0.0, h = 0.0;
  for (Index k = 0; k < points; ++k) {
    const double z = -reach + 2.0 * reach * static_cast<double>(k) / (points - 1);
    // Newton's method on h − f(w h + c + sd z), from the solution before; it is monotone if w f'
    // < 1.
    for (int iteration = 0; iteration < 100; ++iteration) {
      const double u = neuron.weight * h + neuron.offset + neuron.sd * z;
      const double slope = 1.0 - neuron.weight * activations::derivative(neuron.activation, 1, u);
      require(slope > 0.0, where, "w f' = ", 1.0 - slope, " at h = ", h,
              ", expected < 1: the fixed point is not unique");
      const double step = (h - activations::value(neuron.activation, u)) / slope;
      h -= step;
      if (std::abs(step) <= 1e-14 * (1.0 + std::abs(h))) break;
    }
    const double weight = std::exp(-0.5 * z * z);
    sum += weight * h;
    mass += weight;
  }
  return sum / mass;
}

}  // namespace stillpoint::transfer_operator
