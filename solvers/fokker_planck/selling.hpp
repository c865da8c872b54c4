// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>

#include "lib/core/types.hpp"

namespace stillpoint::fokker_planck {

/// A symmetric tensor of up to three dimensions, on the stack.
using SmallTensor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor, 3, 3>;

/// A diffusion tensor as diffusions along directions of a lattice, D = Σ_k weights(k) e_k e_kᵀ.
struct DirectionalDiffusion {
  std::array<std::array<std::int8_t, 3>, 6> offsets{};  ///< e_k, one of ± e.
  std::array<double, 6> weights{};                      ///< > 0
  int count = 0;
  double added = 0.0;  ///< δ: the sum is D + δ (tr D / n) 1.
};

/// @brief Writes a tensor as diffusions along lattice directions with weights that are not
/// negative, so that every one is a pair of jumps of a Markov chain on the lattice.
///
/// The directions are dual to an obtuse superbase v_0 + … + v_n = 0, vᵢ·D vⱼ ≤ 0, of the lattice,
/// found by Selling's reduction: at most 3 in two dimensions and 6 in three, D = −Σ (vᵢ·D vⱼ) e eᵀ.
/// The weights are continuous in D; a diagonal tensor gives the axes. The more anisotropic and
/// oblique D is, the longer the directions: where one would be longer than `reach`, D is made
/// rounder by δ (tr D/n) 1 with the smallest δ = 4^k/reach² that does, which is reported.
/// @param[in] tensor  D in units of the lattice, (n, n), n = 1 to 3, symmetric, no negative
///   eigenvalue (not checked).
/// @param[in] reach   Longest component of a direction, 1 to 100.
/// Source: Selling (1874); Conway & Sloane (1992), Proc. R. Soc. A 436, 55; its use for positive
/// schemes: Fehrenbach & Mirebeau (2014), J. Math. Imaging Vis. 49, 123; Bonnans, Ottenwaelter &
/// Zidani (2004), ESAIM M2AN 38, 723.
DirectionalDiffusion decompose(const SmallTensor& tensor, int reach);

}  // namespace stillpoint::fokker_planck
