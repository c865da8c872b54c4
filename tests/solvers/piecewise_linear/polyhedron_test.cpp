// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE polyhedron
#include "solvers/piecewise_linear/polyhedron.hpp"

#include <boost/test/unit_test.hpp>

using namespace stillpoint;
using namespace stillpoint::piecewise_linear;

namespace {

/// |t_k| ≤ 1 for all k.
std::vector<HalfSpace> cube(std::size_t dimension) {
  std::vector<HalfSpace> half_spaces;
  for (std::size_t k = 0; k < dimension; ++k)
    for (const int side : {-1, 1}) {
      half_spaces.push_back({RationalVector(dimension), 1});
      half_spaces.back().normal[k] = side;
    }
  return half_spaces;
}

}  // namespace

BOOST_AUTO_TEST_CASE(cubes_and_cut_cubes) {
  for (const std::size_t d : {1, 2, 3, 5}) {
    const Generators found = generators(static_cast<Index>(d), cube(d));
    BOOST_TEST(found.vertices.size() == std::size_t{1} << d);
    BOOST_TEST(found.rays.empty());
  }
  // A corner cut off, x + y + z ≤ 2, leaves 7 + 3 vertices; x + y + z ≤ 3 touches it.
  for (const auto& [offset, vertices] : {std::pair{2, 10}, {3, 8}}) {
    std::vector<HalfSpace> cut = cube(3);
    cut.push_back({RationalVector(3, Rational(-1)), offset});
    BOOST_TEST(generators(3, cut).vertices.size() == static_cast<std::size_t>(vertices));
  }
}

BOOST_AUTO_TEST_CASE(empty_and_single_points) {
  std::vector<HalfSpace> half_spaces = cube(2);
  half_spaces.push_back({{1, 1}, -2});  // x + y ≥ 2 leaves (1, 1)
  const Generators point = generators(2, half_spaces);
  BOOST_REQUIRE(point.vertices.size() == 1);
  BOOST_TEST((point.vertices[0] == RationalVector{1, 1}));
  half_spaces.push_back({{1, 1}, Rational(-21, 10)});
  BOOST_TEST(generators(2, half_spaces).vertices.empty());
  BOOST_TEST(generators(2, half_spaces).rays.empty());
}

BOOST_AUTO_TEST_CASE(unbounded_ones) {
  // An orthant moved to (2, 3, 0).
  const Generators orthant = generators(3, {{{1, 0, 0}, -2}, {{0, 1, 0}, -3}, {{0, 0, 1}, 0}});
  BOOST_REQUIRE(orthant.vertices.size() == 1);
  BOOST_TEST((orthant.vertices[0] == RationalVector{2, 3, 0}));
  BOOST_TEST(orthant.rays.size() == 3u);
  // A strip |x| ≤ 1 in the plane: two edges and a line.
  const Generators strip = generators(2, {{{1, 0}, 1}, {{-1, 0}, 1}});
  BOOST_TEST(strip.vertices.size() == 2u);
  BOOST_REQUIRE(strip.rays.size() == 2);
  BOOST_TEST((strip.rays[0] == RationalVector{0, -1}));
  BOOST_TEST((strip.rays[1] == RationalVector{0, 1}));
  // No half-space at all.
  BOOST_TEST(generators(2, {}).vertices.size() == 1u);
  BOOST_TEST(generators(2, {}).rays.size() == 4u);
}
