// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE toml_document
#include "lib/io/toml_document.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <stdexcept>
#include <string>

#include "tests/support/scratch_folder.hpp"

using namespace stillpoint;

BOOST_AUTO_TEST_CASE(reads_a_document) {
  const tests::ScratchFolder folder;
  const auto path = folder.path() / "a.toml";
  std::ofstream(path) << "x = 1.5\n[t]\ny = \"z\"\n";
  const toml::table table = io::parse_toml(path);
  BOOST_TEST(*table["x"].value<double>() == 1.5);
  BOOST_TEST(*table["t"]["y"].value<std::string>() == "z");
}

BOOST_AUTO_TEST_CASE(names_the_place_of_a_mistake) {
  const tests::ScratchFolder folder;
  const auto path = folder.path() / "a.toml";
  std::ofstream(path) << "x = 1.5\ny = = 2\n";
  try {
    io::parse_toml(path);
    BOOST_FAIL("it was read");
  } catch (const std::invalid_argument& error) {
    const std::string text = error.what();
    BOOST_TEST(text.find(path.string()) == 0u);
    BOOST_TEST(text.find("line 2") != std::string::npos, text);
  }
  BOOST_CHECK_THROW(io::parse_toml(folder.path() / "no.toml"), std::invalid_argument);
}
