// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE options
#include "studies/support/options.hpp"

#include <boost/test/unit_test.hpp>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "lib/io/results.hpp"
#include "lib/networks/noise.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace stillpoint;
using studies::Allowed;

namespace {

/// A study's options with one of each kind.
struct Sample {
  double weight = 0.5;
  Index paths = 20000;
  int order = 2;
  bool fast = false, centred = true;
  std::string activation = "relu";
  std::vector<double> levels = {0.0, 1.5};
  std::vector<std::string> methods = {"closure"};
  studies::Options options{"sample", "sample: one of each kind\n\nSample runs sample"};

  Sample() {
    options.add("weight", weight, "self-coupling w")
        .add("paths", paths, "number of paths", Allowed::positive())
        .add("order", order, "order of the scheme", Allowed::between(1, 4))
        .add("fast", fast, "skip the slow part")
        .add("centred", centred, "subtract the mean")
        .add("activation", activation, "activation", Allowed::one_of({"relu", "tanh"}))
        .add("levels", levels, "noise levels, units of sigma", Allowed::non_negative())
        .add("methods", methods, "rungs to use", Allowed::one_of({"closure", "monte_carlo"}));
  }

  bool parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "/some/where/sample");
    return options.parse(static_cast<int>(arguments.size()), arguments.data());
  }
};

std::string error_of(const std::vector<const char*>& arguments) {
  Sample sample;
  try {
    sample.parse(arguments);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

std::string printed(const std::vector<const char*>& arguments) {
  Sample sample;
  std::ostringstream text;
  auto* const before = std::cout.rdbuf(text.rdbuf());
  const bool go_on = sample.parse(arguments);
  std::cout.rdbuf(before);
  BOOST_TEST(!go_on);
  return text.str();
}

}  // namespace

BOOST_AUTO_TEST_CASE(values_reach_their_variables) {
  Sample s;
  BOOST_TEST(s.parse({"--weight", "-0.25",        "--paths=100",  "--order",     "3",
                      "--fast",   "--no-centred", "--activation", "tanh",        "--levels",
                      "0,0.5,2",  "--methods",    "closure",      "monte_carlo", "--seed",
                      "7",        "--out",        "elsewhere",    "--threads",   "2",
                      "--quick",  "--no-plots"}));
  BOOST_TEST(s.weight == -0.25);
  BOOST_TEST(s.paths == 100);
  BOOST_TEST(s.order == 3);
  BOOST_TEST(s.fast);
  BOOST_TEST(!s.centred);
  BOOST_TEST(s.activation == "tanh");
  BOOST_TEST(s.levels == (std::vector<double>{0.0, 0.5, 2.0}), boost::test_tools::per_element());
  BOOST_TEST(s.methods.size() == 2);
  BOOST_TEST(s.options.seed() == 7);
  BOOST_TEST(s.options.out() == "elsewhere");
  BOOST_TEST(s.options.threads() == 2);
  BOOST_TEST(s.options.quick());
  BOOST_TEST(!s.options.plots());
}

BOOST_AUTO_TEST_CASE(defaults_stand_and_are_recorded) {
  Sample s;
  BOOST_TEST(s.parse({}));
  BOOST_TEST(s.options.seed() == 1);
  BOOST_TEST(s.options.out() == "results");
  BOOST_TEST(s.options.plots());
  s.paths = 10;  // what a study changes after parsing is what the manifest says
  const io::Fields fields = s.options.parameters();
  BOOST_TEST(fields.at(0).first == "weight");
  BOOST_TEST(std::get<double>(fields.at(0).second) == 0.5);
  BOOST_TEST(std::get<std::int64_t>(fields.at(1).second) == 10);
  BOOST_TEST(fields.back().first == "quick");
}

BOOST_AUTO_TEST_CASE(quick_changes_only_what_was_not_given) {
  Sample s;
  BOOST_TEST(s.parse({"--quick", "--paths", "100000"}));
  s.options.quick_value("paths", s.paths, 10).quick_value("order", s.order, 1);
  BOOST_TEST(s.paths == 100000);
  BOOST_TEST(s.order == 1);
  Sample whole;
  BOOST_TEST(whole.parse({}));
  const auto paths = whole.paths;
  whole.options.quick_value("paths", whole.paths, 10);
  BOOST_TEST(whole.paths == paths);
}

BOOST_AUTO_TEST_CASE(lists_may_hold_negative_numbers) {
  std::vector<double> weights;
  studies::Options options("sample", "sample");
  options.add("weights", weights, "weights");
  const std::vector<const char*> arguments = {"sample", "--weights", "-2", "0", "-0.5"};
  options.parse(static_cast<int>(arguments.size()), arguments.data());
  BOOST_TEST(weights == (std::vector<double>{-2.0, 0.0, -0.5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_bad_command_line_is_one_sentence) {
  BOOST_TEST(error_of({"--wieght", "1"}) == "unknown option --wieght (did you mean --weight?)");
  BOOST_TEST(error_of({"--wieght=1"}) == "unknown option --wieght=1 (did you mean --weight?)");
  BOOST_TEST(error_of({"--zzzzzzzz"}) == "unknown option --zzzzzzzz; see --help");
  BOOST_TEST(error_of({"relu"}) == "relu: expected --option value");
  BOOST_TEST(error_of({"--weight", "heavy"}) == "--weight: heavy, expected a number");
  BOOST_TEST(error_of({"--weight", "nan"}) == "--weight: nan, expected a finite number");
  BOOST_TEST(error_of({"--weight", "1e999"}).starts_with("--weight: 1e999, expected"));
  BOOST_TEST(error_of({"--paths", "0"}) == "--paths: 0, expected > 0");
  BOOST_TEST(error_of({"--paths", "1.5"}) == "--paths: 1.5, expected a whole number");
  BOOST_TEST(error_of({"--order", "5"}) == "--order: 5, expected in [1, 4]");
  BOOST_TEST(error_of({"--activation", "selu"}) ==
             "--activation: selu, expected one of relu, tanh");
  BOOST_TEST(error_of({"--levels", "1,-1"}) == "--levels: -1, expected >= 0");
  BOOST_TEST(error_of({"--seed", "-1"}) == "--seed: -1, expected >= 0");
  BOOST_TEST(error_of({"--threads", "-1"}) == "--threads: -1, expected >= 0");
  BOOST_TEST(error_of({"--weight"}) != "accepted");
  BOOST_TEST(error_of({"--weight", "1", "--weight", "2"}) != "accepted");
}

BOOST_AUTO_TEST_CASE(empty_values_are_refused) {
  const std::string empty = ": is empty, expected a value, or leave the option out";
  BOOST_TEST(error_of({"--activation", ""}) == "--activation" + empty);
  BOOST_TEST(error_of({"--activation="}) == "--activation" + empty);
  BOOST_TEST(error_of({"--out", "", "--quick"}) == "--out" + empty);
  BOOST_TEST(error_of({"--config", ""}) == "--config" + empty);
  BOOST_TEST(error_of({"--weight", ""}) == "--weight" + empty);
  BOOST_TEST(error_of({"--levels", ""}) == "--levels" + empty);
  BOOST_TEST(error_of({"--levels", "0.5,,1"}) == "--levels: 0.5,,1, an entry is empty");
  BOOST_TEST(error_of({"--levels=,1"}) == "--levels: ,1, an entry is empty");
  BOOST_TEST(error_of({"--levels", "1", "2,"}) == "--levels: 2,, an entry is empty");
  BOOST_TEST(error_of({"--methods", "closure,,monte_carlo"}) ==
             "--methods: closure,,monte_carlo, an entry is empty");
  BOOST_TEST(error_of({"--fast", "--levels", "1,2", "--quick"}) == "accepted");

  std::string file;
  studies::Options options("sample", "sample");
  options.add("network", file, "a file");
  const std::vector<const char*> arguments = {"sample", "--network", ""};
  BOOST_CHECK_THROW(options.parse(3, arguments.data()), std::invalid_argument);
  const tests::ScratchFolder scratch;
  const std::string path = (scratch.path() / "sample.toml").string();
  io::write_file(path, "out = \"\"\n");
  BOOST_TEST(error_of({"--config", path.c_str()}) != "accepted");
}

BOOST_AUTO_TEST_CASE(a_configuration_file_stands_behind_the_command_line) {
  const tests::ScratchFolder scratch;
  const std::string path = (scratch.path() / "sample.toml").string();
  io::write_file(path,
                 "# a comment\nweight = -2\nlevels = [1, 2]\nactivation = \"tanh\"\nfast = true\n");
  Sample s;
  BOOST_TEST(s.parse({"--config", path.c_str(), "--weight", "3"}));
  BOOST_TEST(s.weight == 3.0);
  BOOST_TEST(s.levels.size() == 2);
  BOOST_TEST(s.activation == "tanh");
  BOOST_TEST(s.fast);
  BOOST_TEST(s.options.given("weight"));  // on the command line
  BOOST_TEST(s.options.given("levels"));  // in the file
  BOOST_TEST(!s.options.given("paths"));

  io::write_file(path, "wieght = 1\n");
  BOOST_TEST(error_of({"--config", path.c_str()}) ==
             "--config: unknown option wieght (did you mean --weight?)");
  io::write_file(path, "order = 9\n");
  BOOST_TEST(error_of({"--config", path.c_str()}) == "--order: 9, expected in [1, 4]");
  BOOST_TEST(error_of({"--config", "/not/there.toml"}) != "accepted");
}

BOOST_AUTO_TEST_CASE(help_is_the_golden_text) {
  BOOST_TEST(printed({"--help"}) == tests::contents(STILLPOINT_TEST_DATA "/sample_help.txt"));
  BOOST_TEST(printed({"--version"}).starts_with("sample, Stillpoint "));
}

BOOST_AUTO_TEST_CASE(enumerators_are_chosen_by_their_names) {
  const Allowed allowed = studies::names(networks::all_placements);
  BOOST_REQUIRE(allowed.choices.size() == networks::all_placements.size());
  for (std::size_t k = 0; k < allowed.choices.size(); ++k)
    BOOST_TEST((studies::named(allowed.choices[k], networks::all_placements) ==
                networks::all_placements[k]));
  BOOST_TEST(allowed.choices[0] == "inside");
}
