// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/array_bytes.hpp"

#include <zlib.h>

#include <cmath>
#include <stdexcept>

namespace stillpoint::tests {

std::string number_bytes(std::uint64_t value, std::size_t size, std::endian order) {
  std::string bytes(size, '\0');
  for (std::size_t k = 0; k < size; ++k)
    bytes[order == std::endian::little ? k : size - 1 - k] =
        static_cast<char>(value >> 8 * k & 255);
  return bytes;
}

std::string encode(const std::vector<double>& values, io::ElementType type, std::endian order) {
  std::string bytes;
  for (const double value : values) {
    std::uint64_t bits = 0;
    if (type == io::ElementType::float64) {
      bits = std::bit_cast<std::uint64_t>(value);
    } else if (type == io::ElementType::float32) {
      bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    } else if (type == io::ElementType::float16) {
      const int exponent = std::ilogb(value);
      bits =
          static_cast<std::uint64_t>((std::signbit(value) ? 1 << 15 : 0) | (exponent + 15) << 10);
    } else {
      bits = static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
    }
    bytes += number_bytes(bits, io::size_of(type), order);
  }
  return bytes;
}

std::string npy_with_header(const std::string& dictionary, const std::string& data, int version) {
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  std::string header = dictionary;
  while ((8 + length_bytes + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  return "\x93NUMPY" + number_bytes(static_cast<std::uint64_t>(version), 1) + number_bytes(0, 1) +
         number_bytes(header.size(), length_bytes) + header + data;
}

std::string npy(const std::string& descr, const std::string& shape, const std::string& data,
                bool fortran_order, int version) {
  return npy_with_header("{'descr': '" + descr + "', 'fortran_order': " +
                             (fortran_order ? "True" : "False") + ", 'shape': " + shape + ", }",
                         data, version);
}

std::string npy(const io::Array& array) {
  return npy("<f8", io::shape_text(array.shape), encode(array.values, io::ElementType::float64));
}

std::string deflated(const std::string& data, bool raw) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, raw ? -15 : 15, 9, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("deflateInit2 failed");
  std::string packed(deflateBound(&stream, data.size()), '\0');
  stream.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<unsigned char*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int status = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("deflate failed");
  return packed;
}

std::string zip(const std::vector<ZipEntry>& entries) {
  std::string file, directory;
  for (const ZipEntry& entry : entries) {
    const std::string packed = entry.deflated ? deflated(entry.data, true) : entry.data;
    const auto checksum = entry.claimed_checksum.value_or(static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const unsigned char*>(entry.data.data()),
              static_cast<uInt>(entry.data.size()))));
    // Version needed, flags, method, time, date, checksum, sizes, lengths of name and extra field.
    const std::string common =
        number_bytes(20, 2) + number_bytes(entry.flags, 2) +
        number_bytes(entry.claimed_method.value_or(entry.deflated ? 8 : 0), 2) +
        number_bytes(0, 2) + number_bytes(0x21, 2) + number_bytes(checksum, 4) +
        number_bytes(entry.claimed_packed_size.value_or(static_cast<std::uint32_t>(packed.size())),
                     4) +
        number_bytes(entry.claimed_size.value_or(static_cast<std::uint32_t>(entry.data.size())),
                     4) +
        number_bytes(entry.name.size(), 2) + number_bytes(0, 2);
    directory += "PK\x01\x02" + number_bytes(20, 2) + common + std::string(10, '\0') +
                 number_bytes(file.size(), 4) + entry.name;
    file += "PK\x03\x04" + common + entry.name + packed;
  }
  return file + directory + "PK\x05\x06" + number_bytes(0, 4) + number_bytes(entries.size(), 2) +
         number_bytes(entries.size(), 2) + number_bytes(directory.size(), 4) +
         number_bytes(file.size(), 4) + number_bytes(0, 2);
}

std::string mat_header(std::endian order, std::uint16_t version) {
  std::string header = "MATLAB 5.0 MAT-file, made by a test";
  header.resize(124, ' ');
  return header + number_bytes(version, 2, order) + number_bytes('M' << 8 | 'I', 2, order);
}

std::string mat_element(std::uint32_t type, const std::string& data, std::endian order,
                        bool small) {
  if (small) {
    std::string padded = data;
    padded.resize(4);
    return number_bytes(data.size() << 16 | type, 4, order) + padded;
  }
  std::string element = number_bytes(type, 4, order) + number_bytes(data.size(), 4, order) + data;
  element.resize((element.size() + 7) / 8 * 8);
  return element;
}

std::string mat_matrix(const MatMatrix& matrix, std::endian order) {
  std::string dimensions;
  for (const std::int32_t extent : matrix.shape)
    dimensions += number_bytes(static_cast<std::uint32_t>(extent), 4, order);
  return mat_element(
      14,
      mat_element(6,
                  number_bytes(matrix.flags | matrix.array_class, 4, order) + std::string(4, '\0'),
                  order) +
          mat_element(5, dimensions, order) +
          mat_element(1, matrix.name, order, matrix.small_name) +
          mat_element(matrix.type, matrix.data, order, matrix.small_data),
      order);
}

std::string mat_compressed(const std::string& element, std::endian order) {
  const std::string packed = deflated(element, false);
  return number_bytes(15, 4, order) + number_bytes(packed.size(), 4, order) + packed;
}

}  // namespace stillpoint::tests
