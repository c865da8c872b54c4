// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE table
#include "lib/io/table.hpp"

#include <bit>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/seed.hpp"

using namespace stillpoint;
using io::Column;
using io::Table;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

const std::vector<std::string> two_names = {"x", "y"};

}  // namespace

BOOST_AUTO_TEST_CASE(numbers_are_shortest_and_read_back_exactly) {
  BOOST_TEST(io::to_text(0.1) == "0.1");
  BOOST_TEST(io::to_text(3.0) == "3");
  BOOST_TEST(io::to_text(-0.0) == "-0");
  BOOST_TEST(io::to_text(1e300) == "1e+300");
  BOOST_TEST(io::to_text(5e-324) == "5e-324");
  BOOST_TEST(io::to_text(not_a_number) == "nan");
  BOOST_TEST(io::to_text(-not_a_number) == "nan");
  BOOST_TEST(io::to_text(-inf) == "-inf");
  // Random bit patterns: every finite double comes back as itself.
  std::mt19937_64 bits(tests::seed);
  int finite = 0;
  for (int k = 0; k < 20000; ++k) {
    const double number = std::bit_cast<double>(bits());
    if (!std::isfinite(number)) continue;
    ++finite;
    const std::string text = io::to_text(number);
    BOOST_REQUIRE_EQUAL(std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr)),
                        std::bit_cast<std::uint64_t>(number));
  }
  BOOST_TEST(finite > 19000);
}

BOOST_AUTO_TEST_CASE(csv_quotes_what_has_to_be_quoted) {
  Table table({"method", "mean", "valid", "note"});
  table.row({"closure", 0.25, true, "plain"});
  table.row({"smoothed", not_a_number, false, "near a kink, or \"at\" it"});
  table.row({"σ", -1, true, "two\nlines"});
  BOOST_TEST(io::to_csv(table) ==
             "method,mean,valid,note\n"
             "closure,0.25,yes,plain\n"
             "smoothed,nan,no,\"near a kink, or \"\"at\"\" it\"\n"
             "σ,-1,yes,\"two\nlines\"\n");
}

BOOST_AUTO_TEST_CASE(npy_is_the_documented_format) {
  const Table table({"name", "p"}, {std::vector<std::string>{"aσ", "b"}, Vector{{1.0, -2.5}}});
  const std::string bytes = io::to_npy(table);
  BOOST_TEST(bytes.substr(0, 8) == std::string("\x93NUMPY\x02\x00", 8));
  const std::size_t header_length =
      static_cast<unsigned char>(bytes[8]) + 256 * static_cast<unsigned char>(bytes[9]);
  BOOST_TEST((12 + header_length) % 64 == 0);
  const std::string header = bytes.substr(12, header_length);
  BOOST_TEST(
      header.starts_with("{'descr': [('name', '<U2'), ('p', '<f8'), ], "
                         "'fortran_order': False, 'shape': (2,), }"));
  BOOST_TEST(header.back() == '\n');
  // Row: two code points of four bytes, then a double, all little-endian.
  const std::string expected(
      "a\0\0\0\xC3\x03\0\0"
      "\0\0\0\0\0\0\xF0\x3F"
      "b\0\0\0\0\0\0\0"
      "\0\0\0\0\0\0\x04\xC0",
      32);
  BOOST_TEST(bytes.substr(12 + header_length) == expected);
}

BOOST_AUTO_TEST_CASE(npy_replaces_what_is_not_utf8) {
  // Overlong '/', a surrogate, a stray continuation byte, a truncated euro sign: nine bytes.
  const Table table({"text"}, {std::vector<std::string>{"\xC0\xAF\xED\xA0\x80\x80\xE2\x82"}});
  const std::string bytes = io::to_npy(table);
  BOOST_TEST(bytes.find("'<U8'") != std::string::npos);
  for (std::size_t k = bytes.size() - 32; k < bytes.size(); k += 4) {
    BOOST_TEST(bytes.substr(k, 4) == std::string("\xFD\xFF\0\0", 4));
  }
}

BOOST_AUTO_TEST_CASE(an_empty_table_has_its_columns) {
  const Table table({"a", "b"});
  BOOST_TEST(io::to_csv(table) == "a,b\n");
  BOOST_TEST(io::to_npy(table).find("('a', '<f8'), ('b', '<f8'), ], 'fortran_order': False, "
                                    "'shape': (0,)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(misuse_is_named) {
  const Vector three = Vector::Zero(3), two = Vector::Zero(2);
  BOOST_CHECK_THROW(Table(two_names, {three, two}), std::invalid_argument);
  BOOST_CHECK_THROW(Table(two_names, {three}), std::invalid_argument);
  BOOST_CHECK_THROW(Table({"x", "x"}), std::invalid_argument);
  BOOST_CHECK_THROW(Table({"mean value"}), std::invalid_argument);
  BOOST_CHECK_THROW(Table(std::vector<std::string>{}), std::invalid_argument);
  Table table(two_names);
  table.row({1, "text"});
  BOOST_CHECK_THROW(table.row({1}), std::invalid_argument);
  BOOST_CHECK_THROW(table.row({"text", "text"}), std::invalid_argument);
  BOOST_TEST(table.rows() == 1);  // a row that does not fit leaves no half row
  BOOST_CHECK_THROW(table.column("z"), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(tables_of_the_same_columns_are_joined) {
  io::Table whole({"name", "x"});
  whole.row({"a", 1.0});
  whole.append(io::Table({"name", "x"}).row({"b", 2.0}).row({"c", 3.0}));
  whole.append(io::Table({"name", "x"}));  // no rows, nothing added
  BOOST_TEST(io::to_csv(whole) == "name,x\na,1\nb,2\nc,3\n");
  io::Table empty({"name", "x"});  // takes the kinds of what is appended first
  empty.append(io::Table({"name", "x"})).append(whole);
  BOOST_TEST(io::to_csv(empty) == io::to_csv(whole));
  BOOST_CHECK_THROW(whole.append(io::Table({"x", "name"})), std::invalid_argument);
}
