// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fixed_points/group_bodies.hpp"

namespace stillpoint::fixed_points::v4 {

extern const GroupKernels table;
const GroupKernels table = {activate_group, chain_residual, chain_matrix, factor_group,
                            solve_group};

}  // namespace stillpoint::fixed_points::v4
