// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE npy
#include "lib/io/npy.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/array_bytes.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/mutations.hpp"

using namespace stillpoint;
using namespace stillpoint::io;
using tests::encode;
using tests::npy;

namespace {

const std::filesystem::path data = std::filesystem::path(STILLPOINT_TEST_DATA) / "arrays";

Bytes view(const std::string& text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

Entry parse(const std::string& bytes, const Limits& limits = {}) {
  return parse_npy(view(bytes), "x.npy", limits);
}

struct Type {
  ElementType type;
  const char* code;
  std::vector<double> values;  // six, all exact in the type
};

// Six values a type, its extremes among them.
const std::vector<Type> types = {
    {ElementType::boolean, "b1", {0, 1, 1, 0, 0, 1}},
    {ElementType::int8, "i1", {-128, 127, -1, 0, 1, 2}},
    {ElementType::uint8, "u1", {0, 255, 1, 2, 3, 4}},
    {ElementType::int16, "i2", {-32768, 32767, -1, 0, 258, 2}},
    {ElementType::uint16, "u2", {0, 65535, 258, 2, 3, 4}},
    {ElementType::int32, "i4", {-2147483648.0, 2147483647, -1, 0, 16909060, 2}},
    {ElementType::uint32, "u4", {0, 4294967295.0, 16909060, 2, 3, 4}},
    {ElementType::int64,
     "i8",
     {-9007199254740992.0, 9007199254740992.0, -1, 0, 72623859790382848.0, 2}},
    {ElementType::uint64, "u8", {0, 9007199254740992.0, 72623859790382848.0, 2, 3, 4}},
    {ElementType::float16, "f2", {1, -2, 0.5, 32768, -0.00006103515625, 4}},
    {ElementType::float32, "f4", {0.1f, -3.4e38f, 1e-45f, 0, -2.5f, 7}},
    {ElementType::float64, "f8", {0.1, -1.7e308, 5e-324, 0, -2.5, 7}}};

}  // namespace

BOOST_AUTO_TEST_CASE(every_type_order_and_version_round_trips) {
  for (const Type& type : types)
    for (const std::endian order : {std::endian::little, std::endian::big})
      for (const bool fortran : {false, true})
        for (const int version : {1, 2, 3}) {
          const std::string descr = (size_of(type.type) == 1        ? "|"
                                     : order == std::endian::little ? "<"
                                                                    : ">") +
                                    std::string(type.code);
          BOOST_TEST_CONTEXT(descr << (fortran ? " fortran " : " C ") << version) {
            const Entry entry = parse(
                npy(descr, "(2, 3)", encode(type.values, type.type, order), fortran, version));
            const Array& array = std::get<Array>(entry);
            BOOST_TEST(array.shape == (std::vector<Index>{2, 3}), boost::test_tools::per_element());
            const auto& v = type.values;
            const std::vector<double> expected =
                fortran ? std::vector<double>{v[0], v[2], v[4], v[1], v[3], v[5]} : v;
            BOOST_TEST(array.values == expected, boost::test_tools::per_element());
          }
        }
}

BOOST_AUTO_TEST_CASE(half_precision_knows_subnormals_and_specials) {
  const Entry entry =
      parse(npy("<f2", "(5,)", std::string("\x01\x00\xff\x03\x00\x80\x00\x7c\x00\x7e", 10)));
  const auto& values = std::get<Array>(entry).values;
  BOOST_TEST(values[0] == std::ldexp(1.0, -24));     // smallest
  BOOST_TEST(values[1] == std::ldexp(1023.0, -24));  // largest subnormal
  BOOST_TEST((values[2] == 0.0 && std::signbit(values[2])));
  BOOST_TEST(values[3] == std::numeric_limits<double>::infinity());
  BOOST_TEST(std::isnan(values[4]));
}

BOOST_AUTO_TEST_CASE(shapes_of_every_rank) {
  BOOST_TEST(std::get<Array>(parse(npy("<f8", "()", std::string(8, '\0')))).shape.empty());
  BOOST_TEST(std::get<Array>(parse(npy("<f8", "(0,)", ""))).shape.front() == 0);
  BOOST_TEST(std::get<Array>(parse(npy("|u1", "(1, 1, 1, 2)", "ab"))).rank() == 4);
  BOOST_TEST(std::get<Array>(parse(npy("|u1", "(2L, 1L)", "ab"))).shape[0] == 2);  // Python 2
}

BOOST_AUTO_TEST_CASE(files_written_by_numpy) {
  for (const char* name : {"float64.npy", "version_2.npy", "version_3.npy"}) {
    const Array array = read_npy(data / name);
    BOOST_TEST(array.shape == (std::vector<Index>{2, 3}), boost::test_tools::per_element());
    for (int k = 0; k < 6; ++k)
      BOOST_TEST(array.values[static_cast<std::size_t>(k)] == (k - 2) / 4.0);
  }
}

BOOST_AUTO_TEST_CASE(pickles_and_other_types_are_never_opened) {
  for (const char* type : {"|O", "<U4", "|S4", "<c16", "<M8[s]", "|V8", "<f16", "x", ""})
    BOOST_TEST(std::holds_alternative<Skipped>(parse(npy(type, "()", "anything at all"))));
  const Entry records = parse(tests::npy_with_header(
      "{'descr': [('a]', '<f8'), ('b', [('c', '<i4')])], 'fortran_order': False, 'shape': (2,), }",
      ""));
  BOOST_TEST(std::holds_alternative<Skipped>(records));
  BOOST_CHECK_THROW(read_npy(data / "make_arrays.py"), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_short_or_long_file_is_refused) {
  const std::string good = npy("<f8", "(2, 3)", std::string(48, '\0'));
  BOOST_CHECK_NO_THROW(parse(good));
  for (std::size_t size = 0; size < good.size(); ++size)
    BOOST_CHECK_THROW(parse(good.substr(0, size)), std::invalid_argument);
  BOOST_CHECK_THROW(parse(good + '\0'), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(limits_hold) {
  BOOST_CHECK_THROW(parse(npy("|u1", "(6,)", "abcdef"), {.values = 5}), std::invalid_argument);
  BOOST_CHECK_THROW(parse(npy("|u1", "(1, 1, 1)", "a"), {.dimensions = 2}), std::invalid_argument);
  BOOST_CHECK_THROW(parse(npy("|u1", "(1,)", "a"), {.header_bytes = 20}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(blind_damage_gives_an_array_or_a_sentence) {
  const std::string good = npy("<f4", "(2, 3)", std::string(24, '\x3f'), true);
  tests::Mutator mutate;
  const int count = tests::full_effort() ? 300000 : 10000;
  int refused = 0;
  for (int k = 0; k < count; ++k) {
    try {
      parse(mutate(good));
    } catch (const std::invalid_argument& error) {
      ++refused;
      if (std::string(error.what()).rfind("x.npy: ", 0) != 0) BOOST_ERROR(error.what());
    }
  }
  BOOST_TEST(refused > count / 3);
}
