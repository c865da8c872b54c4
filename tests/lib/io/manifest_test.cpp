// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE manifest
#include "lib/io/manifest.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <nlohmann/json.hpp>

#include "lib/io/build.hpp"

using namespace stillpoint;
using nlohmann::json;

BOOST_AUTO_TEST_CASE(everything_documented_is_there) {
  io::Manifest manifest{.study = "s", .seed = 18446744073709551615ull};
  manifest.parameters = {{"weight", 0.5},
                         {"paths", std::int64_t{3}},
                         {"plots", true},
                         {"methods", std::vector<std::string>{"a", "b"}}};
  manifest.checks = {{"gap", 0.5, 1.0, true},
                     {"share", 0.2, 0.5, false, io::Check::Relation::at_least}};
  manifest.verdict = "disagree";
  manifest.seconds = 1.5;
  manifest.files = {"t.csv"};
  manifest.fields = {{"claim_confirmed", false}};
  const json read = json::parse(io::to_json(manifest));
  BOOST_TEST(read.at("study") == "s");
  BOOST_TEST(read.at("version") == std::string(io::version()));
  BOOST_TEST(read.at("revision") == std::string(io::revision()));
  BOOST_TEST(read.at("seed").get<std::uint64_t>() == 18446744073709551615ull);
  BOOST_TEST(read.at("parameters").at("weight").get<double>() == 0.5);
  BOOST_TEST(read.at("parameters").at("paths").get<int>() == 3);
  BOOST_TEST(read.at("parameters").at("plots").get<bool>());
  BOOST_TEST(read.at("parameters").at("methods").at(1) == "b");
  BOOST_TEST(read.at("checks").size() == 2u);
  BOOST_TEST(read.at("checks").at(0).at("relation") == "at most");
  BOOST_TEST(read.at("checks").at(1).at("relation") == "at least");
  BOOST_TEST(!read.at("checks").at(1).at("passed").get<bool>());
  BOOST_TEST(read.at("checks").at(0).at("bound").get<double>() == 1.0);
  BOOST_TEST(read.at("verdict") == "disagree");
  BOOST_TEST(read.at("seconds").get<double>() == 1.5);
  BOOST_TEST(read.at("files").at(0) == "t.csv");
  BOOST_TEST(!read.at("claim_confirmed").get<bool>());
  BOOST_TEST(read.at("libraries").contains("Eigen"));
}

// JSON has no NaN; a message may quote a file that is not UTF-8.
BOOST_AUTO_TEST_CASE(what_json_cannot_hold) {
  io::Manifest manifest{.study = "s"};
  manifest.fields = {{"nothing", std::numeric_limits<double>::quiet_NaN()},
                     {"endless", std::numeric_limits<double>::infinity()},
                     {"bytes", std::string("a\xff\xfe z \"quoted\"\n")}};
  const json read = json::parse(io::to_json(manifest));
  BOOST_TEST(read.at("nothing").is_null());
  BOOST_TEST(read.at("endless").is_null());
  BOOST_TEST(read.at("bytes").get<std::string>().find("z \"quoted\"") != std::string::npos);
  BOOST_TEST(read.at("verdict") == "unfinished");
}
