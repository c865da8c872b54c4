// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE network_settings
#include "lib/networks/network_settings.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/scratch_folder.hpp"

using namespace stillpoint;
using namespace stillpoint::networks;

namespace {

/// W_rec = [1 2; 3 4], sigma_units = [0.1, 0.2] and h0 = [5, 6] beside the text of a toml file.
struct Case {
  tests::ScratchFolder folder;

  NetworkFile load(const std::string& toml) const {
    std::ofstream(folder.path() / "w.json")
        << R"({"W_rec": [[1, 2], [3, 4]], "sigma_units": [0.1, 0.2], "h0": [5, 6]})";
    std::ofstream(folder.path() / "net.toml") << "weights = \"w.json\"\n" << toml;
    return load_network(folder.path() / "net.toml");
  }
  std::string message(const std::string& toml) const {
    try {
      load(toml);
    } catch (const std::invalid_argument& error) {
      BOOST_TEST_MESSAGE(error.what());
      return error.what();
    }
    return "";
  }
};

const std::string rate = "equation = \"rate\"\nactivation = \"tanh\"\nleak = 0.2\nh0 = \"zeros\"\n";
const std::string current =
    "equation = \"current\"\nactivation = \"tanh\"\nleak = 0.2\nh0 = \"zeros\"\n";

std::string simple(const std::string& placement, const std::string& convention, double sigma) {
  std::ostringstream text;
  text << "noise_placement = \"" << placement << "\"\nconvention = \"" << convention
       << "\"\nsigma_train = " << sigma << "\n";
  return text.str();
}

std::string with_sd(double value) {
  std::ostringstream text;
  text.precision(9);
  text << "noise_sd_per_step = " << value << "\n";
  return text.str();
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string joined(const std::vector<std::string>& notes) {
  std::string text;
  for (const std::string& note : notes) text += note + "\n";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(simple_noise)

BOOST_AUTO_TEST_CASE(every_convention_gives_its_step_sd) {
  // g = 0.2, sigma_train = 0.3; outside and on the state the sd is that of the state.
  struct Expected {
    std::string equation, placement, convention;
    double sd;
  };
  for (const auto& [equation, placement, convention, sd] :
       {Expected{rate, "inside", "per_step", 0.3},
        {rate, "inside", "per_sqrt_time", 0.3 / std::sqrt(0.2)},
        {rate, "outside", "per_step", 0.06},
        {rate, "outside", "per_sqrt_time", 0.3 * std::sqrt(0.2)},
        {rate, "outside", "psychrnn", 0.3 * std::sqrt(0.4)},
        {rate, "outside", "stationary_sd", 0.3 * std::sqrt(0.2 * 1.8)},
        {rate, "state", "raw_step", 0.3},
        {current, "inside", "per_step", 0.3},
        {current, "outside", "per_step", 0.06},
        {current, "outside", "psychrnn", 0.3 * std::sqrt(0.4)},
        {current, "outside", "per_sqrt_time", 0.3 * std::sqrt(0.4)},  // as psychrnn
        {current, "state", "per_sqrt_time", 0.3 * std::sqrt(0.4)}}) {
    BOOST_TEST_CONTEXT(equation << placement << " " << convention) {
      const Case one;
      const std::string toml = equation + simple(placement, convention, 0.3);
      const NetworkFile file = one.load(toml + with_sd(sd));
      BOOST_TEST(file.training_level == 0.3);
      const StepNoise step = step_noise(file.network, file.noise_at(0.3));
      const bool inside = placement == "inside";
      const Vector& got = inside ? step.argument_sd : step.state_sd;
      BOOST_TEST(got(0) == sd, boost::test_tools::tolerance(1e-14));
      BOOST_TEST((inside ? step.state_sd : step.argument_sd).isZero(0.0));
      // A stated sd that is off by 3e-6 is refused, one that is off by 3e-7 is rounding.
      BOOST_TEST(one.message(toml + with_sd(sd * (1 + 3e-7))).empty());
      BOOST_TEST(mentions(one.message(toml + with_sd(sd * (1 + 3e-6))), "noise_sd_per_step"));
    }
  }
}

BOOST_AUTO_TEST_CASE(per_sqrt_time_of_the_current_equation_is_psychrnn_with_a_note) {
  const Case one;
  const std::string toml = current + simple("outside", "per_sqrt_time", 0.3);
  BOOST_TEST(mentions(joined(one.load(toml).notes), "psychrnn"));
  // Somebody who meant sqrt(leak) sigma is told of both conventions and both numbers.
  const std::string text = one.message(toml + with_sd(0.3 * std::sqrt(0.2)));
  for (const char* part : {"per_sqrt_time", "psychrnn", "0.189736", "0.134164"})
    BOOST_TEST(mentions(text, part));
  BOOST_TEST(!mentions(joined(one.load(rate + simple("outside", "per_sqrt_time", 0.3)).notes),
                       "psychrnn"));
  BOOST_TEST(mentions(joined(one.load(rate + simple("inside", "per_sqrt_time", 0.3)).notes),
                      "depends on the step"));
}

BOOST_AUTO_TEST_CASE(levels) {
  const Case one;
  const NetworkFile silent = one.load(rate + simple("inside", "per_step", 0.0));
  BOOST_TEST(silent.default_level() == 0.0);
  const NetworkFile reference =
      one.load(rate + simple("inside", "per_step", 0.0) + "sigma_reference = 0.1\n");
  BOOST_TEST(reference.training_level == 0.0);
  BOOST_TEST(reference.default_level() == 0.1);
  BOOST_TEST(reference.unit_noise.front().sigma.front() == 1.0);
  BOOST_TEST(reference.noise_at(0.25).front().sigma.front() == 0.25);
  BOOST_TEST(mentions(one.message(rate + simple("outside", "per_step", 1e200)), "infinite"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(noise_list)

BOOST_AUTO_TEST_CASE(sources_add_up) {
  const Case one;
  const NetworkFile file = one.load(rate + R"(
[[noise]]
where = "inside"
sigma = 0.3
convention = "per_step"
[[noise]]
where = "inside"
sigma = [0.4, 0.0]
convention = "per_step"
[[noise]]
where = "state"
sigma = "sigma_units"
convention = "raw_step"
[[noise]]
where = "inside"
sigma = 0.7
convention = "stationary_sd"
correlation_time = 2.0
)");
  BOOST_TEST(file.unit_noise.size() == 4u);
  BOOST_TEST(file.training_level == 1.0);
  BOOST_TEST(file.default_level() == 1.0);
  const StepNoise step = step_noise(file.network, file.noise_at(2.0));
  BOOST_TEST(step.argument_sd(0) == 1.0, boost::test_tools::tolerance(1e-15));
  BOOST_TEST(step.argument_sd(1) == 0.6, boost::test_tools::tolerance(1e-15));
  BOOST_TEST(step.state_sd(0) == 0.2, boost::test_tools::tolerance(1e-15));
  BOOST_TEST(step.state_sd(1) == 0.4, boost::test_tools::tolerance(1e-15));
  BOOST_REQUIRE(step.coloured.size() == 1u);
  BOOST_TEST(step.coloured[0].sd(0) == 1.4);
  BOOST_TEST(step.coloured[0].retention == std::exp(-0.1), boost::test_tools::tolerance(1e-15));
  BOOST_TEST(!mentions(joined(file.notes), "sigma_units"));
}

BOOST_AUTO_TEST_CASE(names_mean_what_they_say) {
  const Case one;
  const NetworkFile file = one.load(
      current + "[[noise]]\nwhere = \"outside\"\nsigma = 0.3\nconvention = \"per_sqrt_time\"\n");
  BOOST_TEST(step_noise(file.network, file.noise_at(1.0)).state_sd(0) == 0.3 * std::sqrt(0.2),
             boost::test_tools::tolerance(1e-15));
  BOOST_TEST(joined(file.notes).find("psychrnn") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_bad_source_is_named) {
  const Case one;
  const std::string good =
      "[[noise]]\nwhere = \"inside\"\nsigma = 0.3\nconvention = \"per_step\"\n";
  BOOST_TEST(mentions(one.message(rate + good +
                                  "[[noise]]\nwhere = \"inside\"\nsigma = [1.0, 2.0, 3.0]\n"
                                  "convention = \"per_step\"\n"),
                      "noise[1]: "));
  BOOST_TEST(
      mentions(one.message(rate + good + "sigmas = 1\nconvention_ = 2\ncorrelation_time = 1.0\n"),
               "noise[0]: "));
  BOOST_TEST(mentions(joined(one.load(rate + good + "correlation_tim = 2.0\n").notes),
                      "did you mean \"correlation_time\"?"));
  BOOST_TEST(mentions(one.message("sigma_train = 0.1\n" + rate + good), "beside [[noise]]"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(other_keys)

BOOST_AUTO_TEST_CASE(initial_states) {
  const Case one;
  const std::string rest = "equation = \"rate\"\nactivation = \"tanh\"\nleak = 0.2\n" +
                           simple("inside", "per_step", 0.1);
  BOOST_TEST((one.load(rest + "h0 = \"trained\"\n").h0 == Vector{{5, 6}}));
  BOOST_TEST((one.load(rest + "h0 = [0.5, -1]\n").h0 == Vector{{0.5, -1}}));
  const NetworkFile zeros = one.load(rest + "h0 = \"zeros\"\n");
  BOOST_TEST(zeros.h0.isZero(0.0));
  BOOST_TEST(mentions(joined(zeros.notes), "is not zero"));
  const NetworkFile unstated = one.load(rest);
  BOOST_TEST((unstated.h0 == Vector{{5, 6}}));
  BOOST_TEST(mentions(joined(unstated.notes), "no h0 is stated"));
}

BOOST_AUTO_TEST_CASE(the_leak_is_a_ratio_of_times) {
  const Case one;
  const auto with = [&](const std::string& leak) {
    return "equation = \"rate\"\nactivation = \"tanh\"\nh0 = \"zeros\"\n" + leak +
           simple("inside", "per_step", 0.1);
  };
  BOOST_TEST(one.load(with("leak = 1\n")).network.leak == 1.0);
  BOOST_TEST(one.load(with("dt = 1\ntau = 8.0\n")).network.leak == 0.125);
  BOOST_TEST(one.load(with("leak = 0.1\ndt = 10.0\ntau = 100.0\n")).network.leak == 0.1);
  BOOST_TEST(mentions(one.message(with("leak = 0.2\ndt = 10.0\ntau = 100.0\n")), "dt/tau is 0.1"));
  BOOST_TEST(mentions(one.message(with("tau = 100.0\n")), "dt: the key is missing"));
}

BOOST_AUTO_TEST_CASE(activations_have_their_parameters) {
  const Case one;
  const auto with = [&](const std::string& activation) {
    return "equation = \"rate\"\nleak = 0.2\nh0 = \"zeros\"\n" + activation +
           simple("inside", "per_step", 0.1);
  };
  for (const std::string_view known : activations::activation_names())
    BOOST_TEST(activations::name(one.load(with("activation = \"" + std::string(known) + "\"\n"))
                                     .network.activation) == known);
  const NetworkFile file = one.load(with("activation = \"leaky_relu\"\nslope = 0.25\n"));
  BOOST_TEST(activations::value(file.network.activation, -2.0) == -0.5);
  const std::string text = one.message(with("activation = \"sine\"\n"));
  for (const char* part : {"net.toml: activation (line 5)", "\"sine\"", "relu", "softplus"})
    BOOST_TEST(mentions(text, part));
}

BOOST_AUTO_TEST_CASE(steps_and_windows) {
  const Case one;
  const std::string rest = rate + simple("inside", "per_step", 0.1);
  BOOST_TEST(one.load(rest).steps == 0);
  const NetworkFile file = one.load(rest + "steps = 20\n");
  BOOST_TEST(file.read_window == 1);
  BOOST_TEST(mentions(joined(file.notes), "no read_window"));
  BOOST_TEST(one.load(rest + "steps = 20\nread_window = 20\n").read_window == 20);
}

BOOST_AUTO_TEST_CASE(suggestions_are_at_most_two_edits_away) {
  BOOST_TEST(suggestion("lek", {"leak", "tau"}) == "; did you mean \"leak\"?");
  BOOST_TEST(suggestion("W_rec", {"w_rec", "b_rec", "W_in"}) == "; did you mean \"w_rec\"?");
  BOOST_TEST(suggestion("leak", {"weights"}).empty());
  BOOST_TEST(suggestion("ab", {"xy"}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
