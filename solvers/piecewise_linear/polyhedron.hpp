// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "solvers/piecewise_linear/rational.hpp"

namespace stillpoint::piecewise_linear {

/// The half-space normal·t + offset ≥ 0 of ℝᵈ.
struct HalfSpace {
  RationalVector normal;  ///< (d)
  Rational offset;
};

/// A polyhedron as convex hull of vertices plus cone of rays. Without vertices it is empty.
/// A line it holds is given as two opposite rays, and vertices are then any points of its faces.
struct Generators {
  std::vector<RationalVector> vertices, rays;
};

/// @brief Vertices and rays of the intersection of half-spaces by the double description method.
///
/// Exact. Cost grows with the number of generators of the intermediate polyhedra, which is small in
/// few dimensions and for orthants.
/// @param[in] dimension  d ≥ 1.
/// Source: Motzkin et al. (1953); Fukuda & Prodon (1996), LNCS 1120, 91.
Generators generators(Index dimension, const std::vector<HalfSpace>& half_spaces);

}  // namespace stillpoint::piecewise_linear
