// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE training_kernels
#include "solvers/training/kernels.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>
#include <vector>

#include "lib/activations/activation.hpp"
#include "solvers/ensemble/panel_activation.hpp"

using namespace stillpoint;
using training::kernels;

namespace {

constexpr InstructionSet levels[] = {InstructionSet::v1, InstructionSet::v3, InstructionSet::v4};

double wave(std::size_t k) { return std::sin(0.3 + 1.7 * static_cast<double>(k)); }

std::vector<double> waves(std::size_t size) {
  std::vector<double> values(size);
  for (std::size_t k = 0; k < size; ++k) values[k] = wave(k);
  return values;
}

}  // namespace

// Against lib/activations, on the kinks too. Values lie in [−6, 6], slopes in [0, 1].
BOOST_AUTO_TEST_CASE(values_and_slopes) {
  std::vector<double> a;
  for (int k = -16; k < 16; ++k) a.push_back(0.375 * k);
  a[0] = 1.0;
  a[1] = -1.0;
  a[2] = 0.0;
  const std::vector<double> previous = waves(32);
  for (const InstructionSet level : levels) {
    if (!supported(level)) continue;
    for (const auto name : activations::activation_names()) {
      const auto f = activations::make_activation(name);
      const auto kind = ensemble::panel_activation(f);
      std::vector<double> y = previous, slope(32);
      kernels(level).activate(
          {kind.kind, kind.parameter, 32, a.data(), y.data(), y.data(), slope.data(), 0.75, 0.25});
      for (std::size_t k = 0; k < 32; ++k) {
        BOOST_TEST(std::abs(y[k] - 0.75 * previous[k] - 0.25 * activations::value(f, a[k])) < 4e-15,
                   name << " " << a[k]);
        BOOST_TEST(std::abs(slope[k] - 0.25 * activations::derivative(f, 1, a[k])) < 4e-16,
                   name << " " << a[k] << ": " << slope[k]);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(steps_back) {
  const auto slope = waves(64), increment = waves(80);
  for (const InstructionSet level : levels) {
    if (!supported(level)) continue;
    std::vector<double> adjoint = waves(90), product(64);
    kernels(level).step_back({64, slope.data(), adjoint.data(), product.data(), 0.25});
    for (std::size_t k = 0; k < 64; ++k) {
      BOOST_TEST(product[k] == slope[k] * wave(k));
      BOOST_TEST(adjoint[k] == 0.25 * wave(k));
    }
    kernels(level).scale_add({64, slope.data(), increment.data(), adjoint.data(), 0.5});
    for (std::size_t k = 0; k < 64; ++k)
      BOOST_TEST(adjoint[k] == 0.5 * (0.25 * wave(k)) + slope[k] * increment[k]);
  }
}

// Every remainder of the tiles and of the blocks of steps. A sum of m products below 1 in another
// order differs by less than m² 2⁻⁵³.
BOOST_AUTO_TEST_CASE(gradients_of_matrices) {
  for (const std::ptrdiff_t rows : {1, 2, 3, 5, 8})
    for (const std::ptrdiff_t columns : {1, 4, 6, 7, 13})
      for (const std::ptrdiff_t steps : {1, 3, 16, 17}) {
        const std::ptrdiff_t left_stride = rows * 32 + 7, right_stride = columns * 32 + 3;
        const auto left = waves(static_cast<std::size_t>(steps * left_stride));
        const auto right = waves(static_cast<std::size_t>(steps * right_stride));
        std::vector<double> expected = waves(static_cast<std::size_t>(rows * columns));
        for (std::ptrdiff_t i = 0; i < rows; ++i)
          for (std::ptrdiff_t j = 0; j < columns; ++j)
            for (std::ptrdiff_t t = 0; t < steps; ++t)
              for (std::ptrdiff_t p = 0; p < 32; ++p)
                expected[static_cast<std::size_t>(i * columns + j)] +=
                    left[static_cast<std::size_t>(t * left_stride + i * 32 + p)] *
                    right[static_cast<std::size_t>(t * right_stride + j * 32 + p)];
        const double bound = 0x1p-53 * std::pow(static_cast<double>(steps * 32 + 1), 2);
        std::vector<double> wide;
        for (const InstructionSet level : levels) {
          if (!supported(level)) continue;
          std::vector<double> out = waves(static_cast<std::size_t>(rows * columns));
          kernels(level).gradient({rows, columns, steps, left.data(), left_stride, right.data(),
                                   right_stride, out.data()});
          for (std::size_t k = 0; k < out.size(); ++k)
            BOOST_TEST(std::abs(out[k] - expected[k]) <= bound);
          if (level == InstructionSet::v4)  // the same bits
            BOOST_TEST(std::memcmp(out.data(), wide.data(), 8 * out.size()) == 0);
          wide = out;
        }
      }
}
