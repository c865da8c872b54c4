// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE network_file
#include "lib/networks/network_file.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lib/io/npz.hpp"
#include "tests/support/array_bytes.hpp"
#include "tests/support/broken_networks.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/mutations.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace stillpoint;
using namespace stillpoint::networks;
namespace fs = std::filesystem;

namespace {

const fs::path data = fs::path(STILLPOINT_TEST_DATA) / "networks";

/// The outputs of one condition over the last K of T steps without noise, (outputs, K): the
/// equations of Equation, written once more.
Matrix silent_outputs(const NetworkFile& file, const Matrix& input) {
  const Network& network = file.network;
  const auto f = [&](const Vector& u) -> Vector {
    return u.unaryExpr([&](double x) { return activations::value(network.activation, x); });
  };
  const double g = network.leak;
  Vector state = file.h0;
  Matrix outputs(network.outputs(), file.read_window);
  for (Index t = 0; t < file.steps; ++t) {
    const Vector drive = network.W_in * input.col(input.cols() == 1 ? 0 : t) + network.b;
    const bool rate = network.equation == Equation::rate;
    state = rate ? Vector((1 - g) * state + g * f(network.W * state + drive))
                 : Vector((1 - g) * state + g * (network.W * f(state) + drive));
    const Index k = t - (file.steps - file.read_window);
    if (k >= 0) outputs.col(k) = network.W_out * (rate ? state : f(state)) + network.b_out;
  }
  return outputs;
}

/// Rows of the table at noise level 0 come from another program in float64, rounded to 7 digits. A
/// transposed matrix, a wrong equation, time order or read window misses them by far more.
void check_zero_noise_rows(const NetworkFile& file) {
  BOOST_REQUIRE(file.evaluation.has_value());
  BOOST_REQUIRE(file.evaluation->sigma_test(0) == 0.0);
  BOOST_REQUIRE(file.targets.size() == file.inputs.size());
  double loss = 0.0;
  for (std::size_t c = 0; c < file.inputs.size(); ++c) {
    const Matrix z = silent_outputs(file, file.inputs[c]);
    const Matrix& y = file.targets[c];
    const Matrix error = y.cols() == 1 ? Matrix(z.colwise() - y.col(0)) : Matrix(z - y);
    loss += error.array().square().mean() / static_cast<double>(file.inputs.size());
    const Vector mean = z.rowwise().mean();
    const Vector expected =
        file.evaluation->mean_output_zero_noise.row(static_cast<Index>(c)).transpose();
    BOOST_TEST((mean - expected).cwiseAbs().maxCoeff() < 1e-6);
  }
  BOOST_TEST(loss == file.evaluation->loss(0), boost::test_tools::tolerance(2e-6));
}

/// A good network of 3 units, 2 inputs, 2 outputs, T = 4, in a folder of its own.
struct Example {
  tests::ScratchFolder folder;
  std::map<std::string, io::Array> arrays = {
      {"W_rec", {{3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}}},
      {"W_in", {{3, 2}, {1, 2, 3, 4, 5, 6}}},
      {"b_rec", {{3}, {0.1, 0.2, 0.3}}},
      {"W_out", {{2, 3}, {-1, -2, -3, -4, -5, -6}}},
      {"b_out", {{2}, {0.5, 0.6}}},
      {"h0", {{3}, {7, 8, 9}}},
      {"u_eval", {{2, 4, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}}},
      {"y_eval", {{2, 4, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}}}};
  std::string head = "weights = \"w.npz\"\n";
  std::string keys =
      "equation = \"rate\"\nactivation = \"tanh\"\nleak = 0.5\nnoise_placement = \"inside\"\n"
      "sigma_train = 0.3\nconvention = \"per_step\"\nsteps = 4\nread_window = 3\nh0 = "
      "\"trained\"\n";

  void put(const std::string& name, const std::string& bytes) const {
    fs::create_directories((folder.path() / name).parent_path());
    fs::remove(folder.path() / name);  // truncating makes some file systems flush
    std::ofstream(folder.path() / name, std::ios::binary) << bytes;
  }
  std::string npz(bool deflated = false) const {
    std::vector<tests::ZipEntry> entries;
    for (const auto& [key, array] : arrays)
      entries.push_back({.name = key + ".npy", .data = tests::npy(array), .deflated = deflated});
    return tests::zip(entries);
  }
  NetworkFile load() const {
    put("net.toml", head + keys);
    return load_network(folder.path() / "net.toml");
  }
  NetworkFile load_npz() const {
    put("w.npz", npz());
    return load();
  }
  std::string message() const {
    try {
      load_npz();
    } catch (const std::invalid_argument& error) {
      BOOST_TEST_MESSAGE(error.what());
      return error.what();
    }
    return "";
  }
};

/// Nested lists of the numbers from `first` on.
std::string json_text(const io::Array& array, std::size_t level = 0, std::size_t first = 0) {
  if (level == array.shape.size()) return std::to_string(array.values[first]);
  std::size_t block = 1;
  for (std::size_t k = level + 1; k < array.shape.size(); ++k)
    block *= static_cast<std::size_t>(array.shape[k]);
  std::string text = "[";
  for (Index k = 0; k < array.shape[level]; ++k)
    text +=
        (k ? ", " : "") + json_text(array, level + 1, first + static_cast<std::size_t>(k) * block);
  return text + "]";
}

/// A vector is a row in a MAT-file.
std::vector<std::int32_t> mat_shape(const io::Array& array) {
  std::vector<std::int32_t> shape(array.shape.begin(), array.shape.end());
  if (shape.size() == 1) shape.insert(shape.begin(), 1);
  return shape;
}

/// The numbers with the first index running fastest, for rank up to 3.
std::string fortran_bytes(const io::Array& array) {
  std::vector<Index> shape = array.shape;
  while (shape.size() < 3) shape.insert(shape.begin(), 1);
  std::vector<double> values;
  for (Index k = 0; k < shape[2]; ++k)
    for (Index j = 0; j < shape[1]; ++j)
      for (Index i = 0; i < shape[0]; ++i)
        values.push_back(array.values[static_cast<std::size_t>((i * shape[1] + j) * shape[2] + k)]);
  return tests::encode(values, io::ElementType::float64);
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void check_example(const NetworkFile& file) {
  const Network& network = file.network;
  BOOST_TEST((network.W == Matrix{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}));
  BOOST_TEST((network.W_in == Matrix{{1, 2}, {3, 4}, {5, 6}}));
  BOOST_TEST((network.b == Vector{{0.1, 0.2, 0.3}}));
  BOOST_TEST((network.W_out == Matrix{{-1, -2, -3}, {-4, -5, -6}}));
  BOOST_TEST((network.b_out == Vector{{0.5, 0.6}}));
  BOOST_TEST((file.h0 == Vector{{7, 8, 9}}));
  BOOST_REQUIRE(file.inputs.size() == 2u);
  BOOST_REQUIRE(file.targets.size() == 2u);
  BOOST_TEST((file.inputs[0] == Matrix{{0, 2, 4, 6}, {1, 3, 5, 7}}));
  BOOST_TEST((file.inputs[1] == Matrix{{8, 10, 12, 14}, {9, 11, 13, 15}}));
  BOOST_TEST((file.targets[0] == Matrix{{2, 4, 6}, {3, 5, 7}}));  // the last K = 3 steps
  BOOST_TEST((file.targets[1] == Matrix{{10, 12, 14}, {11, 13, 15}}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(trained_networks)

BOOST_AUTO_TEST_CASE(the_sine_networks) {
  for (const std::string placement : {"inside", "outside"}) {
    const NetworkFile file = load_network(data / ("sine_relu_" + placement + ".toml"));
    BOOST_TEST(file.name == "sine_relu_" + placement);
    BOOST_TEST(file.network.units() == 50);
    BOOST_TEST((file.network.equation == Equation::rate));
    BOOST_TEST(activations::name(file.network.activation) == "relu");
    BOOST_TEST(file.network.leak == 0.5);
    BOOST_TEST(file.training_level == 0.5);
    BOOST_TEST(file.default_level() == 0.5);
    BOOST_TEST(file.steps == 14);
    BOOST_TEST(file.read_window == 6);
    BOOST_TEST(file.h0.isZero(0.0));
    BOOST_TEST(file.inputs.size() == 21u);
    BOOST_TEST(file.inputs[0](0, 0) == -1.0);
    BOOST_TEST(file.notes.empty());  // its documentation keys need no note
    const StepNoise step = step_noise(file.network, file.noise_at(file.training_level));
    const bool inside = placement == "inside";
    BOOST_TEST((step.argument_sd.array() == (inside ? 0.5 : 0.0)).all());
    BOOST_TEST((step.state_sd.array() == (inside ? 0.0 : 0.25)).all());
    BOOST_TEST(file.evaluation->loss.size() == 10);
    BOOST_TEST(file.evaluation->loss_se.size() == 10);
    BOOST_TEST(file.evaluation->noisy_level == 0.5);
    BOOST_TEST(file.evaluation->noise_copies == 4000);
    BOOST_TEST(file.evaluation->mean_output_noisy.rows() == 21);
    BOOST_TEST((file.evaluation->mean_output_noisy_se.array() > 0.0).all());
    check_zero_noise_rows(file);
  }
}

BOOST_AUTO_TEST_CASE(the_flip_flop) {
  const NetworkFile file = load_network(data / "flipflop3_tanh_inside.toml");
  BOOST_TEST(file.network.units() == 64);
  BOOST_TEST(file.inputs.size() == 32u);
  BOOST_TEST(file.inputs[0].rows() == 3);
  BOOST_TEST(file.inputs[0].cols() == 80);
  BOOST_TEST(file.targets[0].cols() == 20);
  BOOST_TEST(file.h0.cwiseAbs().maxCoeff() > 0.0);
  BOOST_TEST(file.notes.empty());
  check_zero_noise_rows(file);
}

BOOST_AUTO_TEST_CASE(a_published_network_is_read_without_unpickling) {
  const char* folder = std::getenv("STILLPOINT_NETWORKS");
  if (folder == nullptr) {
    BOOST_TEST_MESSAGE("skipped: STILLPOINT_NETWORKS does not name a folder of networks");
    return;
  }
  const NetworkFile file =
      load_network(fs::path(folder) / "psychrnn_perceptual_discrimination.toml");
  BOOST_TEST(file.network.units() == 50);
  BOOST_TEST((file.network.equation == Equation::current));
  BOOST_TEST(file.training_level == 0.0);
  BOOST_TEST(file.reference_level.value() == 0.1);
  BOOST_TEST(file.default_level() == 0.1);
  // The file says per_sqrt_time; its own number for sigma_reference is sqrt(2 · 0.1) · 0.1.
  const StepNoise step = step_noise(file.network, file.noise_at(0.1));
  BOOST_TEST(step.state_sd(0) == 0.04472136, boost::test_tools::tolerance(1e-7));  // 7 digits
  BOOST_TEST(file.evaluation->noisy_level == 0.1);
  BOOST_TEST(file.evaluation->mean_output_noisy.rows() == 16);
  std::string notes;
  for (const std::string& note : file.notes) notes += note + "\n";
  BOOST_TEST(mentions(notes, "psychrnn"));
  BOOST_TEST(mentions(notes, "\"dale_ratio\" was skipped"));
  BOOST_TEST(mentions(notes, "W_rec/Adam_1"));
  BOOST_TEST(file.notes.size() == 3u);
  check_zero_noise_rows(file);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(formats)

BOOST_AUTO_TEST_CASE(every_format_gives_the_same_network) {
  Example example;
  check_example(example.load_npz());
  example.put("w.npz", example.npz(true));
  check_example(example.load());

  std::string json, table, mat = tests::mat_header();
  for (const auto& [key, array] : example.arrays) {
    example.put("folder/" + key + ".npy", tests::npy(array));
    table += (table.empty() ? "" : ", ") + key + " = \"folder/" + key + ".npy\"";
    json += (json.empty() ? "" : ", ") + ("\"" + key + "\": ") + json_text(array);
    mat += tests::mat_compressed(
        tests::mat_matrix({.name = key, .shape = mat_shape(array), .data = fortran_bytes(array)}));
  }
  example.put("w.json", "{" + json + "}");
  example.put("w.mat", mat);
  for (const std::string& weights :
       {std::string("\"folder\""), std::string("\"w.json\""), std::string("\"w.mat\""),
        "{ " + table + " }", "\"" + (example.folder.path() / "w.mat").string() + "\""}) {
    BOOST_TEST_CONTEXT(weights) {
      example.head = "weights = " + weights + "\n";
      check_example(example.load());
    }
  }
}

BOOST_AUTO_TEST_CASE(other_names_and_a_set_of_its_own) {
  Example example;
  std::map<std::string, io::Array> renamed;
  for (const auto& [key, array] : example.arrays) renamed["net/" + key] = array;
  std::swap(example.arrays, renamed);
  std::string keys = "[keys]\n";
  for (const auto& [key, array] : renamed) keys += key + " = \"net/" + key + "\"\n";
  example.keys += keys;
  check_example(example.load_npz());

  Example split;
  std::vector<tests::ZipEntry> set;
  for (const char* key : {"u_eval", "y_eval"}) {
    set.push_back({.name = std::string(key) + ".npy", .data = tests::npy(split.arrays.at(key))});
    split.arrays.erase(key);
  }
  split.put("set.npz", tests::zip(set));
  split.head += "evaluation_set = \"set.npz\"\n";
  check_example(split.load_npz());
  split.put("set.npz", tests::zip({set[1]}));
  BOOST_TEST(mentions(split.message(), "set.npz: key \"u_eval\": is missing"));
}

BOOST_AUTO_TEST_CASE(vectors_may_be_rows_or_columns) {
  Example example;
  example.arrays["h0"].shape = {1, 3};
  example.arrays["b_rec"].shape = {3, 1};
  example.arrays["b_out"].shape = {1, 2};
  check_example(example.load_npz());
}

BOOST_AUTO_TEST_CASE(one_channel_may_leave_its_axis_out) {
  Example example;
  example.arrays["W_in"] = {{3}, {1, 3, 5}};
  example.arrays["W_out"] = {{3}, {-1, -2, -3}};
  example.arrays["b_out"] = {{}, {0.5}};
  example.arrays["u_eval"] = {{2, 4}, {0, 1, 2, 3, 4, 5, 6, 7}};
  example.arrays["y_eval"] = {{2}, {1, 2}};
  const NetworkFile file = example.load_npz();
  BOOST_TEST((file.network.W_in == Matrix{{1}, {3}, {5}}));
  BOOST_TEST((file.network.W_out == Matrix{{-1, -2, -3}}));
  BOOST_TEST((file.inputs[1] == Matrix{{4, 5, 6, 7}}));
  BOOST_TEST((file.targets[1] == Matrix{{2}}));
}

BOOST_AUTO_TEST_CASE(what_is_optional) {
  Example example;
  for (const char* key : {"W_in", "b_rec", "W_out", "b_out", "h0", "u_eval", "y_eval"})
    example.arrays.erase(key);
  example.keys =
      "equation = \"current\"\nactivation = \"softplus\"\nsharpness = 4.0\ndt = 5\ntau = 20\n"
      "noise_placement = \"state\"\nsigma_train = 0\nconvention = \"raw_step\"\n";
  const NetworkFile file = example.load_npz();
  BOOST_TEST(file.name == "net");
  BOOST_TEST(file.network.inputs() == 0);
  BOOST_TEST(file.network.outputs() == 0);
  BOOST_TEST(file.network.b.isZero(0.0));
  BOOST_TEST(file.network.leak == 0.25);
  BOOST_TEST(file.steps == 0);
  BOOST_TEST(file.read_window == 0);
  BOOST_TEST(file.h0.isZero(0.0));
  BOOST_TEST(file.inputs.size() == 1u);
  BOOST_TEST(file.inputs[0].size() == 0);
  BOOST_TEST(file.targets.empty());
  BOOST_TEST(!file.evaluation.has_value());
  BOOST_TEST(file.default_level() == 0.0);
  BOOST_TEST(activations::value(file.network.activation, 0.0) == std::log(2.0) / 4.0,
             boost::test_tools::tolerance(1e-15));
}

BOOST_AUTO_TEST_CASE(masks_multiply_where_they_are_named) {
  Example example;
  example.arrays["rec_connectivity"] = {{3, 3}, {1, 0, 1, 0, 1, 0, 1, 1, 2}};
  BOOST_TEST(mentions(example.load_npz().notes.back(), "not all ones"));
  example.arrays["mask_out"] = {{2, 3}, {1, 1, 1, 0, 0, 0}};
  example.keys += "[keys]\nmask_rec = \"rec_connectivity\"\n";
  const NetworkFile file = example.load_npz();
  BOOST_TEST((file.network.W == Matrix{{1, 0, 3}, {0, 5, 0}, {7, 8, 18}}));
  BOOST_TEST((file.network.W_out == Matrix{{-1, -2, -3}, {0, 0, 0}}));
  BOOST_TEST(file.notes.size() == 2u);
  BOOST_TEST(file.notes[0] == "mask_rec was applied: 3 of 9 weights are masked out");
}

BOOST_AUTO_TEST_CASE(a_transposed_matrix_is_called_so) {
  Example example;
  example.arrays["W_in"].shape = {2, 3};
  BOOST_TEST(
      mentions(example.message(),
               "w.npz: key \"W_in\": shape (2, 3), expected (3, inputs); it looks transposed"));
  Example other;
  other.arrays["W_out"].shape = {3, 2};
  BOOST_TEST(mentions(other.message(), "shape (3, 2), expected (outputs, 3); it looks transposed"));
}

BOOST_AUTO_TEST_CASE(a_misspelt_key_is_pointed_at) {
  Example example;
  example.arrays["w_rec"] = example.arrays["W_rec"];
  example.arrays.erase("W_rec");
  BOOST_TEST(mentions(example.message(), "did you mean \"w_rec\"?"));
  Example other;
  other.keys += "read_windo = 2\ncolour = 3\n";
  const auto notes = other.load_npz().notes;
  BOOST_REQUIRE(notes.size() == 2u);
  BOOST_TEST(notes[0].ends_with("colour (line 12): the key is not known and was ignored"));
  BOOST_TEST(notes[1].ends_with("ignored; did you mean \"read_window\"?"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(mistakes)

BOOST_AUTO_TEST_CASE(every_certain_mistake_gets_a_sentence) {
  const auto broken = tests::broken_networks(data / "sine_relu_inside.toml");
  BOOST_TEST(broken.size() >= 200u);
  std::set<std::string> names;
  std::set<std::vector<std::pair<std::string, std::string>>> contents;
  for (const tests::BrokenNetwork& network : broken) {
    BOOST_TEST_CONTEXT(network.name) {
      BOOST_TEST(names.insert(network.name).second);
      BOOST_TEST(contents.insert(network.files).second);
      const tests::ScratchFolder folder;
      const fs::path toml = tests::write(network, folder.path());
      try {
        load_network(toml);
        BOOST_ERROR("no exception");
      } catch (const std::invalid_argument& error) {
        const std::string sentence = error.what();
        // The file comes first, then what is wrong, on one line that cannot move the cursor.
        BOOST_TEST(sentence.rfind(toml.parent_path().string(), 0) == 0u);
        BOOST_TEST(sentence.size() > toml.parent_path().string().size() + 30);
        BOOST_TEST(std::none_of(sentence.begin(), sentence.end(),
                                [](unsigned char c) { return c < 0x20 || c == 0x7f; }));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(blind_damage_gives_a_network_or_a_sentence) {
  Example example;
  const std::string toml =
      example.head + example.keys +
      "[[noise]]\nwhere = \"inside\"\nsigma = [0.1, 0.2, 0.3]\nconvention = \"per_step\"\n"
      "[evaluation]\nsigma_test = [0.0, 0.3]\nloss = [0.1, 0.2]\nloss_se = [0.0, 0.1]\n"
      "mean_output_zero_noise = [[0.1, 0.2], [0.3, 0.4]]\n";
  const std::string simple = example.head + example.keys, npz = example.npz();
  tests::Mutator mutate;
  const int count = tests::full_effort() ? 30000 : 1500;
  int loaded = 0, refused = 0;
  for (int k = 0; k < count; ++k) {
    example.put("w.npz", k % 3 == 0 ? mutate(npz) : npz);
    example.put("net.toml", k % 3 == 0 ? simple : mutate(k % 3 == 1 ? simple : toml));
    try {
      load_network(example.folder.path() / "net.toml");
      ++loaded;
    } catch (const std::invalid_argument& error) {
      ++refused;
      if (std::string(error.what()).rfind(example.folder.path().string(), 0) != 0)
        BOOST_ERROR(error.what());
    }
  }
  BOOST_TEST(loaded > count / 50);  // damage in a comment or a name does no harm
  BOOST_TEST(refused > count / 2);
}

BOOST_AUTO_TEST_SUITE_END()
