// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/io/results.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "lib/core/interrupt.hpp"
#include "lib/core/require.hpp"
#include "lib/io/file_error.hpp"

namespace stillpoint::io {
namespace {

std::string explained(int error) {
  switch (error) {
    case EFBIG:
    case ENOSPC:
    case EDQUOT:
      return "no space left to write; free some or choose another folder with --out";
    case EACCES:
    case EPERM:
    case EROFS:
      return "may not be written; choose another folder with --out";
    default:
      return std::string("cannot be written: ") + std::strerror(error);
  }
}

// Zero on success, else errno.
int write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// Removes the files that the manifest of an earlier run lists.
void remove_earlier(const std::filesystem::path& folder, const std::string& study) {
  std::ifstream manifest(folder / "manifest.json", std::ios::binary);
  const std::string json{std::istreambuf_iterator<char>(manifest), {}};
  for (const std::string& name : listed_files(json, study)) {
    const auto path = folder / name;
    std::error_code error;
    if (!std::filesystem::is_regular_file(std::filesystem::symlink_status(path, error))) continue;
    std::filesystem::remove(path, error);
    if (error) throw FileError(path.string(), explained(error.value()));
  }
}

}  // namespace

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  // The process id keeps two runs into one folder apart.
  const std::string temporary =
      (path.parent_path() / ("." + path.filename().string() + "." + std::to_string(::getpid())))
          .string();
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) throw FileError(path.string(), explained(errno));
  int error = write_all(file, bytes);
  if (::close(file) != 0 && error == 0) error = errno;  // a quota may speak up only now
  if (error == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    throw FileError(path.string(), explained(error));
  }
}

Results::Results(const std::filesystem::path& out, std::string study, Fields parameters,
                 std::uint64_t seed)
    : folder_(out / study),
      manifest_{.study = std::move(study), .parameters = std::move(parameters), .seed = seed} {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) throw FileError(folder_.string(), explained(error.value()));
  remove_earlier(folder_, manifest_.study);
  write_manifest();
}

Results::~Results() {
  if (manifest_.verdict != "unfinished") return;
  try {
    finish(interrupt_requested() ? "interrupted" : "unfinished");
  } catch (...) {  // the manifest written at the start already says "unfinished"
  }
}

const Table& Results::table(const std::string& name, Table table) {
  write_file(folder_ / (name + ".csv"), to_csv(table));
  list(name + ".csv");
  write_file(folder_ / (name + ".npy"), to_npy(table));
  list(name + ".npy");
  return tables_.insert_or_assign(name, std::move(table)).first->second;
}

const Table& Results::table(const std::string& name, std::vector<std::string> columns,
                            std::vector<Column> values) {
  return table(name, Table(std::move(columns), std::move(values)));
}

const Table& Results::table(const std::string& name) const {
  const auto place = tables_.find(name);
  require(place != tables_.end(), "Results", "no table \"", name, "\" in study ", study());
  return place->second;
}

void Results::file(const std::string& name, std::string_view bytes) {
  write_file(folder_ / name, bytes);
  list(name);
}

void Results::list(const std::string& name) {
  auto& files = manifest_.files;
  if (std::find(files.begin(), files.end(), name) == files.end()) files.push_back(name);
}

double Results::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void Results::finish(const std::string& verdict) {
  manifest_.verdict = verdict;
  write_manifest();
}

void Results::write_manifest() {
  manifest_.seconds = seconds();
  write_file(folder_ / "manifest.json", to_json(manifest_));
}

}  // namespace stillpoint::io
