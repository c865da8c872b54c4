// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stillpoint::io {

using Bytes = std::span<const unsigned char>;

/// @brief A whole file in memory.
/// @throws std::invalid_argument if it is missing, no regular file, unreadable, or longer than
///   limit bytes.
std::vector<unsigned char> read_bytes(const std::filesystem::path& path, std::size_t limit);

/// The text in quotes, for a message: control characters escaped, shortened to 80 bytes.
std::string in_quotes(std::string_view text);

/// @brief Reads numbers and pieces from the front of a byte string and never past its end.
class ByteReader {
 public:
  /// @param data   Borrowed; must outlive the reader and every piece it hands out.
  /// @param where  File and key, the beginning of every error message.
  ByteReader(Bytes data, std::string where, std::endian order = std::endian::little)
      : data_(data), where_(std::move(where)), order_(order) {}

  std::size_t remaining() const { return data_.size(); }
  const std::string& where() const { return where_; }

  /// @brief The next size bytes. @throws std::invalid_argument "… ends in WHAT" if there are fewer.
  Bytes take(std::size_t size, std::string_view what);

  /// The next 1, 2 or 4 bytes as an unsigned number, in this reader's byte order.
  std::uint32_t number(std::size_t size, std::string_view what);

 private:
  Bytes data_;
  std::string where_;
  std::endian order_;
};

/// Appends an unsigned number, lowest byte first.
void append_little_endian(std::string& out, std::unsigned_integral auto number) {
  for (std::size_t byte = 0; byte < sizeof number; ++byte)
    out += static_cast<char>(number >> (8 * byte) & 0xff);
}

/// Types of numbers that files hold.
enum class ElementType {
  boolean,
  int8,
  uint8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  uint64,
  float16,
  float32,
  float64,
};

std::size_t size_of(ElementType type);

/// @brief The numbers in a piece of a file, as doubles.
/// @pre data.size() is a multiple of size_of(type).
std::vector<double> decode(Bytes data, ElementType type, std::endian order);

}  // namespace stillpoint::io
