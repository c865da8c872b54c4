// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE array
#include "lib/io/array.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/array_bytes.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace stillpoint;
using namespace stillpoint::io;
namespace fs = std::filesystem;

namespace {

struct Folder : tests::ScratchFolder {
  fs::path write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path() / name, std::ios::binary) << bytes;
    return path() / name;
  }
};

bool throws_with(auto&& action, const std::string& part) {
  try {
    action();
  } catch (const std::invalid_argument& error) {
    BOOST_TEST_MESSAGE(error.what());
    return std::string(error.what()).find(part) != std::string::npos;
  }
  return false;
}

}  // namespace

BOOST_AUTO_TEST_CASE(shapes_read_as_python_writes_them) {
  BOOST_TEST(shape_text({}) == "()");
  BOOST_TEST(shape_text({4}) == "(4,)");
  BOOST_TEST(shape_text({50, 2}) == "(50, 2)");
}

BOOST_AUTO_TEST_CASE(matrices_and_vectors_keep_their_places) {
  const Array array{.shape = {2, 3}, .values = {1, 2, 3, 4, 5, 6}};
  const Matrix expected{{1, 2, 3}, {4, 5, 6}};
  BOOST_TEST((to_matrix(array, "a") == expected));
  BOOST_TEST((to_vector({.shape = {1, 3}, .values = {1, 2, 3}}, "a") == Vector{{1, 2, 3}}));
  BOOST_TEST((to_vector({.shape = {}, .values = {7}}, "a") == Vector::Constant(1, 7.0)));
  BOOST_TEST(throws_with([&] { to_vector(array, "f.npz: W"); }, "f.npz: W: shape (2, 3)"));
  BOOST_TEST(throws_with([&] { to_matrix({.shape = {6}, .values = array.values}, "W"); }, "(6,)"));
}

BOOST_AUTO_TEST_CASE(fortran_order_is_transposed_order) {
  // x[i, j, k] = 12 i + 4 j + k, listed with i fastest.
  std::vector<double> values;
  for (int k = 0; k < 4; ++k)
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 2; ++i) values.push_back(12 * i + 4 * j + k);
  const Array array = from_fortran_order({2, 3, 4}, values);
  for (std::size_t k = 0; k < 24; ++k) BOOST_TEST(array.values[k] == static_cast<double>(k));
  BOOST_TEST(from_fortran_order({0, 3}, {}).values.empty());
  BOOST_TEST(from_fortran_order({}, {5.0}).values.front() == 5.0);
}

BOOST_AUTO_TEST_CASE(announced_sizes_are_believed_within_limits_only) {
  BOOST_TEST(announced_size({3, 4}, "x", {}) == 12u);
  BOOST_TEST(announced_size({}, "x", {}) == 1u);
  BOOST_TEST(announced_size({0, 1000}, "x", {}) == 0u);
  const Index big = Index{1} << 62;
  for (const std::vector<Index>& shape : {std::vector<Index>{big, big},
                                          {big, 0},
                                          {0, big},
                                          {1 << 14, 1 << 14},
                                          {-1},
                                          {-1, -1},
                                          std::vector<Index>(33, 1)})
    BOOST_CHECK_THROW(announced_size(shape, "x", {}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(keys_entries_and_values_are_counted) {
  ArrayFile file{.source = "f"};
  const Limits limits{.values = 5, .entries = 3};
  add(file, "a", Array{{2}, {1, 2}}, limits);
  BOOST_CHECK_THROW(add(file, "a", Skipped{"no"}, limits), std::invalid_argument);
  BOOST_CHECK_THROW(add(file, "b", Array{{4}, {1, 2, 3, 4}}, limits), std::invalid_argument);
  add(file, "b", Array{{3}, {1, 2, 3}}, limits);
  add(file, "c", Skipped{"is text"}, limits);
  BOOST_CHECK_THROW(add(file, "d", Skipped{"is text"}, limits), std::invalid_argument);
  BOOST_TEST(file.skipped.at("c") == "is text");
}

BOOST_AUTO_TEST_CASE(a_folder_is_its_npy_files) {
  const Folder folder;
  const Array array{.shape = {2, 1}, .values = {0.5, -1}};
  folder.write("W_rec.npy", tests::npy(array));
  folder.write("b_rec.npy", tests::npy("|O", "()", "pickle"));
  folder.write("notes.txt", "not read");
  const ArrayFile file = read_arrays(folder.path());
  BOOST_TEST(file.arrays.size() == 1u);
  BOOST_TEST(file.arrays.at("W_rec").values == array.values);
  BOOST_TEST(file.skipped.contains("b_rec"));
}

BOOST_AUTO_TEST_CASE(the_extension_decides) {
  const Folder folder;
  BOOST_TEST(read_arrays(folder.write("x.JSON", "{\"a\": [1, 2]}")).arrays.at("a").size() == 2);
  BOOST_TEST(read_arrays(folder.write("x.npy", tests::npy("<f8", "()", std::string(8, '\0'))))
                 .arrays.contains("x"));
  BOOST_TEST(throws_with([&] { read_arrays(folder.write("x.csv", "1,2\n")); }, "\".csv\""));
  BOOST_TEST(throws_with([&] { read_arrays(folder.path() / "none.npz"); }, "no such file"));
  BOOST_TEST(throws_with([&] { read_arrays(folder.path()); }, "x.npy") == false);
  fs::create_directories(folder.path() / "empty");
  BOOST_TEST(throws_with([&] { read_arrays(folder.path() / "empty"); }, "no .npy file"));
}

BOOST_AUTO_TEST_CASE(a_long_file_is_refused_before_it_is_read) {
  const Folder folder;
  const auto path = folder.write("x.npy", std::string(2000, 'x'));
  BOOST_TEST(throws_with([&] { read_arrays(path, {.file_bytes = 1999}); }, "2000 bytes"));
  BOOST_TEST(throws_with([&] { read_bytes("/dev/zero", 100); }, "regular file"));
}

BOOST_AUTO_TEST_CASE(matrices_and_vectors_become_arrays) {
  const Matrix matrix{{1, 2, 3}, {4, 5, 6}};
  const Array array = to_array(matrix);
  BOOST_TEST((array.shape == std::vector<Index>{2, 3}));
  BOOST_TEST(
      (array.values == std::vector<double>{1, 2, 3, 4, 5, 6}));  // the last index runs fastest
  BOOST_TEST((to_matrix(array, "x") == matrix));
  const Vector vector{{7, 8}};
  BOOST_TEST((to_array(vector).shape == std::vector<Index>{2}));
  BOOST_TEST((to_vector(to_array(vector), "x") == vector));
}
