// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Private: only interval.cpp and matrix.cpp, compiled with -frounding-math, include this.
#include <boost/numeric/interval.hpp>

namespace stillpoint::intervals {

/// While an object lives arithmetic rounds upward; then the mode is as before. A lower bound is the
/// negative of an upward-rounded sum or product of which one operand is negated.
///
/// The compiler knows nothing of this: what is computed in its scope has to come through volatile
/// reads or sit in a function called through a volatile pointer.
using UpwardRounding = boost::numeric::interval_lib::save_state<
    boost::numeric::interval_lib::rounded_arith_opp<double>>;

}  // namespace stillpoint::intervals
