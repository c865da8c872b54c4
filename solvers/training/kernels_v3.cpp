// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/training/kernel_bodies.hpp"

namespace stillpoint::training::v3 {

extern const Kernels table;
const Kernels table = {activate_with_slope, step_back, scale_add, gradient};

}  // namespace stillpoint::training::v3
