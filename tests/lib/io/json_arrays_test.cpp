// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE json_arrays
#include "lib/io/json_arrays.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "tests/support/effort.hpp"
#include "tests/support/mutations.hpp"

using namespace stillpoint;
using namespace stillpoint::io;

BOOST_AUTO_TEST_CASE(numbers_and_nested_lists_are_arrays) {
  const ArrayFile file = parse_json_arrays(
      R"({"s": 0.5, "v": [1, -2, 3e-3], "m": [[1, 2, 3], [4, 5, 6]], "c": [[[1], [2]], [[3], [4]]],
          "t": [true, false], "e": [], "ee": [[], []], "big": 18446744073709551615})",
      "x.json");
  BOOST_TEST(file.skipped.empty());
  BOOST_TEST(file.arrays.at("s").shape.empty());
  BOOST_TEST(file.arrays.at("s").values.front() == 0.5);
  BOOST_TEST(file.arrays.at("v").values == (std::vector<double>{1, -2, 3e-3}),
             boost::test_tools::per_element());
  BOOST_TEST(shape_text(file.arrays.at("m").shape) == "(2, 3)");
  BOOST_TEST(file.arrays.at("m").values == (std::vector<double>{1, 2, 3, 4, 5, 6}),
             boost::test_tools::per_element());
  BOOST_TEST(shape_text(file.arrays.at("c").shape) == "(2, 2, 1)");
  BOOST_TEST(file.arrays.at("t").values == (std::vector<double>{1, 0}),
             boost::test_tools::per_element());
  BOOST_TEST(shape_text(file.arrays.at("e").shape) == "(0,)");
  BOOST_TEST(shape_text(file.arrays.at("ee").shape) == "(2, 0)");
  BOOST_TEST(file.arrays.at("big").values.front() == 18446744073709551616.0);
}

BOOST_AUTO_TEST_CASE(what_is_no_array_is_listed) {
  const ArrayFile file = parse_json_arrays(
      R"({"a": null, "b": "text", "c": {"d": 1}, "e": [[1, 2], [3]], "f": [1, "x"], "g": [1, [2]],
          "h": [[1], 2], "i": [null]})",
      "x.json");
  BOOST_TEST(file.arrays.empty());
  BOOST_TEST(file.skipped.size() == 8u);
  BOOST_TEST(file.skipped.at("e") == "is nested unevenly, expected lists of equal length (2, 2)");
}

BOOST_AUTO_TEST_CASE(malformed_text_is_refused) {
  for (const std::string& text :
       {std::string(""), std::string("[1, 2]"), std::string("3"), std::string("{\"a\": [1, 2"),
        std::string("{\"a\": NaN}"), std::string("{\"a\": 1e999}"), std::string("{\"a\": 1} x"),
        std::string("{\"a\": 1, \"a\": 2}"), std::string("{\"\xff\": 1}"),
        "{\"a\": " + std::string(1000000, '['), std::string(1000000, '{'),
        "{\"a\": " + std::string(33, '[') + std::string(33, ']') + "}"})
    BOOST_CHECK_THROW(parse_json_arrays(text, "x.json"), std::invalid_argument);
  // Keys of inner objects may repeat those outside.
  BOOST_CHECK_NO_THROW(parse_json_arrays(R"({"a": {"a": 1}, "b": {"a": 1}})", "x.json"));
  BOOST_CHECK_THROW(parse_json_arrays("{\"a\": [1, 2]}", "x.json", {.values = 1}),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(blind_damage_gives_arrays_or_a_sentence) {
  const std::string good = R"({"W_rec": [[0.1, -0.2], [0.3, 1e-4]], "b_rec": [0, 1], "n": null})";
  tests::Mutator mutate;
  const int count = tests::full_effort() ? 300000 : 10000;
  int refused = 0;
  for (int k = 0; k < count; ++k) {
    try {
      parse_json_arrays(mutate(good), "x.json");
    } catch (const std::invalid_argument& error) {
      ++refused;
      if (std::string(error.what()).rfind("x.json: ", 0) != 0) BOOST_ERROR(error.what());
    }
  }
  BOOST_TEST(refused > count / 3);
}
