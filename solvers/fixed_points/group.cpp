// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fixed_points/group.hpp"

#include "lib/core/kernel_table.hpp"

namespace stillpoint::fixed_points {

STILLPOINT_KERNEL_TABLE(GroupKernels, group_kernels)

}  // namespace stillpoint::fixed_points
