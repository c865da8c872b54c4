// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/io/array.hpp"
#include "lib/io/bytes.hpp"

/// Files in the formats that lib/io reads, made byte by byte from their specifications and without
/// the code under test. Every field can lie.
namespace stillpoint::tests {

/// The lowest size bytes of a number in this byte order.
std::string number_bytes(std::uint64_t value, std::size_t size,
                         std::endian order = std::endian::little);

/// Numbers as a file holds them. @pre every value has the type: float16 takes ±2ᵏ, k in [-14, 15].
std::string encode(const std::vector<double>& values, io::ElementType type,
                   std::endian order = std::endian::little);

/// An npy file with this header dictionary; version 1, 2 or 3.
std::string npy_with_header(const std::string& dictionary, const std::string& data,
                            int version = 1);

/// An npy file; shape as Python writes it, "(2, 3)".
std::string npy(const std::string& descr, const std::string& shape, const std::string& data,
                bool fortran_order = false, int version = 1);

/// A float64 npy file of an array.
std::string npy(const io::Array& array);

/// An entry of a zip file; what is claimed replaces the truth in both headers.
struct ZipEntry {
  std::string name;
  std::string data;
  bool deflated = false;
  std::optional<std::uint32_t> claimed_size = {};
  std::optional<std::uint32_t> claimed_packed_size = {};
  std::optional<std::uint32_t> claimed_checksum = {};
  std::optional<std::uint16_t> claimed_method = {};
  std::uint16_t flags = 0;
};

std::string zip(const std::vector<ZipEntry>& entries);

/// zlib's deflate; raw: without header and checksum, as in a zip file.
std::string deflated(const std::string& data, bool raw);

/// The header of 128 bytes of a MAT-file.
std::string mat_header(std::endian order = std::endian::little, std::uint16_t version = 0x0100);

/// Tag, data and padding; small: tag and up to 4 bytes of data in 8 bytes.
std::string mat_element(std::uint32_t type, const std::string& data,
                        std::endian order = std::endian::little, bool small = false);

/// A miMATRIX element of doubles; values in Fortran order.
struct MatMatrix {
  std::string name;
  std::vector<std::int32_t> shape;
  std::string data;               ///< The values' bytes.
  std::uint32_t type = 9;         ///< miDOUBLE
  std::uint32_t array_class = 6;  ///< mxDOUBLE_CLASS
  std::uint32_t flags = 0;
  bool small_name = false;  ///< The name as a small element.
  bool small_data = false;
};
std::string mat_matrix(const MatMatrix& matrix, std::endian order = std::endian::little);

/// A miCOMPRESSED element of another element's bytes.
std::string mat_compressed(const std::string& element, std::endian order = std::endian::little);

}  // namespace stillpoint::tests
