// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE results
#include "lib/io/results.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "lib/core/interrupt.hpp"
#include "lib/io/file_error.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace stillpoint;
using tests::contents;

namespace {

nlohmann::json manifest_of(const std::filesystem::path& folder) {
  return nlohmann::json::parse(contents(folder / "manifest.json"));
}

std::vector<std::string> files_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// No file may grow beyond `bytes` while this lives: a disk that is full.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_table_is_on_disk_and_in_memory) {
  const tests::ScratchFolder scratch;
  io::Results results(scratch.path() / "not" / "yet", "density");
  const auto& table = results.table("law", {"x", "p"}, {Vector{{0.0, 1.0}}, Vector{{0.5, 0.25}}});
  BOOST_TEST(&table == &results.table("law"));
  BOOST_TEST(table.column("p").numbers()[1] == 0.25);
  const auto folder = scratch.path() / "not" / "yet" / "density";
  BOOST_TEST(contents(folder / "law.csv") == "x,p\n0,0.5\n1,0.25\n");
  BOOST_TEST(contents(folder / "law.npy") == io::to_npy(table));
  BOOST_CHECK_THROW(results.table("laws"), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_manifest_has_every_key) {
  const tests::ScratchFolder scratch;
  io::Results results(scratch.path(), "regulator",
                      {{"weight", 0.5},
                       {"paths", std::int64_t{20000}},
                       {"quick", false},
                       {"activation", std::string("relu")},
                       {"weights", std::vector<double>{-2.0, 0.5}}},
                      std::uint64_t{18446744073709551615u});
  results.table("cost", {"sigma"}, {Vector{{0.1}}});
  auto& manifest = results.manifest();
  manifest.checks.push_back({"distance", 0.03, 0.04, true});
  manifest.checks.push_back({"rungs", std::numeric_limits<double>::quiet_NaN(), 1.0, false,
                             io::Check::Relation::at_least});
  manifest.fields.emplace_back("claim_confirmed", true);
  results.finish("disagree");

  const auto json = manifest_of(results.folder());
  BOOST_TEST(json["study"] == "regulator");
  BOOST_TEST(json["version"].get<std::string>().size() >= 5);
  BOOST_TEST(!json["revision"].get<std::string>().empty());
  BOOST_TEST(json["parameters"]["weight"] == 0.5);
  BOOST_TEST(json["parameters"]["paths"] == 20000);
  BOOST_TEST(json["parameters"]["quick"] == false);
  BOOST_TEST(json["parameters"]["activation"] == "relu");
  BOOST_TEST(json["parameters"]["weights"].size() == 2);
  BOOST_TEST(json["seed"].get<std::uint64_t>() == 18446744073709551615u);
  BOOST_TEST(json["checks"][0]["name"] == "distance");
  BOOST_TEST(json["checks"][0]["value"] == 0.03);
  BOOST_TEST(json["checks"][0]["bound"] == 0.04);
  BOOST_TEST(json["checks"][0]["passed"] == true);
  BOOST_TEST(json["checks"][1]["value"].is_null());
  BOOST_TEST(json["checks"][1]["relation"] == "at least");
  BOOST_TEST(json["verdict"] == "disagree");
  BOOST_TEST(json["seconds"].get<double>() >= 0.0);
  BOOST_TEST(json["libraries"].contains("Eigen"));
  BOOST_TEST(json["claim_confirmed"] == true);
  BOOST_TEST(json["files"] == (std::vector<std::string>{"cost.csv", "cost.npy"}));
}

BOOST_AUTO_TEST_CASE(a_run_that_ends_early_says_so) {
  const tests::ScratchFolder scratch;
  const auto folder = scratch.path() / "s";
  {
    io::Results results(scratch.path(), "s");
    BOOST_TEST(manifest_of(folder)["verdict"] == "unfinished");  // what a killed run leaves
    results.table("first", {"x"}, {Vector{{1.0}}});
    request_interrupt();
  }
  request_interrupt(false);
  BOOST_TEST(manifest_of(folder)["verdict"] == "interrupted");
  BOOST_TEST(manifest_of(folder)["files"].size() == 2);
  BOOST_TEST(contents(folder / "first.csv") == "x\n1\n");
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_an_error_and_leaves_no_half_file) {
  const tests::ScratchFolder scratch;
  io::Results results(scratch.path(), "s");
  results.table("law", {"x"}, {Vector{{1.0}}});
  const auto before = files_in(results.folder());
  const Vector large = Vector::Random(100000);
  {
    const FileSizeLimit limit(4096);
    BOOST_CHECK_EXCEPTION(results.table("law", {"x"}, {large}), io::FileError, [](const auto& e) {
      return std::string(e.what()).find("law.csv: no space left") != std::string::npos;
    });
    BOOST_CHECK_THROW(results.table("other", {"x"}, {large}), io::FileError);
  }
  BOOST_TEST(files_in(results.folder()) == before, boost::test_tools::per_element());
  BOOST_TEST(contents(results.folder() / "law.csv") == "x\n1\n");  // the earlier one is still whole
  results.finish("agree");
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_is_an_error) {
  const tests::ScratchFolder scratch;
  io::write_file(scratch.path() / "file", "not a folder");
  BOOST_CHECK_THROW(io::Results(scratch.path() / "file", "s"), io::FileError);
  BOOST_CHECK_THROW(io::Results("/proc/stillpoint", "s"), io::FileError);  // not even for root
}

BOOST_AUTO_TEST_CASE(a_second_run_leaves_no_file_of_the_first) {
  const tests::ScratchFolder scratch;
  const auto folder = scratch.path() / "s";
  {
    io::Results first(scratch.path(), "s");
    first.table("law", {"x"}, {Vector{{1.0}}});
    first.table("shift", {"x"}, {Vector{{1.0}}});
    io::write_file(folder / "figure.png", "drawn");
    first.list("figure.png");
    first.list("never_drawn.svg");
    first.finish("agree");
  }
  io::write_file(folder / "notes.txt", "the user's own");
  io::Results second(scratch.path(), "s");
  BOOST_TEST(files_in(folder) == (std::vector<std::string>{"manifest.json", "notes.txt"}),
             boost::test_tools::per_element());
  second.table("law", {"x"}, {Vector{{2.0}}});
  second.finish("agree");
  BOOST_TEST(files_in(folder) ==
                 (std::vector<std::string>{"law.csv", "law.npy", "manifest.json", "notes.txt"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(only_a_whole_manifest_of_the_same_study_removes_files) {
  const tests::ScratchFolder scratch;
  const auto folder = scratch.path() / "s";
  std::filesystem::create_directories(folder / "sub.csv");
  const std::string head = R"({"study": "s", "files": [)";
  for (const std::string& manifest :
       {std::string("{\"study\": \"s\", \"files\": [\"old.csv\""), std::string("[]"), std::string(),
        std::string(R"({"study": "other", "files": ["old.csv"]})"),
        std::string(R"({"study": "s", "files": "old.csv"})"),
        head + R"("old.csv", "../outside.csv"]})", head + R"("old.csv", "sub.csv/inside.csv"]})",
        head + R"("old.csv", ".."]})", head + R"("old.csv", 3]})",
        head + '"' + (scratch.path() / "outside.csv").string() + R"(", "old.csv"]})"}) {
    for (const auto& kept :
         {folder / "old.csv", scratch.path() / "outside.csv", folder / "sub.csv" / "inside.csv"})
      io::write_file(kept, "kept");
    io::write_file(folder / "manifest.json", manifest);
    const io::Results results(scratch.path(), "s");
    for (const auto& kept :
         {folder / "old.csv", scratch.path() / "outside.csv", folder / "sub.csv" / "inside.csv"})
      BOOST_TEST(contents(kept) == "kept", kept << " with the manifest " << manifest);
  }
  // A folder and a link with a listed name stay.
  std::filesystem::create_symlink(scratch.path() / "outside.csv", folder / "link.csv");
  io::write_file(folder / "manifest.json", head + R"("sub.csv", "link.csv", "old.csv"]})");
  const io::Results results(scratch.path(), "s");
  BOOST_TEST(contents(folder / "sub.csv" / "inside.csv") == "kept");
  BOOST_TEST(contents(folder / "link.csv") == "kept");
  BOOST_TEST(!std::filesystem::exists(folder / "old.csv"));
}
