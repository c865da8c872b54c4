// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/moments/soft_path.hpp"

#include <cmath>
#include <limits>
#include <utility>
#include <variant>
#include <vector>

#include "solvers/moments/common_form.hpp"

namespace stillpoint::moments {
namespace {

/// A direction in noise: entry t for step t + 1.
struct Path {
  std::vector<Vector> argument;  ///< s∘e, what a unit of r adds to the arguments, (n)
  std::vector<Vector> state;     ///< ν∘e', what it adds to the state, (m)
};

/// Derivatives along a path at r = 0: of the arguments in step t + 1, of the state after step t.
struct Tangents {
  std::vector<Vector> argument, state;
};

/// The network along a path.
struct Response {
  std::vector<Matrix> output;  ///< E(z | r), (outputs, values of r), one a step of the window
  /// At the first value of r, if asked for: E(f' | r) of every step, and of f in the read-out.
  std::vector<Vector> slope, read_out_slope;
};

/// Values of r with Gaussian weights: the trapezoid rule, which for e^{−r²/2} converges faster than
/// any power of the spacing and places a jump to half of it.
struct Grid {
  static constexpr Index points = 21;
  static constexpr double spacing = 0.5;
  Vector r, weight;
  Matrix hermite;  ///< orthonormal, degrees 0, 1, 2, (3, points)

  Grid() : r(Vector::LinSpaced(points, -5.0, 5.0)), hermite(3, points) {
    weight = (-0.5 * r.array().square()).exp();
    weight /= weight.sum();
    hermite.row(0).setOnes();
    hermite.row(1) = r;
    hermite.row(2) = r.array().square() - weight.dot(r.cwiseAbs2());
    for (Index k = 1; k < 3; ++k)  // in the discrete measure, so that a line leaves nothing over
      hermite.row(k) /= std::sqrt(hermite.row(k).cwiseAbs2().dot(weight));
  }
};

class PathProbe {
 public:
  PathProbe(const models::NoisyChain& chain, const Recording& run, const ReadOut& read_out,
            Index window)
      : chain_(chain), run_(run), read_out_(read_out), window_(window) {
    if (!read_out.of_activation) return;
    for (Index t = run.steps() - window + 1; t <= run.steps(); ++t)
      window_response_.push_back(state_response(chain, run.after(t)));
  }

  /// The path along which the leading direction of the covariance after step t is reached.
  Path leading(Index t, const Vector& direction) const {
    std::vector<Vector> slopes;
    for (const auto& response : run_.response) slopes.push_back(response.slope);
    std::vector<Vector> weights(run_.steps() + 1);
    weights[t] = direction;
    return gradient(slopes, weights);
  }

  PathResponse follow(Path path) const {
    PathResponse best;
    for (int iteration = 0;; ++iteration) {
      const Tangents tangents = differentiate(path);
      const std::vector<Matrix> z = drive(path, tangents, grid_.r, false).output;
      const PathResponse found = summary(z);
      if (found.higher_orders >= best.higher_orders) best = found;
      constexpr int refinements = 2;
      if (iteration == refinements) return best;
      path = steepest_gradient(path, tangents, z, found.steepest);
    }
  }

 private:
  /// Noise that moves Σ_t weights_t · y_t most, per unit of its norm.
  Path gradient(const std::vector<Vector>& slopes, const std::vector<Vector>& weights) const {
    Path path{std::vector<Vector>(run_.steps()), std::vector<Vector>(run_.steps())};
    Vector p = Vector::Zero(chain_.state_size());
    double square = 0.0;
    for (Index t = run_.steps() - 1; t >= 0; --t) {
      if (weights[t + 1].size() > 0) p += weights[t + 1];
      const Vector Gp = gain_transpose(chain_, p);
      path.argument[t] = chain_.argument_sd().cwiseProduct(slopes[t]).cwiseProduct(Gp);
      path.state[t] = chain_.state_sd().cwiseProduct(p);
      square += path.argument[t].squaredNorm() + path.state[t].squaredNorm();
      pull_back(chain_, slopes[t], Gp, p);
    }
    const double scale = square > 0.0 ? 1.0 / std::sqrt(square) : 0.0;
    for (Index t = 0; t < run_.steps(); ++t) {
      path.argument[t] = scale * chain_.argument_sd().cwiseProduct(path.argument[t]);
      path.state[t] = scale * chain_.state_sd().cwiseProduct(path.state[t]);
    }
    return path;
  }

  Tangents differentiate(const Path& path) const {
    Tangents tangents;
    Matrix y = Matrix::Zero(chain_.state_size(), 1), a;
    tangents.state.push_back(y);
    for (Index t = 0; t < run_.steps(); ++t) {
      apply_arguments(chain_, y, a);
      tangents.argument.push_back(a + path.argument[t]);
      y = chain_.retention().asDiagonal() * y;
      y += path.state[t];
      add_gain(chain_, run_.response[t].slope.cwiseProduct(tangents.argument.back()), y);
      tangents.state.push_back(y);
    }
    return tangents;
  }

  /// sd of what is left of a variance once r is known.
  static Vector remainder(const Vector& variance, const Vector& tangent) {
    return (variance.array() - tangent.array().square()).max(0.0).sqrt();
  }

  /// E h(a + qz), h = f or f', by the three-point Gauss–Hermite rule, (n, columns).
  template <typename Function>
  static Matrix three_point(const Function& h, const Matrix& a, const Vector& q) {
    const Vector away = std::sqrt(3.0) * q;
    Matrix result(a.rows(), a.cols());
    for (Index j = 0; j < a.cols(); ++j)
      for (Index i = 0; i < a.rows(); ++i)
        result(i, j) = (4.0 * h(a(i, j)) + h(a(i, j) + away(i)) + h(a(i, j) - away(i))) / 6.0;
    return result;
  }

  /// E(f | r) at arguments a with sd q (n, columns), shifted by the error that the rule makes on
  /// the closure's own mean.
  Matrix conditional_mean(const Matrix& a, const Vector& q, const LocalResponse& closure) const {
    return std::visit(
        [&](const auto& f) -> Matrix {
          const Vector shift = closure.f - three_point(f, closure.mean, closure.sd);
          return three_point(f, a, q).colwise() + shift;
        },
        chain_.activation());
  }

  Vector conditional_slope(const Vector& a, const Vector& q) const {
    return std::visit(
        [&](const auto& f) -> Vector {
          return three_point([&f](double u) { return f.derivative(1, u); }, a, q);
        },
        chain_.activation());
  }

  /// The network driven along the path at several values of r.
  Response drive(const Path& path, const Tangents& tangents, const Vector& r,
                 bool with_slopes) const {
    const Index n = chain_.units();
    Response response;
    Matrix y = run_.before.front().mean.replicate(1, r.size()), a;
    for (Index t = 0; t < run_.steps(); ++t) {
      const LocalResponse& local = run_.response[t];
      const Vector q = remainder(local.sd.cwiseAbs2(), tangents.argument[t]);
      apply_arguments(chain_, y, a);
      a.colwise() += run_.argument_offset[t];
      a += path.argument[t] * r.transpose();
      y = chain_.retention().asDiagonal() * y;
      y.colwise() += run_.state_offset[t];
      y += path.state[t] * r.transpose();
      add_gain(chain_, conditional_mean(a, q, local), y);
      if (with_slopes) response.slope.push_back(conditional_slope(a.col(0), q));
      if (t < run_.steps() - window_) continue;
      if (!read_out_.of_activation) {
        response.output.push_back(read_out_.weights * y.topRows(n));
        continue;
      }
      const LocalResponse& read = window_response_[t - (run_.steps() - window_)];
      const Vector own = remainder(read.sd.cwiseAbs2(), tangents.state[t + 1].head(n));
      const Matrix f = conditional_mean(y.topRows(n), own, read);
      response.output.push_back(read_out_.weights * f);
      if (with_slopes) response.read_out_slope.push_back(conditional_slope(y.col(0).head(n), own));
    }
    return response;
  }

  PathResponse summary(const std::vector<Matrix>& z) const {
    PathResponse result;
    Vector change = Vector::Zero(Grid::points - 1);
    for (const Matrix& values : z) {
      // Relative to r = 0: what does not depend on r leaves exactly nothing.
      const Matrix response = values.colwise() - values.col(Grid::points / 2);
      const Matrix low = response * grid_.weight.asDiagonal() * grid_.hermite.transpose();
      const Matrix rest = response - low * grid_.hermite;
      result.higher_orders += (rest.cwiseAbs2() * grid_.weight).mean();
      change += (response.rightCols(Grid::points - 1) - response.leftCols(Grid::points - 1))
                    .colwise()
                    .squaredNorm()
                    .transpose();
    }
    result.higher_orders /= static_cast<double>(z.size());
    // A response that overflows within five standard deviations is no reason for trust.
    if (!std::isfinite(result.higher_orders))
      result.higher_orders = std::numeric_limits<double>::infinity();
    const Vector middle = grid_.r.head(Grid::points - 1).array() + 0.5 * Grid::spacing;
    Index where = 0;
    (change.array() * (-0.5 * middle.array().square()).exp()).maxCoeff(&where);
    result.steepest = middle(where);
    return result;
  }

  /// The gradient of the read-out's change across the steepest interval, taken in its middle.
  Path steepest_gradient(const Path& path, const Tangents& tangents, const std::vector<Matrix>& z,
                         double steepest) const {
    const Index where = static_cast<Index>(std::floor((steepest - grid_.r(0)) / Grid::spacing));
    const Response there = drive(path, tangents, Vector::Constant(1, steepest), true);
    std::vector<Vector> weights(run_.steps() + 1);
    for (Index k = 0; k < window_; ++k) {
      const Vector change = z[k].col(where + 1) - z[k].col(where);
      Vector state = read_out_.weights.transpose() * change;
      if (read_out_.of_activation) state = state.cwiseProduct(there.read_out_slope[k]);
      Vector& weight = weights[run_.steps() - window_ + 1 + k];
      weight = Vector::Zero(chain_.state_size());
      weight.head(chain_.units()) = state;
    }
    return gradient(there.slope, weights);
  }

  const models::NoisyChain& chain_;
  const Recording& run_;
  const ReadOut& read_out_;
  Index window_;
  std::vector<LocalResponse> window_response_;  // of f(x), if that is what is read
  Grid grid_;
};

/// The leading eigenvector of the covariance after every step, by power iteration from the one
/// before, and at which step it holds the largest share of the variance.
std::pair<Index, std::vector<Vector>> leading_directions(const Recording& run) {
  std::vector<Vector> directions;
  Vector u = Vector::Ones(run.end.mean.size());
  Index softest = run.steps();
  double largest = 0.0;
  for (Index t = 1; t <= run.steps(); ++t) {
    const Matrix& C = run.after(t).covariance;
    constexpr int iterations = 4;
    double leading = 0.0;
    for (int k = 0; k < iterations; ++k) {
      Vector image = C * u;
      leading = image.norm();
      if (!(leading > 0.0)) break;
      u = image / leading;
    }
    directions.push_back(u);
    const double share = leading / C.trace();
    if (t > 1 && share > largest) {
      largest = share;
      softest = t;
    }
  }
  return {softest, directions};
}

}  // namespace

PathResponse softest_path(const models::NoisyChain& chain, const Recording& run,
                          const ReadOut& read_out, Index window) {
  const PathProbe probe(chain, run, read_out, window);
  const auto [softest, directions] = leading_directions(run);
  PathResponse best;
  for (const Index t : {softest, run.steps()}) {
    const PathResponse found = probe.follow(probe.leading(t, directions[t - 1]));
    if (found.higher_orders >= best.higher_orders) best = found;
  }
  return best;
}

}  // namespace stillpoint::moments
