// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE toml_text
#include "lib/io/toml_text.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <string>

using stillpoint::io::require_short_keys;

namespace {

std::string repeated(const std::string& piece, int count) {
  std::string text;
  for (int k = 0; k < count; ++k) text += piece;
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(long_keys_are_refused_in_every_spelling) {
  for (const char* part :
       {"a.", "a . ", "\"#\".", "'='.", "\"\\\"\".", "\"\".", "1.", "'\"'.", "\"'\"\t."})
    for (const char* around :
         {"K x = 1", "[K x]", "[[K x]]", "y = { K x = 1 }", "y = [{ K x = 1 }]",
          "y = \"\"\"\n\"\"\"\nK x = 1", "# comment\nK x = 1", "y = 'c:\\'\nK x = 1",
          "y = \"\\\\\"\nK x = 1"}) {
      std::string text = around;
      text.replace(text.find('K'), 1, repeated(part, 40));
      BOOST_TEST_CONTEXT(text) {
        BOOST_CHECK_THROW(require_short_keys(text, "x.toml"), std::invalid_argument);
      }
    }
}

BOOST_AUTO_TEST_CASE(dots_elsewhere_are_harmless) {
  for (const std::string& text :
       {"x = [" + repeated("0.5, ", 1000) + "]", "# " + repeated(". ", 100),
        "x = \"" + repeated("a.", 100) + "\"", "x = '''" + repeated("a.\n", 100) + "'''",
        "x = \"\"\"" + repeated("\\\"a.", 100) + "\"\"\"", repeated("a.b.c = 1.5\n", 100),
        "x = \"open " + repeated("a.", 10) + "\ny = 1"})
    BOOST_CHECK_NO_THROW(require_short_keys(text, "x.toml"));
}
