// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE mat
#include "lib/io/mat.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/array_bytes.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/mutations.hpp"

using namespace stillpoint;
using namespace stillpoint::io;
using tests::encode;
using tests::mat_compressed;
using tests::mat_element;
using tests::mat_header;
using tests::mat_matrix;
using tests::MatMatrix;

namespace {

const std::filesystem::path data = std::filesystem::path(STILLPOINT_TEST_DATA) / "arrays";

ArrayFile parse(const std::string& bytes, const Limits& limits = {}) {
  return parse_mat({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()}, "x.mat",
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

/// [1 2 3; 4 5 6] in Fortran order.
const std::vector<double> columns = {1, 4, 2, 5, 3, 6};
const std::vector<double> rows = {1, 2, 3, 4, 5, 6};

MatMatrix example(std::endian order = std::endian::little) {
  return {.name = "W_rec", .shape = {2, 3}, .data = encode(columns, ElementType::float64, order)};
}

}  // namespace

BOOST_AUTO_TEST_CASE(files_written_by_scipy) {
  for (const char* name : {"scipy_v5.mat", "scipy_v5_compressed.mat"}) {
    const ArrayFile file = read_mat(data / name);
    int matrices = 0;
    for (const auto& [key, array] : file.arrays) {
      if (key == "scalar" || key == "vector" || key == "cube") continue;
      ++matrices;
      const bool is_float = mentions(key, "float") || key == "fortran";
      BOOST_TEST_CONTEXT(name << " " << key) {
        BOOST_TEST(shape_text(array.shape) == "(2, 3)");
        for (int k = 0; k < 6; ++k)
          BOOST_TEST(array.values[static_cast<std::size_t>(k)] == (key == "logical"        ? k % 2
                                                                   : mentions(key, "uint") ? k
                                                                   : is_float ? (k - 2) / 4.0
                                                                              : k - 2));
      }
    }
    BOOST_TEST(matrices == 15);
    BOOST_TEST(shape_text(file.arrays.at("scalar").shape) == "(1, 1)");
    BOOST_TEST(shape_text(file.arrays.at("vector").shape) == "(1, 2)");
    BOOST_TEST(shape_text(file.arrays.at("cube").shape) == "(2, 3, 4)");
    for (int k = 0; k < 24; ++k)
      BOOST_TEST(file.arrays.at("cube").values[static_cast<std::size_t>(k)] == k);
    BOOST_TEST(file.skipped.size() == 5u);
    for (const auto& [key, why] :
         {std::pair{"text", "character"}, std::pair{"cell", "cell"},
          std::pair{"complex", "complex"}, std::pair{"structure", "structure"},
          std::pair{"sparse", "sparse"}})
      BOOST_TEST(mentions(file.skipped.at(key), why));
  }
}

BOOST_AUTO_TEST_CASE(every_type_both_byte_orders_plain_and_compressed) {
  const std::vector<std::pair<std::uint32_t, ElementType>> types = {
      {1, ElementType::int8},    {2, ElementType::uint8},   {3, ElementType::int16},
      {4, ElementType::uint16},  {5, ElementType::int32},   {6, ElementType::uint32},
      {7, ElementType::float32}, {9, ElementType::float64}, {12, ElementType::int64},
      {13, ElementType::uint64}};
  for (const auto& [code, type] : types)
    for (const std::endian order : {std::endian::little, std::endian::big})
      for (const bool compressed : {false, true})
        for (const std::uint32_t array_class : {6u, 7u, 9u, 15u}) {
          MatMatrix matrix = example();
          matrix.type = code;
          matrix.array_class = array_class;
          matrix.data = encode(columns, type, order);
          const std::string element = mat_matrix(matrix, order);
          const ArrayFile file =
              parse(mat_header(order) + (compressed ? mat_compressed(element, order) : element));
          BOOST_TEST(file.arrays.at("W_rec").values == rows, boost::test_tools::per_element());
        }
}

BOOST_AUTO_TEST_CASE(small_elements_share_their_tag) {
  for (const std::endian order : {std::endian::little, std::endian::big}) {
    MatMatrix matrix{.name = "abcd",
                     .shape = {1, 2},
                     .data = encode({-3, 7}, ElementType::int16, order),
                     .type = 3,
                     .small_name = true,
                     .small_data = true};
    const ArrayFile file = parse(mat_header(order) + mat_matrix(matrix, order));
    BOOST_TEST(file.arrays.at("abcd").values == (std::vector<double>{-3, 7}),
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(other_versions_and_kinds_have_their_sentence) {
  BOOST_TEST(mentions(message("MATLAB 7.3 MAT-file" + std::string(600, ' ')), "-v7"));
  BOOST_TEST(mentions(message("\x89HDF\r\n\x1a\n"), "7.3"));
  BOOST_TEST(mentions(message(std::string(400, '\0')), "version 5"));
  BOOST_TEST(mentions(message(mat_header(std::endian::big, 0x0200)), "version 2.0"));
  BOOST_TEST(mentions(message("short"), "truncated"));
  BOOST_TEST(parse(mat_header()).arrays.empty());
}

BOOST_AUTO_TEST_CASE(claims_are_checked) {
  const std::string header = mat_header(), good = mat_matrix(example());
  BOOST_TEST(message(header + good).empty());
  BOOST_TEST(mentions(message(header + good + good), "twice"));
  BOOST_TEST(mentions(message(header + mat_element(9, "12345678")), "type 9"));
  MatMatrix other = example();
  other.shape = {2, 4};
  BOOST_TEST(mentions(message(header + mat_matrix(other)), "takes 64 bytes"));
  other.shape = {-2, -3};
  BOOST_TEST(mentions(message(header + mat_matrix(other)), "negative"));
  BOOST_TEST(mentions(message(header + good, {.values = 5}), "at most 5"));
  const std::string zeros = mat_compressed(std::string(1 << 22, '\0'));
  BOOST_TEST(
      mentions(message(header + zeros, {.unpacked_bytes = 1 << 20}), "unpacks to more than"));
  BOOST_TEST(mentions(message(header + zeros), "expected one matrix"));
  BOOST_TEST(
      mentions(message(header + mat_compressed(mat_compressed(good))), "expected one matrix"));
  std::string damaged = mat_compressed(good);
  damaged[damaged.size() - 2] = static_cast<char>(damaged[damaged.size() - 2] ^ 1);  // checksum
  BOOST_TEST(mentions(message(header + damaged), "damaged"));
}

BOOST_AUTO_TEST_CASE(every_truncation_is_refused) {
  const std::string plain = mat_header() + mat_matrix(example());
  const std::string packed = mat_header() + mat_compressed(mat_matrix(example()));
  for (const std::string& good : {plain, packed})
    for (std::size_t size = 0; size < good.size(); ++size)
      BOOST_TEST((size == 128 || !message(good.substr(0, size)).empty()));
}

BOOST_AUTO_TEST_CASE(blind_damage_gives_arrays_or_a_sentence) {
  const std::string good = mat_header() + mat_matrix(example()) +
                           mat_compressed(mat_matrix({.name = "b",
                                                      .shape = {1, 2},
                                                      .data = encode({1, 2}, ElementType::uint8),
                                                      .type = 2,
                                                      .small_name = true,
                                                      .small_data = true}));
  tests::Mutator mutate;
  const int count = tests::full_effort() ? 300000 : 10000;
  int refused = 0;
  for (int k = 0; k < count; ++k) {
    try {
      parse(mutate(good));
    } catch (const std::invalid_argument& error) {
      ++refused;
      if (std::string(error.what()).rfind("x.mat: ", 0) != 0) BOOST_ERROR(error.what());
    }
  }
  BOOST_TEST(refused > count / 3);
}
