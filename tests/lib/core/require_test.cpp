// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE require
#include "lib/core/require.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

BOOST_AUTO_TEST_CASE(the_message_has_place_and_parts) {
  BOOST_CHECK_NO_THROW(stillpoint::require(true, "f", "never read"));
  try {
    stillpoint::require(false, "EulerMaruyama", "step = ", -0.5, ", expected > 0");
    BOOST_ERROR("no exception");
  } catch (const std::invalid_argument& error) {
    BOOST_TEST(std::string(error.what()) == "EulerMaruyama: step = -0.5, expected > 0");
  }
}
