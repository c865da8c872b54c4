// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/networks/single_unit.hpp"

namespace stillpoint::networks {

Network single_unit(Equation equation, const activations::Activation& activation, double weight,
                    double bias, double leak) {
  return make_network({.equation = equation,
                       .W = Matrix::Constant(1, 1, weight),
                       .b = Vector::Constant(1, bias),
                       .W_out = Matrix::Identity(1, 1),
                       .activation = activation,
                       .leak = leak});
}

NoiseSpec white_noise(NoiseSource::Where where, double sigma, NoiseConvention convention) {
  return {{.where = where, .sigma = {sigma}, .convention = convention}};
}

}  // namespace stillpoint::networks
