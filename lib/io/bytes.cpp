// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/io/bytes.hpp"

#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>

#include "lib/core/require.hpp"

namespace stillpoint::io {
namespace {

std::uint64_t to_unsigned(Bytes piece, std::endian order) {
  std::uint64_t value = 0;
  for (std::size_t k = 0; k < piece.size(); ++k)
    value = value << 8 | piece[order == std::endian::big ? k : piece.size() - 1 - k];
  return value;
}

/// IEEE 754 binary16: sign, 5 bits of exponent with bias 15, 10 bits of fraction.
double half_to_double(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const double fraction = bits & 1023;
  const double magnitude = exponent == 0 ? std::ldexp(fraction, -24)
                           : exponent < 31
                               ? std::ldexp(1024.0 + fraction, exponent - 25)
                               : (fraction == 0.0 ? std::numeric_limits<double>::infinity()
                                                  : std::numeric_limits<double>::quiet_NaN());
  return bits >> 15 ? -magnitude : magnitude;
}

double to_double(std::uint64_t bits, ElementType type) {
  switch (type) {
    case ElementType::boolean:
      return bits != 0 ? 1.0 : 0.0;
    case ElementType::int8:
      return static_cast<std::int8_t>(bits);
    case ElementType::int16:
      return static_cast<std::int16_t>(bits);
    case ElementType::int32:
      return static_cast<std::int32_t>(bits);
    case ElementType::int64:
      return static_cast<double>(static_cast<std::int64_t>(bits));
    case ElementType::uint8:
    case ElementType::uint16:
    case ElementType::uint32:
    case ElementType::uint64:
      return static_cast<double>(bits);
    case ElementType::float16:
      return half_to_double(static_cast<std::uint16_t>(bits));
    case ElementType::float32:
      return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    case ElementType::float64:
      return std::bit_cast<double>(bits);
  }
  return 0.0;
}

}  // namespace

std::vector<unsigned char> read_bytes(const std::filesystem::path& path, std::size_t limit) {
  const std::string where = path.string();
  std::error_code error;
  require(std::filesystem::exists(path, error), where, "there is no such file");
  require(std::filesystem::is_regular_file(path, error), where, "is not a regular file");
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  require(!error, where, "cannot be read (", error.message(), ")");
  require(size <= limit, where, "is ", size, " bytes long, expected at most ", limit);
  std::ifstream stream(path, std::ios::binary);
  require(stream.is_open(), where, "cannot be opened; is it readable?");
  std::vector<unsigned char> bytes(static_cast<std::size_t>(size));
  stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  require(stream.gcount() == static_cast<std::streamsize>(size), where, "gave ", stream.gcount(),
          " of its ", size, " bytes");
  return bytes;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 80;
  std::string result = "\"";
  for (const unsigned char c : text.substr(0, longest)) {
    if (c >= 0x20 && c < 0x7f) {
      result += static_cast<char>(c);
    } else {
      char escape[5];
      std::snprintf(escape, sizeof escape, "\\x%02x", c);
      result += escape;
    }
  }
  return result + (text.size() > longest ? "…\"" : "\"");
}

Bytes ByteReader::take(std::size_t size, std::string_view what) {
  require(size <= data_.size(), where_, "ends in ", what, ": ", data_.size(),
          " bytes left, expected ", size, "; the file looks truncated");
  const Bytes piece = data_.first(size);
  data_ = data_.subspan(size);
  return piece;
}

std::uint32_t ByteReader::number(std::size_t size, std::string_view what) {
  return static_cast<std::uint32_t>(to_unsigned(take(size, what), order_));
}

std::size_t size_of(ElementType type) {
  switch (type) {
    case ElementType::boolean:
    case ElementType::int8:
    case ElementType::uint8:
      return 1;
    case ElementType::int16:
    case ElementType::uint16:
    case ElementType::float16:
      return 2;
    case ElementType::int32:
    case ElementType::uint32:
    case ElementType::float32:
      return 4;
    case ElementType::int64:
    case ElementType::uint64:
    case ElementType::float64:
      return 8;
  }
  return 1;
}

std::vector<double> decode(Bytes data, ElementType type, std::endian order) {
  const std::size_t width = size_of(type);
  std::vector<double> values(data.size() / width);
  for (std::size_t k = 0; k < values.size(); ++k)
    values[k] = to_double(to_unsigned(data.subspan(k * width, width), order), type);
  return values;
}

}  // namespace stillpoint::io
