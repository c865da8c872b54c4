// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ensemble/kernel_bodies.hpp"

namespace stillpoint::ensemble::v4 {

extern const Kernels table;
const Kernels table = {multiply_panels, activate_panels, correlate_panels, accumulate_panels,
                       peak_of_multiply_adds};

}  // namespace stillpoint::ensemble::v4
