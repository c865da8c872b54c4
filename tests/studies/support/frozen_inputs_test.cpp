// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE frozen_inputs
#include "studies/support/frozen_inputs.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>

using namespace stillpoint;
using studies::freeze_inputs;

namespace {

/// Four steps, the last two read; conditions 0 and 2 have the same mean there.
networks::NetworkFile file() {
  networks::NetworkFile result;
  result.steps = 4;
  result.read_window = 2;
  Matrix u(1, 4);
  u << 9.0, 1.0, 2.0, 4.0;
  result.inputs = {u, Matrix::Constant(1, 1, 5.0), Matrix::Constant(1, 1, 3.0)};
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_read_window_is_averaged_and_equal_inputs_merged) {
  const auto frozen = freeze_inputs(file(), "");
  BOOST_REQUIRE(frozen.inputs.size() == 2);
  BOOST_TEST(frozen.inputs[0](0) == 3.0);
  BOOST_TEST(frozen.inputs[1](0) == 5.0);
  BOOST_TEST(frozen.conditions[0] == "0 2");
  BOOST_TEST(frozen.conditions[1] == "1");
  BOOST_TEST(frozen.window == "steps 3 to 4");
}

BOOST_AUTO_TEST_CASE(another_window_can_be_asked_for) {
  const auto frozen = freeze_inputs(file(), "0:2");
  BOOST_REQUIRE(frozen.inputs.size() == 2);
  BOOST_TEST(frozen.inputs[0](0) == 5.0);  // (9 + 1)/2, as condition 1
  BOOST_TEST(frozen.conditions[0] == "0 1");
  BOOST_TEST(frozen.window == "steps 1 to 2");
}

BOOST_AUTO_TEST_CASE(a_window_that_is_none_is_refused) {
  for (const char* window : {"3", "2:2", "3:2", "-1:2", "0:5", "a:b", "1:2:3", ":", "1:2 "})
    BOOST_CHECK_THROW(freeze_inputs(file(), window), std::invalid_argument);
}
