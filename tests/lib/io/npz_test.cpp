// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE npz
#include "lib/io/npz.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "lib/io/file_error.hpp"
#include "tests/support/array_bytes.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/mutations.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace stillpoint;
using namespace stillpoint::io;
using tests::npy;
using tests::zip;
using tests::ZipEntry;

namespace {

const std::filesystem::path data = std::filesystem::path(STILLPOINT_TEST_DATA) / "arrays";

ArrayFile parse(const std::string& bytes, const Limits& limits = {}) {
  return parse_npz({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()}, "x.npz",
                   limits);
}

std::string message(const std::string& bytes, const Limits& limits = {}) {
  try {
    parse(bytes, limits);
  } catch (const std::invalid_argument& error) {
    BOOST_TEST_MESSAGE(error.what());
    return error.what();
  }
  return "";
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string read_bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

const Array matrix{.shape = {2, 3}, .values = {1, 2, 3, 4, 5, 6}};

}  // namespace

BOOST_AUTO_TEST_CASE(files_written_by_numpy) {
  for (const char* name : {"numpy_savez.npz", "numpy_savez_compressed.npz"}) {
    const ArrayFile file = read_npz(data / name);
    BOOST_TEST(file.arrays.size() == 21u);
    for (const auto& [key, array] : file.arrays) {
      if (key == "scalar" || key == "vector" || key == "empty" || mentions(key, "cube")) continue;
      const bool is_float = mentions(key, "float") || key == "fortran";
      const bool is_unsigned = mentions(key, "uint");
      BOOST_TEST_CONTEXT(name << " " << key) {
        BOOST_TEST(array.shape == (std::vector<Index>{2, 3}), boost::test_tools::per_element());
        for (int k = 0; k < 6; ++k)
          BOOST_TEST(array.values[static_cast<std::size_t>(k)] == (key == "bool" ? k % 2
                                                                   : is_unsigned ? k
                                                                   : is_float    ? (k - 2) / 4.0
                                                                                 : k - 2));
      }
    }
    BOOST_TEST(file.arrays.at("scalar").shape.empty());
    BOOST_TEST(file.arrays.at("vector").values == (std::vector<double>{0.5, -1.5}),
               boost::test_tools::per_element());
    BOOST_TEST(file.arrays.at("empty").values.empty());
    for (int k = 0; k < 24; ++k) {
      BOOST_TEST(file.arrays.at("cube").values[static_cast<std::size_t>(k)] == k);
      BOOST_TEST(file.arrays.at("fortran_cube").values[static_cast<std::size_t>(k)] == k);
    }
    BOOST_TEST(file.skipped.size() == 4u);
    BOOST_TEST(mentions(file.skipped.at("object"), "never unpickled"));
    for (const char* key : {"text", "complex", "record"}) BOOST_TEST(file.skipped.contains(key));
  }
}

BOOST_AUTO_TEST_CASE(stored_and_deflated_entries) {
  const ArrayFile file = parse(zip({{.name = "a.npy", .data = npy(matrix)},
                                    {.name = "b/Adam.npy", .data = npy(matrix), .deflated = true},
                                    {.name = "readme.txt", .data = "text"}}));
  BOOST_TEST(file.arrays.at("a").values == matrix.values, boost::test_tools::per_element());
  BOOST_TEST(file.arrays.at("b/Adam").values == matrix.values, boost::test_tools::per_element());
  BOOST_TEST(file.skipped.contains("readme.txt"));
}

BOOST_AUTO_TEST_CASE(claims_are_checked_before_they_are_believed) {
  const std::string good = npy(matrix), zeros(1 << 20, '\0');
  const auto one = [](ZipEntry entry) { return zip({std::move(entry)}); };
  BOOST_TEST(message(one({.name = "a.npy", .data = good})).empty());
  // 1 MiB of zeros deflates to about 1 KiB, near the highest ratio there is: not a lie by itself.
  BOOST_TEST(mentions(message(one({.name = "a.npy", .data = zeros, .deflated = true})), "magic"));
  BOOST_TEST(mentions(
      message(one({.name = "a.npy", .data = zeros, .deflated = true, .claimed_size = 1u << 29})),
      "ratio"));
  BOOST_TEST(mentions(
      message(one({.name = "a.npy", .data = zeros, .deflated = true, .claimed_size = 200})),
      "does not end after 200 bytes"));
  BOOST_TEST(
      mentions(message(one({.name = "a.npy", .data = good, .deflated = true, .claimed_size = 400})),
               "gave"));
  BOOST_TEST(mentions(message(one({.name = "a.npy", .data = good, .claimed_checksum = 7})), "CRC"));
  BOOST_TEST(mentions(message(one({.name = "a.npy", .data = good, .claimed_method = 12})), "zip"));
  BOOST_TEST(mentions(message(one({.name = "a.npy", .data = good, .flags = 1})), "encrypted"));
  BOOST_TEST(mentions(message(one({.name = "a.npy", .data = good}), {.unpacked_bytes = 100}),
                      "at most 100"));
  BOOST_TEST(
      mentions(message(zip({{.name = "a.npy", .data = good}, {.name = "b.npy", .data = good}}),
                       {.unpacked_bytes = 200}),
               "unpacks to"));
  BOOST_TEST(mentions(message(zip({{.name = "a"}, {.name = "b"}}), {.entries = 1}), "2 entries"));
  BOOST_TEST(
      !message(zip({{.name = "a.npy", .data = good}, {.name = "a.npy", .data = good}})).empty());
  BOOST_TEST(!message(zip({{.name = "a", .data = good}, {.name = "a.npy", .data = good}})).empty());
}

BOOST_AUTO_TEST_CASE(hostile_names_cannot_write_to_the_terminal) {
  const std::string text = message(zip({{.name = "\x1b[2J\x07.npy", .data = "no npy"}}));
  BOOST_TEST(mentions(text, "\\x1b[2J\\x07"));
  BOOST_TEST(!mentions(text, "\x1b"));
}

BOOST_AUTO_TEST_CASE(every_truncation_is_refused) {
  const std::string good = zip({{.name = "a.npy", .data = npy(matrix)},
                                {.name = "b.npy", .data = npy(matrix), .deflated = true}});
  for (std::size_t size = 1; size < good.size(); ++size)
    BOOST_TEST(!message(good.substr(0, size)).empty());
}

BOOST_AUTO_TEST_CASE(blind_damage_gives_arrays_or_a_sentence) {
  const std::string good = zip({{.name = "a.npy", .data = npy(matrix)},
                                {.name = "b.npy", .data = npy(matrix), .deflated = true},
                                {.name = "c.npy", .data = npy("|O", "()", "pickle")}});
  tests::Mutator mutate;
  const int count = tests::full_effort() ? 100000 : 5000;
  int refused = 0;
  for (int k = 0; k < count; ++k) {
    try {
      parse(mutate(good));
    } catch (const std::invalid_argument& error) {
      ++refused;
      if (std::string(error.what()).rfind("x.npz: ", 0) != 0) BOOST_ERROR(error.what());
    }
  }
  BOOST_TEST(refused > count / 2);
}

// What is written is read, to the bit; the same arrays give the same bytes; nothing is left behind.
BOOST_AUTO_TEST_CASE(written_files_are_read) {
  const tests::ScratchFolder folder;
  const std::map<std::string, Array, std::less<>> arrays = {
      {"matrix", {.shape = {2, 3}, .values = {1, 0.1, -3e300, 4, 5e-324, 6}}},
      {"vector", {.shape = {2}, .values = {0.5, -0.0}}},
      {"scalar", {.shape = {}, .values = {0.25}}},
      {"none", {.shape = {0, 3}, .values = {}}}};
  const auto path = folder.path() / "a.npz", again = folder.path() / "b.npz";
  write_npz(path, arrays);
  write_npz(again, arrays);
  BOOST_TEST((read_bytes_of(path) == read_bytes_of(again)));
  const ArrayFile file = read_npz(path);
  BOOST_TEST(file.arrays.size() == arrays.size());
  for (const auto& [key, array] : arrays) {
    BOOST_TEST((file.arrays.at(key).shape == array.shape), key);
    BOOST_TEST((file.arrays.at(key).values == array.values), key);
  }
  write_npz(path, arrays, Precision::single);  // over the other
  BOOST_TEST(read_npz(path).arrays.at("matrix").values[1] == static_cast<double>(0.1F));
  BOOST_TEST(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 2);
  BOOST_CHECK_THROW(write_npz(folder.path() / "no" / "a.npz", arrays), FileError);
}
