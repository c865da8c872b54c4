// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ensemble/kernels.hpp"

#include "lib/core/kernel_table.hpp"

namespace stillpoint::ensemble {

STILLPOINT_KERNEL_TABLE(Kernels, kernels)

}  // namespace stillpoint::ensemble
