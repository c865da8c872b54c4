// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/intervals/rounding.hpp"

#include <boost/numeric/interval.hpp>

namespace stillpoint::intervals {

using Control = boost::numeric::interval_lib::rounding_control<double>;

UpwardRounding::UpwardRounding() {
  Control::rounding_mode mode;
  Control::get_rounding_mode(mode);
  before_ = mode;
  Control::upward();
}

UpwardRounding::~UpwardRounding() { Control::set_rounding_mode(before_); }

}  // namespace stillpoint::intervals
