// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/io/limits.hpp"

namespace stillpoint::io {

/// @brief A numeric array of any rank as it came from a file, converted to double.
///
/// values holds ∏ shape numbers in C order (the last index runs fastest); an empty shape is a
/// scalar. Booleans become 0 and 1; integers beyond 2⁵³ are rounded to the nearest double.
struct Array {
  std::vector<Index> shape;
  std::vector<double> values;

  Index rank() const { return static_cast<Index>(shape.size()); }
  Index size() const { return static_cast<Index>(values.size()); }
};

/// A well-formed entry that is no numeric array: why it was left out, "holds Python objects, …".
struct Skipped {
  std::string why;
};

using Entry = std::variant<Array, Skipped>;

/// @brief The arrays of one file or folder by key, and what was left out.
struct ArrayFile {
  std::string source;  ///< File or folder, for messages.
  std::map<std::string, Array, std::less<>> arrays;
  std::map<std::string, std::string, std::less<>> skipped;  ///< Key and reason.
};

/// @brief Adds an entry under a new key.
/// @throws std::invalid_argument if the key is taken or a limit on entries or values is passed.
void add(ArrayFile& file, std::string_view key, Entry entry, const Limits& limits = {});

/// "(50, 2)"; "()" for a scalar.
std::string shape_text(const std::vector<Index>& shape);

/// @brief ∏ shape, for an array announced by a file.
/// @throws std::invalid_argument "where: …" for a negative extent, too many dimensions or values.
std::size_t announced_size(const std::vector<Index>& shape, std::string_view where,
                           const Limits& limits);

/// The same array with values given in Fortran order (the first index runs fastest).
Array from_fortran_order(std::vector<Index> shape, const std::vector<double>& values);

/// @brief An array of rank 2 as a matrix of its shape.
/// @throws std::invalid_argument "where: …" for any other rank.
Matrix to_matrix(const Array& array, std::string_view where);

/// @brief The values of an array with at most one extent other than 1, as a vector (size).
/// @throws std::invalid_argument "where: …" otherwise.
Vector to_vector(const Array& array, std::string_view where);

/// The matrix as an array of rank 2, the vector as one of rank 1.
Array to_array(const Matrix& matrix);
Array to_array(const Vector& vector);

/// @brief Every array of a .npz, .npy, .json or .mat (version 5) file, or of a folder of .npy
/// files. The extension decides; the key of a lone .npy file is its stem.
/// @throws std::invalid_argument for a missing, malformed, truncated or oversized file.
ArrayFile read_arrays(const std::filesystem::path& path, const Limits& limits = {});

}  // namespace stillpoint::io
