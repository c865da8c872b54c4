// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE network_file
#include "lib/networks/network_file.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>

using namespace stillpoint;
using namespace stillpoint::networks;
namespace fs = std::filesystem;

namespace {

const fs::path data = fs::path(STILLPOINT_TEST_DATA) / "networks";

}  // namespace

BOOST_AUTO_TEST_SUITE(trained_networks)

BOOST_AUTO_TEST_CASE(the_sine_networks_are_read) {
  for (const char* placement : {"inside", "outside"}) {
    const NetworkFile file = load_network(data / ("sine_relu_" + std::string(placement) + ".toml"));
    BOOST_TEST(file.name == "sine_relu_" + std::string(placement));
    BOOST_TEST(file.network.units() == 50);
    BOOST_TEST(file.network.inputs() == 1);
    BOOST_TEST(file.network.outputs() == 1);
    BOOST_TEST((file.network.equation == Equation::rate));
    BOOST_TEST(activations::name(file.network.activation) == "relu");
    BOOST_TEST(file.network.leak == 0.5);
    BOOST_TEST(file.training_level == 0.5);
    BOOST_TEST(file.steps == 14);
    BOOST_TEST(file.read_window == 6);
    BOOST_TEST(file.h0.isZero(0.0));
    BOOST_TEST(file.inputs.size() == 21u);
    BOOST_TEST(file.targets.size() == 21u);
    BOOST_TEST(file.inputs[0](0, 0) == -1.0);
    BOOST_TEST(file.notes.empty());
    const StepNoise step = step_noise(file.network, file.noise_at(file.training_level));
    const bool inside = std::string(placement) == "inside";
    BOOST_TEST((step.argument_sd.array() == (inside ? 0.5 : 0.0)).all());
    BOOST_TEST((step.state_sd.array() == (inside ? 0.0 : 0.25)).all());
    BOOST_REQUIRE(file.evaluation.has_value());
    BOOST_TEST(file.evaluation->loss.size() == 10);
    BOOST_TEST(file.evaluation->mean_output_noisy.rows() == 21);
    BOOST_TEST(file.evaluation->noisy_level == 0.5);
  }
}

BOOST_AUTO_TEST_CASE(the_flip_flop_is_read) {
  const NetworkFile file = load_network(data / "flipflop3_tanh_inside.toml");
  BOOST_TEST(file.network.units() == 64);
  BOOST_TEST(file.inputs.size() == 32u);
  BOOST_TEST(file.inputs[0].rows() == 3);
  BOOST_TEST(file.inputs[0].cols() == 80);
  BOOST_TEST(file.targets[0].rows() == 3);
  BOOST_TEST(file.targets[0].cols() == 20);
  BOOST_TEST(file.h0.cwiseAbs().maxCoeff() > 0.0);
}

BOOST_AUTO_TEST_CASE(a_published_network_is_read_without_unpickling) {
  const char* folder = std::getenv("STILLPOINT_NETWORKS");
  if (folder == nullptr) {
    BOOST_TEST_MESSAGE("skipped: set STILLPOINT_NETWORKS to the folder of the shared networks");
    return;
  }
  const NetworkFile file =
      load_network(fs::path(folder) / "psychrnn_perceptual_discrimination.toml");
  for (const auto& note : file.notes) BOOST_TEST_MESSAGE(note);
  BOOST_TEST(file.network.units() == 50);
  BOOST_TEST(file.inputs.size() == 16u);
  BOOST_TEST(file.inputs[0].cols() == 200);
  BOOST_TEST(file.default_level() == 0.1);
  const StepNoise step = step_noise(file.network, file.noise_at(file.default_level()));
  BOOST_TEST(step.state_sd(0) == 0.04472136, boost::test_tools::tolerance(1e-7));
}

BOOST_AUTO_TEST_SUITE_END()
