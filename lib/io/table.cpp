// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/io/table.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#include "lib/core/require.hpp"
#include "lib/io/bytes.hpp"
#include "lib/io/npy.hpp"

namespace stillpoint::io {
namespace {

bool is_plain_name(std::string_view name) {
  constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
  return !name.empty() && name.find_first_not_of(allowed) == std::string_view::npos;
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

void check_names(const std::vector<std::string>& names) {
  require(!names.empty(), "Table", "no columns, expected at least one");
  for (auto name = names.begin(); name != names.end(); ++name) {
    require(is_plain_name(*name), "Table", "column name \"", *name,
            "\", expected letters, digits and underscores");
    require(std::find(names.begin(), name, *name) == name, "Table", "column name \"", *name,
            "\" appears twice");
  }
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

constexpr char32_t replacement = 0xFFFD;

// Decodes UTF-8 strictly: overlong forms, surrogates and stray bytes become U+FFFD, one a byte.
std::u32string code_points(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int length = lead < 0x80       ? 1
                       : lead >> 5 == 6  ? 2
                       : lead >> 4 == 14 ? 3
                       : lead >> 3 == 30 ? 4
                                         : 0;
    char32_t point = length == 1 ? lead : lead & (0x7F >> length);
    bool good = length > 0 && i + length <= text.size();
    for (int k = 1; good && k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      good = next >> 6 == 2;
      point = point << 6 | (next & 0x3F);
    }
    constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    good = good && point >= smallest[length] && point <= 0x10FFFF && point >> 11 != 0x1B;
    out += good ? point : replacement;
    i += good ? length : 1;
  }
  return out;
}

}  // namespace

Index Column::size() const {
  return std::visit([](const auto& values) { return static_cast<Index>(values.size()); }, values_);
}

void Column::append(const Cell& cell) {
  require(cell.is_text() == is_text(), "Table", "a ", cell.is_text() ? "text" : "number",
          " in a column of ", is_text() ? "texts" : "numbers");
  if (is_text()) {
    std::get<1>(values_).push_back(cell.text());
  } else {
    std::get<0>(values_).push_back(cell.number());
  }
}

Table::Table(std::vector<std::string> names, std::vector<Column> columns)
    : names_(std::move(names)), columns_(std::move(columns)) {
  check_names(names_);
  require(names_.size() == columns_.size(), "Table", names_.size(), " names for ", columns_.size(),
          " columns");
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    require(columns_[i].size() == rows(), "Table", "column ", names_[i], " has ",
            columns_[i].size(), " rows, column ", names_[0], " has ", rows());
  }
}

Table::Table(std::vector<std::string> names) : names_(std::move(names)) { check_names(names_); }

Table& Table::row(const std::vector<Cell>& cells) {
  require(cells.size() == names_.size(), "Table", cells.size(), " cells in a row of ",
          names_.size(), " columns");
  if (columns_.empty()) {
    for (const auto& cell : cells) {
      columns_.push_back(cell.is_text() ? Column(std::vector<std::string>{})
                                        : Column(std::vector<double>{}));
    }
  }
  for (std::size_t i = 0; i < cells.size(); ++i) {
    require(cells[i].is_text() == columns_[i].is_text(), "Table", "column ", names_[i], " holds ",
            columns_[i].is_text() ? "texts" : "numbers", ", the row has a ",
            cells[i].is_text() ? "text" : "number");
  }
  for (std::size_t i = 0; i < cells.size(); ++i) columns_[i].append(cells[i]);
  return *this;
}

Table& Table::append(const Table& rows) {
  require(rows.names_ == names_, "Table", "appended columns are ", joined(rows.names_),
          ", expected ", joined(names_));
  for (Index r = 0; r < rows.rows(); ++r) {
    std::vector<Cell> cells;
    for (const Column& column : rows.columns_)
      cells.push_back(column.is_text() ? Cell(column.texts()[r]) : Cell(column.numbers()[r]));
    row(cells);
  }
  return *this;
}

bool Table::has(std::string_view name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

const Column& Table::column(std::string_view name) const {
  const auto place = std::find(names_.begin(), names_.end(), name);
  require(place != names_.end(), "Table", "no column \"", name, "\"; there are: ", joined(names_));
  require(!columns_.empty(), "Table", "column \"", name, "\" has no rows yet");
  return columns_[place - names_.begin()];
}

std::string to_text(double number) {
  if (std::isnan(number)) return "nan";
  std::array<char, 32> buffer;
  char* const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  return {buffer.data(), end};
}

std::string to_csv(const Table& table) {
  std::string out;
  for (const auto& name : table.names()) out += (out.empty() ? "" : ",") + name;
  out += '\n';
  for (Index row = 0; row < table.rows(); ++row) {
    bool first = true;
    for (const auto& column : table.columns()) {
      if (!std::exchange(first, false)) out += ',';
      out += column.is_text() ? csv_field(column.texts()[row]) : to_text(column.numbers()[row]);
    }
    out += '\n';
  }
  return out;
}

std::string to_npy(const Table& table) {
  struct Field {
    const Column* column;
    std::size_t width;                  // code points of a text
    std::vector<std::u32string> texts;  // empty for numbers
  };
  std::vector<Field> fields;
  std::string types;
  for (std::size_t i = 0; i < table.names().size(); ++i) {
    // A table without rows has no columns yet: its fields are numbers.
    Field field{i < table.columns().size() ? &table.columns()[i] : nullptr, 1, {}};
    const bool is_text = field.column && field.column->is_text();
    if (is_text) {
      for (const auto& text : field.column->texts()) {
        field.width = std::max(field.width, field.texts.emplace_back(code_points(text)).size());
      }
    }
    types += "('" + table.names()[i] + "', '" +
             (is_text ? "<U" + std::to_string(field.width) : std::string("<f8")) + "'), ";
    fields.push_back(std::move(field));
  }
  std::string out = npy_front("[" + types + "]", "(" + std::to_string(table.rows()) + ",)");
  for (Index row = 0; row < table.rows(); ++row) {
    for (const auto& field : fields) {
      if (field.column->is_text()) {
        for (const char32_t c : field.texts[row]) append_little_endian(out, std::uint32_t{c});
        out.append(4 * (field.width - field.texts[row].size()), '\0');
      } else {
        append_little_endian(out, std::bit_cast<std::uint64_t>(field.column->numbers()[row]));
      }
    }
  }
  return out;
}

}  // namespace stillpoint::io
