// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/io/npy.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "lib/core/require.hpp"

namespace stillpoint::io {
namespace {

/// What the header's Python dictionary says.
struct Header {
  std::optional<std::string> type;  ///< "<f8"; nothing for records, whose type is a list.
  bool fortran_order = false;
  std::vector<Index> shape;
};

/// Reads {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }: this dictionary and no other
/// Python, keys in any order.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  Header parse() {
    Header header;
    std::set<std::string> seen;
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      if (key == "descr") {
        header.type = type();
      } else if (key == "fortran_order") {
        header.fortran_order = boolean();
      } else if (key == "shape") {
        header.shape = tuple();
      } else {
        fail("key " + in_quotes(key));
      }
      if (!seen.insert(key).second) fail("key " + in_quotes(key) + " twice");
      if (accept(',')) continue;
      expect('}');
      break;
    }
    skip_space();
    if (!text_.empty()) fail("text after the dictionary");
    if (seen.size() != 3) fail(std::to_string(seen.size()) + " keys");
    return header;
  }

 private:
  [[noreturn]] void fail(const std::string& found) const {
    throw std::invalid_argument(where_ + ": the npy header has " + found +
                                ", expected {'descr': ..., 'fortran_order': ..., 'shape': ...}");
  }

  void skip_space() {
    const auto first = text_.find_first_not_of(" \n");
    text_.remove_prefix(std::min(first, text_.size()));
  }

  bool accept(std::string_view word) {
    skip_space();
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  bool accept(char c) { return accept(std::string_view(&c, 1)); }

  void expect(char c) {
    if (!accept(c))
      fail(in_quotes(text_.substr(0, 16)) + " where " + in_quotes({&c, 1}) + " belongs");
  }

  std::string string() {
    expect('\'');
    const auto end = text_.find('\'');
    if (end == std::string_view::npos) fail("a string without end");
    std::string result(text_.substr(0, end));
    text_.remove_prefix(end + 1);
    return result;
  }

  /// A string, or a list of fields, which is only skipped: brackets are counted, text is not read.
  std::optional<std::string> type() {
    if (!accept('[')) return string();
    int depth = 1;
    while (depth > 0) {
      if (text_.empty()) fail("a list without end");
      if (text_.front() == '\'') {
        string();
        continue;
      }
      depth += (text_.front() == '[') - (text_.front() == ']');
      text_.remove_prefix(1);
    }
    return {};
  }

  bool boolean() {
    if (accept("True")) return true;
    if (!accept("False")) fail(in_quotes(text_.substr(0, 16)) + " where True or False belongs");
    return false;
  }

  std::vector<Index> tuple() {
    std::vector<Index> extents;
    expect('(');
    while (!accept(')')) {
      skip_space();
      Index extent = -1;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), extent);
      if (error != std::errc{} || extent < 0) fail("the extent " + in_quotes(text_.substr(0, 24)));
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      extents.push_back(extent);
      accept('L');  // written by Python 2
      if (accept(',')) continue;
      expect(')');
      break;
    }
    return extents;
  }

  std::string_view text_;
  const std::string& where_;
};

/// "<f8": byte order ('<', '>', '=', or '|' where it does not matter), kind, bytes.
std::optional<std::pair<ElementType, std::endian>> element_type(std::string_view type) {
  if (type.size() != 3) return {};
  static const std::map<std::string_view, ElementType> types = {
      {"b1", ElementType::boolean}, {"i1", ElementType::int8},    {"u1", ElementType::uint8},
      {"i2", ElementType::int16},   {"u2", ElementType::uint16},  {"i4", ElementType::int32},
      {"u4", ElementType::uint32},  {"i8", ElementType::int64},   {"u8", ElementType::uint64},
      {"f2", ElementType::float16}, {"f4", ElementType::float32}, {"f8", ElementType::float64}};
  const auto found = types.find(type.substr(1));
  if (found == types.end()) return {};
  switch (type[0]) {
    case '<':
      return {{found->second, std::endian::little}};
    case '>':
      return {{found->second, std::endian::big}};
    case '=':
    case '|':
      return {{found->second, std::endian::native}};
    default:
      return {};
  }
}

}  // namespace

Entry parse_npy(Bytes bytes, const std::string& where, const Limits& limits) {
  ByteReader reader(bytes, where);
  static constexpr unsigned char magic[] = {0x93, 'N', 'U', 'M', 'P', 'Y'};
  const Bytes start = reader.take(sizeof magic, "the npy magic string");
  require(std::equal(start.begin(), start.end(), magic), where,
          "does not begin with the npy magic string \\x93NUMPY");
  const std::uint32_t version = reader.number(1, "the npy version");
  const std::uint32_t minor = reader.number(1, "the npy version");
  require(version >= 1 && version <= 3 && minor == 0, where, "npy version ", version, ".", minor,
          ", expected 1.0, 2.0 or 3.0");
  const std::size_t length = reader.number(version == 1 ? 2 : 4, "the npy header length");
  require(length <= limits.header_bytes, where, "npy header of ", length,
          " bytes, expected at most ", limits.header_bytes);
  const Bytes text = reader.take(length, "the npy header");
  const Header header =
      HeaderParser({reinterpret_cast<const char*>(text.data()), text.size()}, where).parse();

  if (!header.type) return Skipped{"holds records, expected plain numbers"};
  if (*header.type == "|O" || *header.type == "O")
    return Skipped{"holds Python objects (a pickle), which are never unpickled"};
  const auto element = element_type(*header.type);
  if (!element)
    return Skipped{"has type " + in_quotes(*header.type) +
                   ", expected booleans, integers or floats up to 8 bytes"};
  const std::size_t size = announced_size(header.shape, where, limits);
  const std::size_t width = size_of(element->first);
  require(reader.remaining() == size * width, where, "shape ", shape_text(header.shape),
          " of type ", *header.type, " takes ", size * width, " bytes, but ", reader.remaining(),
          " follow the header; the file looks truncated or damaged");
  std::vector<double> values =
      decode(reader.take(size * width, "the values"), element->first, element->second);
  if (header.fortran_order) return from_fortran_order(header.shape, values);
  return Array{.shape = header.shape, .values = std::move(values)};
}

Array read_npy(const std::filesystem::path& path, const Limits& limits) {
  Entry entry = parse_npy(read_bytes(path, limits.file_bytes), path.string(), limits);
  if (const auto* skipped = std::get_if<Skipped>(&entry))
    require(false, path.string(), skipped->why);
  return std::get<Array>(std::move(entry));
}

std::string npy_front(const std::string& type, const std::string& shape) {
  std::string header = "{'descr': " + type + ", 'fortran_order': False, 'shape': " + shape + ", }";
  // Magic, version, four bytes of header length, header padded to a multiple of 64.
  constexpr std::size_t prefix = 12;
  header.append(63 - (prefix + header.size()) % 64, ' ') += '\n';
  std::string out("\x93NUMPY\x02\x00", 8);
  append_little_endian(out, static_cast<std::uint32_t>(header.size()));
  return out + header;
}

std::string to_npy(const Array& array, Precision precision) {
  const bool single = precision == Precision::single;
  std::string shape = "(";
  for (const Index extent : array.shape) shape += std::to_string(extent) + ",";
  std::string out = npy_front(single ? "'<f4'" : "'<f8'", shape + ")");
  for (const double value : array.values) {
    if (single)
      append_little_endian(out, std::bit_cast<std::uint32_t>(static_cast<float>(value)));
    else
      append_little_endian(out, std::bit_cast<std::uint64_t>(value));
  }
  return out;
}

}  // namespace stillpoint::io
