// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/io/array.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "lib/core/require.hpp"
#include "lib/io/bytes.hpp"
#include "lib/io/json_arrays.hpp"
#include "lib/io/mat.hpp"
#include "lib/io/npy.hpp"
#include "lib/io/npz.hpp"

namespace stillpoint::io {
namespace {

ArrayFile read_folder(const std::filesystem::path& folder, const Limits& limits) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().extension() == ".npy") files.push_back(entry->path());
  require(!error, folder.string(), "the folder cannot be listed (", error.message(), ")");
  require(!files.empty(), folder.string(), "the folder holds no .npy file, expected one an array");
  std::sort(files.begin(), files.end());
  ArrayFile result{.source = folder.string()};
  for (const auto& file : files)
    add(result, file.stem().string(), parse_npy(read_bytes(file, limits.file_bytes), file.string()),
        limits);
  return result;
}

}  // namespace

void add(ArrayFile& file, std::string_view key, Entry entry, const Limits& limits) {
  require(!file.arrays.contains(key) && !file.skipped.contains(key), file.source, "key ",
          in_quotes(key), " appears twice, expected every key once");
  require(file.arrays.size() + file.skipped.size() < limits.entries, file.source, "more than ",
          limits.entries, " entries; expected the arrays of one network");
  if (auto* skipped = std::get_if<Skipped>(&entry)) {
    file.skipped.emplace(key, std::move(skipped->why));
    return;
  }
  std::size_t values = std::get<Array>(entry).values.size();
  for (const auto& [other, array] : file.arrays) values += array.values.size();
  require(values <= limits.values, file.source, "holds ", values,
          " numbers or more, expected at most ", limits.values);
  file.arrays.emplace(key, std::get<Array>(std::move(entry)));
}

std::string shape_text(const std::vector<Index>& shape) {
  std::string text = "(";
  for (std::size_t k = 0; k < shape.size(); ++k) text += (k ? ", " : "") + std::to_string(shape[k]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

std::size_t announced_size(const std::vector<Index>& shape, std::string_view where,
                           const Limits& limits) {
  require(shape.size() <= limits.dimensions, where, shape.size(), " dimensions, expected at most ",
          limits.dimensions);
  std::size_t size = 1;
  for (const Index extent : shape) {
    require(extent >= 0, where, "shape ", shape_text(shape), " has a negative extent");
    require(static_cast<std::size_t>(extent) <= limits.values, where, "shape ", shape_text(shape),
            " is announced, expected at most ", limits.values, " values");
    // Both factors are at most limits.values here, so the product cannot overflow.
    size *= static_cast<std::size_t>(extent);
    require(size <= limits.values, where, "shape ", shape_text(shape),
            " is announced, expected at most ", limits.values, " values");
  }
  return size;
}

Array from_fortran_order(std::vector<Index> shape, const std::vector<double>& values) {
  Array array{.shape = std::move(shape), .values = std::vector<double>(values.size())};
  std::vector<Index> index(array.shape.size(), 0);
  std::vector<Index> stride(array.shape.size(), 1);  // in C order
  for (std::size_t k = array.shape.size(); k-- > 1;) stride[k - 1] = stride[k] * array.shape[k];
  Index target = 0;
  for (const double value : values) {
    array.values[static_cast<std::size_t>(target)] = value;
    for (std::size_t k = 0; k < index.size(); ++k) {  // count up, first index fastest
      target += stride[k];
      if (++index[k] < array.shape[k]) break;
      target -= stride[k] * array.shape[k];
      index[k] = 0;
    }
  }
  return array;
}

Matrix to_matrix(const Array& array, std::string_view where) {
  require(array.rank() == 2, where, "shape ", shape_text(array.shape),
          ", expected a matrix (rows, columns)");
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const RowMajor>(array.values.data(), array.shape[0], array.shape[1]);
}

Array to_array(const Matrix& matrix) {
  const Matrix by_rows = matrix.transpose();
  return {.shape = {matrix.rows(), matrix.cols()},
          .values = {by_rows.data(), by_rows.data() + by_rows.size()}};
}

Array to_array(const Vector& vector) {
  return {.shape = {vector.size()}, .values = {vector.begin(), vector.end()}};
}

Vector to_vector(const Array& array, std::string_view where) {
  const auto longer = std::count_if(array.shape.begin(), array.shape.end(),
                                    [](Index extent) { return extent != 1; });
  require(longer <= 1, where, "shape ", shape_text(array.shape), ", expected a vector");
  return Eigen::Map<const Vector>(array.values.data(), array.size());
}

ArrayFile read_arrays(const std::filesystem::path& path, const Limits& limits) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return read_folder(path, limits);
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (extension == ".npz") return read_npz(path, limits);
  if (extension == ".json") return read_json_arrays(path, limits);
  if (extension == ".mat") return read_mat(path, limits);
  require(extension == ".npy", path.string(), "extension ", in_quotes(extension),
          ", expected .npz, .npy, .json, .mat or a folder of .npy files");
  ArrayFile result{.source = path.string()};
  add(result, path.stem().string(), read_npy(path, limits), limits);
  return result;
}

}  // namespace stillpoint::io
