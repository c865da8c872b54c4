// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE core_edit_distance
#include "lib/core/edit_distance.hpp"

#include <boost/test/unit_test.hpp>

using stillpoint::edit_distance;

BOOST_AUTO_TEST_CASE(words_and_their_distances) {
  BOOST_TEST(edit_distance("kitten", "sitting") == 3u);
  BOOST_TEST(edit_distance("sunday", "saturday") == 3u);
  BOOST_TEST(edit_distance("", "leak") == 4u);
  BOOST_TEST(edit_distance("leak", "") == 4u);
  BOOST_TEST(edit_distance("Leak", "leaK") == 0u);
  BOOST_TEST(edit_distance("weight", "wieght") == edit_distance("wieght", "weight"));
}
