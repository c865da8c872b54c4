// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE save_network
#include "lib/networks/save_network.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>

#include "lib/io/file_error.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace stillpoint;
using namespace stillpoint::networks;

namespace {

const std::filesystem::path data = std::filesystem::path(STILLPOINT_TEST_DATA) / "networks";

bool same(const std::vector<Matrix>& a, const std::vector<Matrix>& b) { return a == b; }

/// Everything but the table [evaluation].
void check_same(const NetworkFile& a, const NetworkFile& b) {
  BOOST_TEST(a.name == b.name);
  BOOST_TEST((a.network.equation == b.network.equation));
  BOOST_TEST(activations::name(a.network.activation) == activations::name(b.network.activation));
  BOOST_TEST((activations::parameters(a.network.activation) ==
              activations::parameters(b.network.activation)));
  BOOST_TEST(a.network.leak == b.network.leak);
  BOOST_TEST((a.network.W == b.network.W));
  BOOST_TEST((a.network.W_in == b.network.W_in));
  BOOST_TEST((a.network.b == b.network.b));
  BOOST_TEST((a.network.W_out == b.network.W_out));
  BOOST_TEST((a.network.b_out == b.network.b_out));
  BOOST_TEST((a.h0 == b.h0));
  BOOST_TEST(a.steps == b.steps);
  BOOST_TEST(a.read_window == b.read_window);
  BOOST_TEST(same(a.inputs, b.inputs));
  BOOST_TEST(same(a.targets, b.targets));
  const auto one = step_noise(a.network, a.noise_at(a.default_level()));
  const auto two = step_noise(b.network, b.noise_at(b.default_level()));
  BOOST_TEST((one.argument_sd == two.argument_sd));
  BOOST_TEST((one.state_sd == two.state_sd));
  BOOST_TEST(one.coloured.size() == two.coloured.size());
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_saved_is_loaded) {
  const tests::ScratchFolder folder;
  for (const char* name : {"sine_relu_inside", "sine_relu_outside", "flipflop3_tanh_inside"}) {
    const NetworkFile file = load_network(data / (std::string(name) + ".toml"));
    const auto path = folder.path() / (std::string(name) + "_copy.toml");
    save_network(path, file);
    const NetworkFile copy = load_network(path);
    check_same(file, copy);
    BOOST_TEST(copy.training_level == file.training_level);
  }
}

// Conventions that the simple keys cannot spell, several sources, a parameter, a stationary task.
BOOST_AUTO_TEST_CASE(every_kind_of_noise) {
  const tests::ScratchFolder folder;
  const auto path = folder.path() / "one.toml";
  const Matrix W{{0.1, -0.7}, {1.0 / 3.0, 0.2}};
  for (const Equation equation : all_equations)
    for (const NoiseSpec& noise :
         {NoiseSpec{{.where = NoiseSource::state,
         .sigma = {1.0},
         .convention = NoiseConvention::psychrnn}},
          NoiseSpec{{.where = NoiseSource::state,
          .sigma = {1.0},
          .convention = NoiseConvention::per_sqrt_time}},
          NoiseSpec{{.where = NoiseSource::inside,
          .sigma = {0.25},
          .convention = NoiseConvention::stationary_sd,
          .correlation_time = 2.0},
                    {.where = NoiseSource::outside, .sigma = {0.5, 0.125}}}}) {
      NetworkFile file{.name = "a \"name\" \\ of it",
                       .network = make_network({.equation = equation,
                                                .W = W,
                                                .W_out = Matrix::Ones(1, 2),
                                                .activation = activations::Softplus{3.0},
                                                .leak = 0.3}),
                       .unit_noise = noise,
                       .training_level = 0.4,
                       .h0 = Eigen::Vector2d(0.5, -0.5),
                       .inputs = {Matrix(0, 1)}};
      save_network(path, file);
      check_same(file, load_network(path));
    }
}

BOOST_AUTO_TEST_CASE(single_precision) {
  const tests::ScratchFolder folder;
  const NetworkFile file = load_network(data / "sine_relu_inside.toml");
  save_network(folder.path() / "small.toml", file, io::Precision::single);
  const NetworkFile copy = load_network(folder.path() / "small.toml");
  BOOST_TEST((copy.network.W == file.network.W.cast<float>().cast<double>()));
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  const tests::ScratchFolder folder;
  NetworkFile file = load_network(data / "sine_relu_inside.toml");
  BOOST_CHECK_THROW(save_network(folder.path() / "a.npz", file), std::invalid_argument);
  BOOST_CHECK_THROW(save_network(folder.path() / "no" / "a.toml", file), io::FileError);
  file.name = "two\nlines";
  BOOST_CHECK_THROW(save_network(folder.path() / "a.toml", file), std::invalid_argument);
}
