// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/io/npz.hpp"

#include <zip.h>

#include <memory>
#include <string_view>
#include <system_error>

#include "lib/core/require.hpp"
#include "lib/io/file_error.hpp"
#include "lib/io/npy.hpp"

namespace stillpoint::io {
namespace {

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct Close {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
using Archive = std::unique_ptr<zip_t, Discard>;

/// libzip's error, with its message.
struct Error {
  zip_error_t value;
  Error() { zip_error_init(&value); }
  ~Error() { zip_error_fini(&value); }
  Error(const Error&) = delete;
  Error& operator=(const Error&) = delete;
  const char* text() { return zip_error_strerror(&value); }
};

Archive open(Bytes bytes, const std::string& source) {
  Error error;
  zip_source_t* buffer = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error.value);
  require(buffer != nullptr, source, "cannot be opened (", error.text(), ")");
  // ZIP_CHECKCONS compares the directory with every entry's own header.
  Archive archive(zip_open_from_source(buffer, ZIP_RDONLY | ZIP_CHECKCONS, &error.value));
  if (!archive) zip_source_free(buffer);
  require(archive != nullptr, source, "is not a valid zip archive (", error.text(),
          "), expected a file written by numpy.savez; it may be truncated or damaged");
  return archive;
}

/// What the directory says of one entry, checked against the limits before it is believed.
zip_stat_t describe(zip_t* archive, zip_uint64_t index, std::size_t archive_bytes,
                    const std::string& source, const Limits& limits) {
  zip_stat_t entry;
  zip_stat_init(&entry);
  const bool described = zip_stat_index(archive, index, ZIP_FL_ENC_RAW, &entry) == 0;
  require(described, source, "entry ", index, " cannot be described (", zip_strerror(archive), ")");
  constexpr zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                                  ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  require((entry.valid & needed) == needed, source, "entry ", index, " lacks a name or a size");
  const std::string where = source + ": entry " + in_quotes(entry.name);
  require(entry.encryption_method == ZIP_EM_NONE, where, "is encrypted, expected plain arrays");
  require(entry.comp_method == ZIP_CM_STORE || entry.comp_method == ZIP_CM_DEFLATE, where,
          "uses zip compression method ", entry.comp_method,
          ", expected 0 (stored) or 8 (deflated)");
  require(entry.comp_size <= archive_bytes, where, "claims ", entry.comp_size,
          " packed bytes in an archive of ", archive_bytes);
  require(entry.size <= limits.unpacked_bytes && entry.size / limits.inflation <= entry.comp_size,
          where, "claims ", entry.size, " bytes unpacked from ", entry.comp_size,
          ", expected at most ", limits.unpacked_bytes, " bytes and a ratio of at most ",
          limits.inflation);
  return entry;
}

std::vector<unsigned char> unpack(zip_t* archive, zip_uint64_t index, std::size_t size,
                                  const std::string& where) {
  const std::unique_ptr<zip_file_t, Close> entry(zip_fopen_index(archive, index, 0));
  require(entry != nullptr, where, "cannot be unpacked (", zip_strerror(archive), ")");
  std::vector<unsigned char> bytes(size);
  std::size_t filled = 0;
  while (filled < size) {
    const zip_int64_t got = zip_fread(entry.get(), bytes.data() + filled, size - filled);
    require(got > 0, where, "gave ", filled, " of ", size, " bytes (",
            zip_file_strerror(entry.get()), "); the file looks truncated or damaged");
    filled += static_cast<std::size_t>(got);
  }
  // The checksum is compared when the end is read, and the end has to be here.
  unsigned char beyond;
  const zip_int64_t after = zip_fread(entry.get(), &beyond, 1);
  require(after == 0, where, "does not end after ", size, " bytes or fails its checksum (",
          zip_file_strerror(entry.get()), "); the file is damaged");
  return bytes;
}

}  // namespace

ArrayFile parse_npz(Bytes bytes, const std::string& source, const Limits& limits) {
  const Archive archive = open(bytes, source);
  const zip_int64_t entries = zip_get_num_entries(archive.get(), 0);
  require(entries >= 0 && static_cast<std::size_t>(entries) <= limits.entries, source, entries,
          " entries, expected at most ", limits.entries);
  ArrayFile file{.source = source};
  std::size_t unpacked = 0;
  for (zip_uint64_t index = 0; index < static_cast<zip_uint64_t>(entries); ++index) {
    const zip_stat_t entry = describe(archive.get(), index, bytes.size(), source, limits);
    const std::string_view name = entry.name;
    constexpr std::string_view suffix = ".npy";
    if (!name.ends_with(suffix)) {
      add(file, name, Skipped{"is no .npy entry"}, limits);
      continue;
    }
    unpacked += entry.size;
    require(unpacked <= limits.unpacked_bytes, source, "unpacks to ", unpacked,
            " bytes or more, expected at most ", limits.unpacked_bytes);
    const std::string_view key = name.substr(0, name.size() - suffix.size());
    const std::string where = source + ": key " + in_quotes(key);
    add(file, key, parse_npy(unpack(archive.get(), index, entry.size, where), where, limits),
        limits);
  }
  return file;
}

namespace {

/// The 16-bit times of a zip entry are those of this date: the same arrays give the same bytes.
constexpr zip_uint16_t first_date = 1 << 5 | 1;  // 1 January 1980

}  // namespace

void write_npz(const std::filesystem::path& path,
               const std::map<std::string, Array, std::less<>>& arrays, Precision precision) {
  const auto check = [&](bool good, const char* why) {
    if (!good) throw FileError(path.string(), std::string("cannot be written (") + why + ")");
  };
  std::filesystem::path partial = path;
  partial += ".part";
  std::error_code ignored;
  std::filesystem::remove(partial, ignored);
  Error error;
  int code = 0;
  Archive archive(zip_open(partial.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code));
  if (!archive) zip_error_init_with_code(&error.value, code);
  check(archive != nullptr, error.text());
  std::vector<std::string> entries;  // libzip reads them when the archive is closed
  entries.reserve(arrays.size());
  for (const auto& [key, array] : arrays) {
    entries.push_back(to_npy(array, precision));
    zip_source_t* source =
        zip_source_buffer(archive.get(), entries.back().data(), entries.back().size(), 0);
    check(source != nullptr, zip_strerror(archive.get()));
    const zip_int64_t index =
        zip_file_add(archive.get(), (key + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) zip_source_free(source);
    check(index >= 0, zip_strerror(archive.get()));
    zip_set_file_compression(archive.get(), static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0);
    zip_file_set_dostime(archive.get(), static_cast<zip_uint64_t>(index), 0, first_date, 0);
  }
  check(zip_close(archive.get()) == 0, zip_strerror(archive.get()));
  (void)archive.release();
  std::error_code failure;
  std::filesystem::rename(partial, path, failure);
  check(!failure, failure.message().c_str());
}

ArrayFile read_npz(const std::filesystem::path& path, const Limits& limits) {
  return parse_npz(read_bytes(path, limits.file_bytes), path.string(), limits);
}

}  // namespace stillpoint::io
