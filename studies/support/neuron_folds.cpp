// SPDX-License-Identifier: GPL-3.0-or-later
#include "studies/support/neuron_folds.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>

#include "lib/activations/gauss_hermite.hpp"
#include "lib/core/require.hpp"
#include "solvers/algebraic/solve.hpp"

namespace stillpoint::studies {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// f_q, f_q' and v_q.
struct Averages {
  double mean = 0.0, slope = 0.0, variance = 0.0;

  Averages(const activations::Activation& f, double u, double q) {
    static const activations::GaussHermite rule = activations::gauss_hermite(120);
    for (Index k = 0; k < rule.nodes.size(); ++k) {
      const double x = u + q * rule.nodes(k);
      mean += rule.weights(k) * activations::value(f, x);
      slope += rule.weights(k) * activations::derivative(f, 1, x);
    }
    for (Index k = 0; k < rule.nodes.size(); ++k) {
      const double deviation = activations::value(f, u + q * rule.nodes(k)) - mean;
      variance += rule.weights(k) * deviation * deviation;
    }
  }
};

/// Derivative at 0 of a function of one number, of fourth order.
template <typename Function>
Eigen::Vector2d derivative(Function&& f, double h) {
  const Eigen::Vector2d a = f(h), b = f(-h), c = f(2.0 * h), d = f(-2.0 * h);
  return (8.0 * (a - b) - c + d) / (12.0 * h);
}

}  // namespace

double direct_fold(const models::NoisyChain& chain, moments::Rung rung, const Vector& guess) {
  constexpr auto where = "direct_fold";
  const bool smoothed = rung == moments::Rung::smoothed;
  require(chain.state_size() == 1 && chain.equation() == networks::Equation::rate, where,
          "the chain has ", chain.state_size(), " states, expected one unit, rate equation");
  require(guess.size() == (smoothed ? 2 : 3), where, "the guess has ", guess.size(),
          " entries, expected ", smoothed ? 2 : 3);
  const auto& f = chain.activation();
  const double w = chain.network().W(0, 0), c = chain.network().b(0), g = chain.leak();
  const double inside = chain.argument_sd()(0), added = chain.state_sd()(0);
  const auto closure = [&](double m, double V, double s) {
    const double q = std::sqrt(std::max(w * w * V + inside * inside * s * s, 0.0));
    const Averages f_q(f, w * m + c, q);
    return Eigen::Vector2d(m - f_q.mean, (2.0 - g) * V - 2.0 * (1.0 - g) * w * V * f_q.slope -
                                             g * f_q.variance - added * added * s * s / g);
  };
  const auto equations = [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> value) {
    if (smoothed) {
      const Averages f_s(f, w * x(0) + c, inside * x(1));
      value << x(0) - f_s.mean, 1.0 - w * f_s.slope;
      return;
    }
    Eigen::Matrix2d slopes;
    slopes << derivative([&](double d) { return closure(x(0) + d, x(1), x(2)); }, 1e-4),
        derivative([&](double d) { return closure(x(0), x(1) + d, x(2)); }, 1e-4 * x(1));
    value << closure(x(0), x(1), x(2)), slopes.determinant();
  };
  // Away from the guess first, so that Newton has to come back to it.
  const auto solved = algebraic::solve(equations, {}, 1.001 * guess, {.tolerance = 1e-11});
  return solved.report.ok() ? solved.x(solved.x.size() - 1) : not_a_number;
}

double noise_free_fold(const activations::Activation& f, double bias, const Vector& guess) {
  const auto solved = algebraic::solve(
      [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> value) {
        value << x(0) - x(1) * activations::value(f, x(0)) - bias,
            1.0 - x(1) * activations::derivative(f, 1, x(0));
      },
      {}, 1.001 * guess, {.tolerance = 1e-13});
  return solved.report.ok() ? solved.x(1) : not_a_number;
}

}  // namespace stillpoint::studies
