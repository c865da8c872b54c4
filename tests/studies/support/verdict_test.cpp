// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE verdict
#include "studies/support/verdict.hpp"

#include <sys/resource.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "lib/core/interrupt.hpp"
#include "lib/core/require.hpp"
#include "lib/io/file_error.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace stillpoint;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

nlohmann::json manifest_in(const char* out) {
  return nlohmann::json::parse(tests::contents(std::filesystem::path(out) / "s" / "manifest.json"));
}

int guarded(int (*run)(int, char**), const std::filesystem::path& out) {
  std::string folder = out.string();
  char* arguments[] = {folder.data(), nullptr};
  return studies::guarded("s", run, 1, arguments);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_kind_of_check_can_pass_and_fail) {
  const tests::ScratchFolder scratch;
  const auto one = [&](auto&& judge) {
    io::Results results(scratch.path(), "s");
    studies::Verdict verdict(results);
    judge(verdict);
    const int code = verdict.exit_code();
    BOOST_TEST(code == (verdict.passed() ? 0 : 1));
    BOOST_TEST(manifest_in(scratch.path().c_str())["verdict"] ==
               (code == 0 ? "agree" : "disagree"));
    return code;
  };
  using V = studies::Verdict;
  BOOST_TEST(one([](V& v) { v.at_most("a", 1.0, 1.0); }) == 0);
  BOOST_TEST(one([](V& v) { v.at_most("a", 1.1, 1.0); }) == 1);
  BOOST_TEST(one([](V& v) { v.at_most("a", not_a_number, 1.0); }) == 1);
  BOOST_TEST(one([](V& v) { v.at_least("a", 1.0, 1.0); }) == 0);
  BOOST_TEST(one([](V& v) { v.at_least("a", 0.9, 1.0); }) == 1);
  BOOST_TEST(one([](V& v) { v.at_least("a", not_a_number, 1.0); }) == 1);
  BOOST_TEST(one([](V& v) { v.agrees("a", {1.0, 0.3}, {3.4, 0.4}); }) == 0);  // z = 4.8
  BOOST_TEST(one([](V& v) { v.agrees("a", {1.0, 0.3}, {3.6, 0.4}); }) == 1);  // z = 5.2
  BOOST_TEST(one([](V& v) { v.agrees("a", {1.0, 0.0}, {1.0, 0.0}); }) == 0);
  BOOST_TEST(one([](V& v) { v.agrees("a", {1.0, 0.0}, {1.1, 0.0}); }) == 1);
  BOOST_TEST(one([](V& v) { v.agrees("a", {not_a_number, 0.1}, {1.0, 0.1}); }) == 1);
  BOOST_TEST(one([](V& v) { v.solved("a", {}); }) == 0);
  BOOST_TEST(one([](V& v) { v.solved("a", Report::failure(Status::no_convergence, "stopped")); }) ==
             1);
  BOOST_TEST(one([](V& v) { v.at_most("a", 2, 1).at_most("b", 0, 1); }) == 1);
  BOOST_TEST(one([](V& v) { v.at_most("a", 0, 1).field("claim_confirmed", false); }) == 0);
  BOOST_TEST(manifest_in(scratch.path().c_str())["claim_confirmed"] == false);
}

BOOST_AUTO_TEST_CASE(a_nan_does_not_hide_in_a_maximum) {
  BOOST_TEST(studies::worse(1.0, 2.0) == 2.0);
  BOOST_TEST(studies::worse(2.0, 1.0) == 2.0);
  BOOST_TEST(std::isnan(studies::worse(not_a_number, 1.0)));
  BOOST_TEST(std::isnan(studies::worse(1.0, not_a_number)));
  Matrix values(2, 2);
  values << 1.0, 3.0, 2.0, 0.5;
  BOOST_TEST(studies::worst(values) == 3.0);
  values(0, 0) = not_a_number;
  BOOST_TEST(std::isnan(studies::worst(values)));
  BOOST_TEST(studies::worst(Matrix(0, 3)) == 0.0);
}

BOOST_AUTO_TEST_CASE(exit_codes_by_what_is_thrown) {
  const auto code = [](int (*run)(int, char**)) { return guarded(run, "unused"); };
  BOOST_TEST(code([](int, char**) { return 0; }) == 0);
  BOOST_TEST(code([](int, char**) { return 1; }) == 1);
  BOOST_TEST(code([](int, char**) -> int { throw std::invalid_argument("a: 1, expected 2"); }) ==
             2);
  BOOST_TEST(code([](int, char**) -> int { throw io::FileError("file", "is not there"); }) == 2);
  BOOST_TEST(code([](int, char**) -> int {
               return static_cast<int>(std::filesystem::file_size("/not/there"));
             }) == 2);
  BOOST_TEST(code([](int, char**) -> int { throw Interrupted(); }) == 130);
  BOOST_TEST(code([](int, char**) -> int { throw std::logic_error("ours"); }) == 1);
}

BOOST_AUTO_TEST_CASE(ctrl_c_keeps_what_is_finished) {
  const tests::ScratchFolder scratch;
  const int code = guarded(
      [](int, char** arguments) {
        io::Results results(arguments[0], "s");
        results.table("first", {"x"}, {Vector{{1.0}}});
        std::raise(SIGINT);
        throw_if_interrupted();
        results.table("second", {"x"}, {Vector{{1.0}}});
        return studies::Verdict(results).exit_code();
      },
      scratch.path());
  request_interrupt(false);
  BOOST_TEST(code == 130);
  const auto manifest = manifest_in(scratch.path().c_str());
  BOOST_TEST(manifest["verdict"] == "interrupted");
  BOOST_TEST(manifest["files"] == (std::vector<std::string>{"first.csv", "first.npy"}));
  BOOST_TEST(tests::contents(scratch.path() / "s" / "first.csv") == "x\n1\n");
  BOOST_TEST(!std::filesystem::exists(scratch.path() / "s" / "second.csv"));
}

BOOST_AUTO_TEST_CASE(a_full_disk_ends_with_2) {
  const tests::ScratchFolder scratch;
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit limit = before;
  limit.rlim_cur = 4096;
  ::setrlimit(RLIMIT_FSIZE, &limit);
  // guarded() itself has to ignore SIGXFSZ, which would end this process.
  std::signal(SIGXFSZ, SIG_DFL);
  const int code = guarded(
      [](int, char** arguments) {
        io::Results results(arguments[0], "s");
        results.table("large", {"x"}, {Vector(Vector::Random(10000))});
        return studies::Verdict(results).exit_code();
      },
      scratch.path());
  ::setrlimit(RLIMIT_FSIZE, &before);
  BOOST_TEST(code == 2);
  BOOST_TEST(!std::filesystem::exists(scratch.path() / "s" / "large.csv"));
  BOOST_TEST(manifest_in(scratch.path().c_str())["verdict"] == "unfinished");
}

BOOST_AUTO_TEST_CASE(an_unwritable_folder_ends_with_2) {
  const auto open = [](int, char** arguments) {
    io::Results results(arguments[0], "s");
    return studies::Verdict(results).exit_code();
  };
  BOOST_TEST(guarded(open, "/proc/stillpoint") == 2);
  BOOST_TEST(guarded(open, "/dev/null") == 2);
}

BOOST_AUTO_TEST_CASE(nothing_compared_is_no_agreement) {
  const tests::ScratchFolder scratch;
  const auto empty = [](int, char** arguments) {
    io::Results results(arguments[0], "s");
    return studies::Verdict(results).exit_code();
  };
  BOOST_TEST(guarded(empty, scratch.path().c_str()) == 0);
  BOOST_TEST(manifest_in(scratch.path().c_str())["verdict"] == "not compared");
}
