// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/training/kernels.hpp"

#include "lib/core/kernel_table.hpp"

namespace stillpoint::training {

STILLPOINT_KERNEL_TABLE(Kernels, kernels)

}  // namespace stillpoint::training
