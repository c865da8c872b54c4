// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/io/mat.hpp"

#include <zlib.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "lib/core/require.hpp"

namespace stillpoint::io {
namespace {

// Data types and array classes by their numbers in the format's tables.
constexpr std::uint32_t mi_int32 = 5, mi_uint32 = 6, mi_matrix = 14, mi_compressed = 15;
constexpr std::uint32_t mi_int8 = 1, mi_utf8 = 16;
constexpr std::uint32_t mx_first_numeric = 6, mx_last_numeric = 15;  // double … uint64
constexpr std::uint32_t flag_complex = 0x0800;

struct Element {
  std::uint32_t type;
  Bytes data;
};

/// A tag and its data. A tag of 8 bytes is type and size; up to 4 bytes of data share the tag's
/// second half (the size is then in the upper half of the first word). Data are padded to 8 bytes,
/// compressed ones are not.
Element next_element(ByteReader& reader, std::string_view what) {
  const std::uint32_t first = reader.number(4, what);
  if (const std::uint32_t small = first >> 16) {
    require(small <= 4, reader.where(), what, " has a small element of ", small,
            " bytes, expected at most 4");
    return {first & 0xffff, reader.take(4, what).first(small)};
  }
  const std::uint32_t size = reader.number(4, what);
  const Bytes data = reader.take(size, what);
  if (first != mi_compressed)
    reader.take(std::min<std::size_t>((8 - size % 8) % 8, reader.remaining()), what);
  return {first, data};
}

std::optional<ElementType> element_type(std::uint32_t type) {
  switch (type) {
    case 1:
      return ElementType::int8;
    case 2:
      return ElementType::uint8;
    case 3:
      return ElementType::int16;
    case 4:
      return ElementType::uint16;
    case 5:
      return ElementType::int32;
    case 6:
      return ElementType::uint32;
    case 7:
      return ElementType::float32;
    case 9:
      return ElementType::float64;
    case 12:
      return ElementType::int64;
    case 13:
      return ElementType::uint64;
    default:
      return {};
  }
}

std::string_view class_name(std::uint32_t array_class) {
  static constexpr std::string_view names[] = {"unknown array", "cell array",      "structure",
                                               "object",        "character array", "sparse matrix"};
  return array_class < std::size(names) ? names[array_class] : "function or opaque object";
}

/// The contents of one miMATRIX element: flags, dimensions, name, then the numbers.
void add_matrix(ArrayFile& file, Bytes data, std::endian order, const Limits& limits) {
  ByteReader reader(data, file.source + ": a matrix", order);
  const Element flags = next_element(reader, "the array flags");
  require(flags.type == mi_uint32 && flags.data.size() == 8, reader.where(), "array flags of type ",
          flags.type, " and ", flags.data.size(), " bytes, expected type 6 and 8 bytes");
  const std::uint32_t word = ByteReader(flags.data, reader.where(), order).number(4, "flags");
  const std::uint32_t array_class = word & 0xff;

  if (array_class == 17) {  // opaque objects have no dimensions
    add(file, "(opaque object)", Skipped{"is an opaque object, expected a numeric array"}, limits);
    return;
  }
  const Element dimensions = next_element(reader, "the dimensions");
  require(
      dimensions.type == mi_int32 && dimensions.data.size() % 4 == 0 && dimensions.data.size() >= 8,
      reader.where(), "dimensions of type ", dimensions.type, " and ", dimensions.data.size(),
      " bytes, expected type 5 and 4 bytes for each of 2 dimensions or more");
  require(dimensions.data.size() / 4 <= limits.dimensions, reader.where(),
          dimensions.data.size() / 4, " dimensions, expected at most ", limits.dimensions);
  std::vector<Index> shape;
  for (const double extent : decode(dimensions.data, ElementType::int32, order))
    shape.push_back(static_cast<Index>(extent));

  const Element name = next_element(reader, "the name");
  require(name.type == mi_int8 || name.type == mi_utf8, reader.where(), "a name of type ",
          name.type, ", expected type 1");
  const std::string key(name.data.begin(), name.data.end());
  const std::string where = file.source + ": key " + in_quotes(key);

  if (array_class < mx_first_numeric || array_class > mx_last_numeric) {
    add(file, key,
        Skipped{"is a " + std::string(class_name(array_class)) + ", expected a numeric array"},
        limits);
    return;
  }
  if (word & flag_complex) {
    add(file, key, Skipped{"is complex, expected real numbers"}, limits);
    return;
  }
  const std::size_t size = announced_size(shape, where, limits);
  ByteReader rest(reader.take(reader.remaining(), "the values"), where, order);
  const Element values = next_element(rest, "the values");
  const auto type = element_type(values.type);
  require(type.has_value(), where, "values of data type ", values.type, ", expected a number type");
  require(values.data.size() == size * size_of(*type), where, "shape ", shape_text(shape),
          " takes ", size * size_of(*type), " bytes, but the values have ", values.data.size());
  require(rest.remaining() == 0, where, rest.remaining(),
          " bytes follow the values, expected none");
  add(file, key, from_fortran_order(shape, decode(values.data, *type, order)), limits);
}

/// Inflates one zlib stream that must fill its element. Grows with what really comes out, so that a
/// stream's own claims never allocate.
std::vector<unsigned char> inflate(Bytes packed, const std::string& where, std::size_t limit) {
  z_stream stream{};
  require(inflateInit(&stream) == Z_OK, where, "zlib could not start");
  struct End {
    void operator()(z_stream* s) const { inflateEnd(s); }
  };
  const std::unique_ptr<z_stream, End> guard(&stream);
  stream.next_in = const_cast<unsigned char*>(packed.data());  // zlib never writes to its input
  stream.avail_in = static_cast<uInt>(packed.size());          // an element's size has 32 bits
  std::vector<unsigned char> result, chunk(std::size_t{1} << 16);
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = chunk.data();
    stream.avail_out = static_cast<uInt>(chunk.size());
    status = ::inflate(&stream, Z_NO_FLUSH);
    result.insert(result.end(), chunk.begin(), chunk.end() - stream.avail_out);
    require(result.size() <= limit, where, "a compressed element unpacks to more than ", limit,
            " bytes");
  }
  require(status == Z_STREAM_END, where, "a compressed element is damaged or truncated (zlib: ",
          stream.msg ? stream.msg : "unexpected end", ")");
  require(stream.avail_in == 0, where, stream.avail_in, " bytes follow a compressed element's end");
  return result;
}

/// The byte order from the header of 128 bytes; a sentence for every other kind of file.
std::endian check_header(Bytes bytes, const std::string& source) {
  static constexpr std::string_view hdf5 = "\x89HDF\r\n\x1a\n";
  const auto holds = [&](std::size_t offset, std::string_view text) {
    return bytes.size() >= offset + text.size() &&
           std::equal(text.begin(), text.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset),
                      [](char a, unsigned char b) { return static_cast<unsigned char>(a) == b; });
  };
  require(!holds(0, hdf5) && !holds(512, hdf5) && !holds(0, "MATLAB 7.3"), source,
          "is a MAT-file of version 7.3 (HDF5), expected version 5; save it with -v7");
  require(bytes.size() >= 128, source, "is ", bytes.size(),
          " bytes long, expected a MAT-file header of 128; the file looks truncated");
  const bool little = holds(126, "IM"), big = holds(126, "MI");
  require(little || big, source,
          "has no byte-order mark at byte 126, expected a MAT-file of version 5; save it with -v7");
  const std::uint32_t version =
      little ? bytes[124] | bytes[125] << 8 : bytes[125] | bytes[124] << 8;
  require(version == 0x0100, source, "MAT-file version ", version >> 8, ".", version & 0xff,
          ", expected 1.0 (level 5)");
  return little ? std::endian::little : std::endian::big;
}

}  // namespace

ArrayFile parse_mat(Bytes bytes, const std::string& source, const Limits& limits) {
  const std::endian order = check_header(bytes, source);
  ArrayFile file{.source = source};
  ByteReader reader(bytes.subspan(128), source, order);
  std::size_t unpacked = 0;
  while (reader.remaining() > 0) {
    const Element element = next_element(reader, "an element");
    if (element.type != mi_compressed) {
      require(element.type == mi_matrix, source, "an element of type ", element.type,
              ", expected 14 (a matrix) or 15 (compressed)");
      add_matrix(file, element.data, order, limits);
      continue;
    }
    const std::vector<unsigned char> inner_bytes =
        inflate(element.data, source, limits.unpacked_bytes - unpacked);
    unpacked += inner_bytes.size();
    ByteReader inner(inner_bytes, source + ": a compressed element", order);
    const Element matrix = next_element(inner, "its tag");
    require(matrix.type == mi_matrix && inner.remaining() == 0, source,
            "a compressed element holds type ", matrix.type, " and ", inner.remaining(),
            " bytes after it, expected one matrix (type 14)");
    add_matrix(file, matrix.data, order, limits);
  }
  return file;
}

ArrayFile read_mat(const std::filesystem::path& path, const Limits& limits) {
  return parse_mat(read_bytes(path, limits.file_bytes), path.string(), limits);
}

}  // namespace stillpoint::io
