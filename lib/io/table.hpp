// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/core/types.hpp"

namespace stillpoint::io {

/// @brief One entry of a table: a number or a text. A truth value is the text "yes" or "no".
class Cell {
 public:
  Cell(double number) : value_(number) {}
  Cell(int number) : value_(static_cast<double>(number)) {}
  Cell(Index number) : value_(static_cast<double>(number)) {}
  Cell(bool truth) : value_(std::string(truth ? "yes" : "no")) {}
  Cell(const char* text) : value_(std::string(text)) {}
  Cell(std::string_view text) : value_(std::string(text)) {}
  Cell(std::string text) : value_(std::move(text)) {}

  bool is_text() const { return value_.index() == 1; }
  double number() const { return std::get<double>(value_); }
  const std::string& text() const { return std::get<std::string>(value_); }

 private:
  std::variant<double, std::string> value_;
};

/// @brief One column of a table: all numbers or all texts (UTF-8).
class Column {
 public:
  Column(std::vector<double> numbers) : values_(std::move(numbers)) {}
  Column(std::vector<std::string> texts) : values_(std::move(texts)) {}
  Column(const Vector& numbers)
      : values_(std::vector<double>(numbers.data(), numbers.data() + numbers.size())) {}

  Index size() const;
  bool is_text() const { return values_.index() == 1; }
  /// @throws std::bad_variant_access if the column is of the other kind, as texts() does.
  const std::vector<double>& numbers() const { return std::get<0>(values_); }
  const std::vector<std::string>& texts() const { return std::get<1>(values_); }

  /// Adds a cell at the end. @throws std::invalid_argument if it is of the other kind.
  void append(const Cell& cell);

 private:
  std::variant<std::vector<double>, std::vector<std::string>> values_;
};

/// @brief Named columns of equal length.
///
/// Names are made of letters, digits and underscores, so that NumPy, gnuplot and every
/// spreadsheet take them as they are. Built from whole columns, or row by row:
///
///     Table rungs({"method", "mean", "valid"});
///     rungs.row({"closure", 0.25, true});
class Table {
 public:
  /// @throws std::invalid_argument for a bad or repeated name, or columns that do not match.
  Table(std::vector<std::string> names, std::vector<Column> columns);
  /// An empty table; the first row decides which columns hold numbers and which hold texts.
  explicit Table(std::vector<std::string> names);

  /// Adds one row. @throws std::invalid_argument if it does not fit the columns.
  Table& row(const std::vector<Cell>& cells);

  /// Adds the rows of a table with the same columns.
  /// @throws std::invalid_argument if names or kinds of the columns differ.
  Table& append(const Table& rows);

  Index rows() const { return columns_.empty() ? 0 : columns_.front().size(); }
  const std::vector<std::string>& names() const { return names_; }
  const std::vector<Column>& columns() const { return columns_; }
  bool has(std::string_view name) const;
  /// @throws std::invalid_argument naming the columns there are if name is not one of them.
  const Column& column(std::string_view name) const;

 private:
  std::vector<std::string> names_;
  std::vector<Column> columns_;  // empty until the first row when built row by row
};

/// @brief The table as comma-separated values (RFC 4180 quoting, lines end in \n), UTF-8.
///
/// Numbers are the shortest decimals that give the same double back; NaN is `nan`, infinities are
/// `inf` and `-inf`.
std::string to_csv(const Table& table);

/// @brief The table as the bytes of a NumPy file: a one-dimensional structured array.
///
/// Numbers are little-endian float64, texts fixed-width UTF-32 (`<U12`), so that
/// `np.load("rungs.npy")["mean"]` works without pickle. Bytes that are not UTF-8 become U+FFFD.
std::string to_npy(const Table& table);

/// Shortest decimal text that reads back as the same double; `nan`, `inf`, `-inf`.
std::string to_text(double number);

}  // namespace stillpoint::io
