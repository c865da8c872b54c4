// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

#include "lib/symbolic/expression.hpp"

/// What Eigen asks of a scalar type, for matrices of formulas. Included by the .cpp files of this
/// folder that need such matrices.
template <>
struct Eigen::NumTraits<stillpoint::symbolic::Expression>
    : Eigen::GenericNumTraits<stillpoint::symbolic::Expression> {
  using Real = stillpoint::symbolic::Expression;
  using NonInteger = stillpoint::symbolic::Expression;
  using Literal = stillpoint::symbolic::Expression;
  using Nested = stillpoint::symbolic::Expression;
  enum {
    IsComplex = 0,
    IsInteger = 0,
    IsSigned = 1,
    RequireInitialization = 1,
    ReadCost = 1,
    AddCost = 10,
    MulCost = 10
  };
};
