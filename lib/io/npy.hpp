// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "lib/io/array.hpp"
#include "lib/io/bytes.hpp"
#include "lib/io/limits.hpp"

namespace stillpoint::io {

/// @brief Reads a file in NumPy's npy format, versions 1.0, 2.0 and 3.0: booleans, integers of 1 to
/// 8 bytes, floats of 2, 4 and 8 bytes; both byte orders; C and Fortran order.
/// Source: numpy.lib.format, "NPY format".
/// @throws std::invalid_argument if the file is malformed or holds anything else. Object arrays are
///   Python pickles, which are programs: they are never unpickled.
Array read_npy(const std::filesystem::path& path, const Limits& limits = {});

/// @brief The same from memory; a well-formed array of another type comes back as Skipped.
/// @param where  File and key, the beginning of every error message.
Entry parse_npy(Bytes bytes, const std::string& where, const Limits& limits = {});

/// @brief The front of an npy file, version 2.0: all that comes before the numbers.
/// @param[in] type   As NumPy writes it in Python: "'<f8'", or a list for records.
/// @param[in] shape  Likewise: "(3, 4)", "(3,)".
std::string npy_front(const std::string& type, const std::string& shape);

/// Types of numbers that are written.
enum class Precision { single, full };

/// An array in NumPy's npy format: float32 or float64, little endian, C order.
std::string to_npy(const Array& array, Precision precision = Precision::full);

}  // namespace stillpoint::io
