// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "lib/io/results.hpp"
#include "plots/support/page.hpp"

namespace stillpoint::plots {

/// The rows of the table projection that share a kind, and how they are drawn.
struct ProjectedKind {
  std::string kind, label;
  Look look = {};
};

/// @brief States in the plane of their first two principal axes: the table projection (pc_1, pc_2,
/// kind), axes labelled with their share of the variance, from the table principal_axes
/// (variance_share). Kinds without a row are left out.
Panel principal_plane(const io::Results& results, const std::vector<ProjectedKind>& kinds);

}  // namespace stillpoint::plots
