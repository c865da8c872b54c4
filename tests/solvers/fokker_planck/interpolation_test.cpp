// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE interpolation
#include "solvers/fokker_planck/interpolation.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "lib/random/normal.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using namespace stillpoint::fokker_planck;

namespace {

/// Grids of one to three dimensions with even and odd numbers of cells, and one periodic axis.
std::vector<Grid> grids() {
  return {Grid({{-1.0, 2.0, 11}}), Grid({{-1.0, 2.0, 8}, {0.0, 1.0, 13}}),
          Grid({{0.0, 1.0, 6}, {0.0, 1.0, 7, Side::periodic, Side::periodic}, {-2.0, 2.0, 10}})};
}

/// Every choice of axes to coarsen but none.
template <typename Check>
void for_each_coarsening(const Grid& fine, Check&& check) {
  for (unsigned choice = 1; choice < (1u << fine.dimension()); ++choice) {
    std::vector<bool> axes;
    for (Index i = 0; i < fine.dimension(); ++i) axes.push_back((choice >> i) & 1u);
    check(fine.coarsened(axes));
  }
}

Vector noise(Index size, std::uint64_t path) {
  Vector x(size);
  for (Index k = 0; k < size; ++k)
    x(k) = random::normal({tests::seed, 11}, path, 0, static_cast<std::uint32_t>(k));
  return x;
}

}  // namespace

// Against interpolate(), point by point. Sums of at most 8 numbers of order 1: rounding 1e-14.
BOOST_AUTO_TEST_CASE(is_linear_interpolation_between_centres) {
  for (const Grid& fine : grids())
    for_each_coarsening(fine, [&](const Grid& coarse) {
      const Vector values = noise(coarse.cells(), 0), before = noise(fine.cells(), 1);
      Vector result = before, x;
      Interpolation(fine, coarse).add(values, result);
      double error = 0.0;
      for (Index cell = 0; cell < fine.cells(); ++cell) {
        fine.centre(cell, x);
        error =
            std::max(error, std::abs(result(cell) - before(cell) - interpolate(coarse, values, x)));
      }
      BOOST_TEST(error < 1e-13);
    });
}

// ⟨P c, f⟩ = ⟨c, Pᵀ f⟩; and Pᵀ loses no mass.
BOOST_AUTO_TEST_CASE(transpose_is_the_transpose) {
  for (const Grid& fine : grids())
    for_each_coarsening(fine, [&](const Grid& coarse) {
      Interpolation P(fine, coarse);
      const Vector c = noise(coarse.cells(), 2), f = noise(fine.cells(), 3);
      Vector up = Vector::Zero(fine.cells()), down(coarse.cells());
      for (int twice = 0; twice < 2; ++twice) {  // what it keeps in between must not matter
        up.setZero();
        P.add(c, up);
        P.transpose(f, down);
        BOOST_TEST(std::abs(up.dot(f) - c.dot(down)) < 1e-13 * up.norm() * f.norm());
        BOOST_TEST(std::abs(down.sum() - f.sum()) < 1e-13 * f.lpNorm<1>());
      }
    });
}
