// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/io/manifest.hpp"
#include "lib/io/table.hpp"

namespace stillpoint::io {

/// @brief Writes a whole file or nothing: into a temporary file beside it, then renamed.
/// @throws FileError if the disk is full or the place cannot be written; nothing is left behind,
///   and what was at path before is still there.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// @brief The folder OUT/STUDY of one run: tables, figures and manifest.json.
///
/// A table is on disk, whole, when table() returns, so an interrupted run leaves what is finished.
/// The manifest is written when the folder is opened and again at the end; it says "unfinished" in
/// between, and "interrupted" or "unfinished" if the run ends by an exception.
class Results {
 public:
  /// Opens the folder, made if missing. The files that the manifest of an earlier run of this study
  /// lists are removed, so that no table of that run stands among those of this one; no other file
  /// is touched, and a manifest that is broken or names a path is ignored (listed_files()).
  /// @throws FileError if the folder cannot be made or written.
  Results(const std::filesystem::path& out, std::string study, Fields parameters = {},
          std::uint64_t seed = 0);
  ~Results();
  Results(const Results&) = delete;
  Results& operator=(const Results&) = delete;

  /// @brief Writes name.csv and name.npy and keeps the table for the figure.
  /// @returns the table, valid as long as these results.
  /// @throws std::invalid_argument if the columns do not match; FileError if the disk is full.
  const Table& table(const std::string& name, Table table);
  const Table& table(const std::string& name, std::vector<std::string> columns,
                     std::vector<Column> values);

  /// A table of this run. @throws std::invalid_argument if there is none of that name.
  const Table& table(const std::string& name) const;
  bool has_table(const std::string& name) const { return tables_.contains(name); }

  /// Writes any other file of this run (the script of a figure, for example).
  void file(const std::string& name, std::string_view bytes);
  /// Lists a file that another program made here, a rendered figure.
  void list(const std::string& name);

  const std::filesystem::path& folder() const { return folder_; }
  const std::string& study() const { return manifest_.study; }
  double seconds() const;  ///< Wall time since the folder was opened.

  /// What manifest.json will say; free to be filled until finish().
  Manifest& manifest() { return manifest_; }
  const Manifest& manifest() const { return manifest_; }
  /// @brief Writes manifest.json with this verdict. @throws FileError if the disk is full.
  void finish(const std::string& verdict);

 private:
  void write_manifest();

  std::filesystem::path folder_;
  std::map<std::string, Table> tables_;
  Manifest manifest_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace stillpoint::io
