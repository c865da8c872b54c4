// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>

#include "lib/statistics/estimate.hpp"

namespace stillpoint::tests {

/// Standard errors allowed in a statistical test: 6e-7 two-sided for a Gaussian error.
inline constexpr double z_limit = 5.0;

/// |estimate − exact| ≤ 5 SE + bias; prints estimate, exact value, standard error and z.
inline void check_agrees(const statistics::Estimate& estimate, double exact,
                         const std::string& what, double bias = 0.0) {
  const double error = estimate.value - exact;
  BOOST_TEST(std::abs(error) <= z_limit * estimate.standard_error + bias,
             what << ": " << estimate.value << " ± " << estimate.standard_error << ", exact "
                  << exact << ", z = " << error / estimate.standard_error);
}

}  // namespace stillpoint::tests
