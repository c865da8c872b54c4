// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <complex>

namespace stillpoint::symbolic {

/// @brief erf z for complex z, to 1e-13 of max(|erf z|, |exp(−z²)|) for |Re z|, |Im z| ≤ 20.
/// Source: Salzer (1951), Math. Tables Aids Comput. 5, 67; Abramowitz & Stegun (1964), 7.1.29.
std::complex<double> complex_erf(std::complex<double> z);

}  // namespace stillpoint::symbolic
