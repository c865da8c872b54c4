// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/product_bodies.hpp"

namespace stillpoint::fokker_planck::v3 {

extern const Multiply kernel;
const Multiply kernel = multiply_small;

}  // namespace stillpoint::fokker_planck::v3
