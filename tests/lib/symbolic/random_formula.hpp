// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <random>
#include <stdexcept>
#include <vector>

#include "lib/symbolic/functions.hpp"
#include "tests/support/seed.hpp"

namespace stillpoint::tests {

/// @brief Formulas in x, y and q > 0 drawn at random, all of them real and finite for numbers of
/// moderate size; deterministic.
class RandomFormula {
 public:
  /// A formula of at most that depth.
  symbolic::Expression operator()(int depth) {
    using namespace symbolic;
    const Expression x = symbol("x"), y = symbol("y"), q = symbol("q");
    if (depth == 0 || draw(8) == 0) {
      switch (draw(4)) {
        case 0:
          return x;
        case 1:
          return y;
        case 2:
          return q;
        default:
          return rational(static_cast<long>(draw(9)) - 4, 1 + static_cast<long>(draw(4)));
      }
    }
    const auto next = [&] { return (*this)(depth - 1); };
    switch (draw(16)) {
      case 0:
      case 1:
      case 2:
        return next() + next();
      case 3:
      case 4:
        return next() - next();
      case 5:
      case 6:
      case 7:
        return next() * next();
      case 8:
        return next() / (1 + pow(next(), 2));
      case 9:
        return pow(next(), 1 + static_cast<int>(draw(3)));
      case 10:
        return tanh(next());
      case 11:
        return logistic(next()) * erf(next());
      case 12:
        return relu(next()) + abs(next());
      case 13:
        return sqrt(1 + pow(next(), 2)) + pow(1 + pow(next(), 2), rational(-3, 2));
      case 14:
        return softplus(next(), 1 + pow(next(), 2)) + normal_cdf(next()) * sin(next());
      default:
        return smoothed(activations::Tanh{}, next(), q, static_cast<int>(draw(3))) +
               leaky_relu(next(), rational(1, 5));
    }
  }

 private:
  std::size_t draw(std::size_t below) { return engine_() % below; }

  std::mt19937_64 engine_{seed};
};

}  // namespace stillpoint::tests
