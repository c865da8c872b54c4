// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/core/types.hpp"
#include "lib/statistics/estimate.hpp"

namespace stillpoint::moments {

/// Numbers without a sampling error.
inline std::vector<statistics::Estimate> exact(const Vector& values) {
  std::vector<statistics::Estimate> result;
  for (const double value : values) result.push_back({.value = value});
  return result;
}

}  // namespace stillpoint::moments
