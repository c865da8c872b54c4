// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE philox
#include "lib/random/philox.hpp"

#include <Random123/philox.h>
#undef philox4x32  // a macro of Random123

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <ios>
#include <sstream>
#include <string>

namespace ours = stillpoint::random;

BOOST_AUTO_TEST_CASE(known_answers) {
  std::ifstream file(STILLPOINT_TEST_DATA "/random/philox4x32_10.txt");
  BOOST_REQUIRE(file.is_open());
  int vectors = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    std::array<std::uint32_t, 4> counter, expected;
    std::array<std::uint32_t, 2> key;
    words >> std::hex;
    for (auto& word : counter) words >> word;
    for (auto& word : key) words >> word;
    for (auto& word : expected) words >> word;
    BOOST_REQUIRE(!words.fail());
    const auto output = ours::philox4x32(counter, key);
    BOOST_TEST(output == expected, boost::test_tools::per_element());
    ++vectors;
  }
  BOOST_TEST(vectors == 3);
}

// The generator walks over its own output, so that every bit of counter and key gets used.
BOOST_AUTO_TEST_CASE(the_same_as_random123) {
  std::array<std::uint32_t, 4> counter{1, 2, 3, 4};
  std::array<std::uint32_t, 2> key{5, 6};
  for (int k = 0; k < 10000; ++k) {
    const philox4x32_ctr_t theirs =
        philox4x32_R(10, {{counter[0], counter[1], counter[2], counter[3]}}, {{key[0], key[1]}});
    const auto mine = ours::philox4x32(counter, key);
    BOOST_REQUIRE(std::equal(mine.begin(), mine.end(), theirs.v));
    key = {counter[0], mine[3]};
    counter = mine;
  }
}
