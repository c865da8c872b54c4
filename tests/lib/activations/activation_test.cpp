// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE activation
#include "lib/activations/activation.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

using namespace stillpoint::activations;

namespace {

std::string message_of(const auto& call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no exception";
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_name_makes_its_activation) {
  BOOST_TEST(activation_names().size() == 9u);
  for (const auto known : activation_names()) {
    const Activation f = make_activation(known);
    BOOST_TEST(name(f) == known);
    const Activation again = make_activation(known, parameters(f));
    BOOST_TEST((again.index() == f.index() && parameters(again) == parameters(f)));
  }
  BOOST_TEST(std::get<LeakyRelu>(make_activation("leaky_relu")).slope() == 0.01);
  BOOST_TEST(std::get<Softplus>(make_activation("softplus")).sharpness() == 1.0);
  const Activation f = make_activation("softplus", {{"sharpness", 4.0}});
  BOOST_TEST(parameters(f).at("sharpness") == 4.0);
  BOOST_TEST(value(f, 0.0) == std::log(2.0) / 4.0);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_choice_is_named) {
  BOOST_TEST(message_of([] { make_activation("sigmoid"); }) ==
             "make_activation: activation \"sigmoid\", expected one of identity, relu, leaky_relu, "
             "saturating_linear, softplus, tanh, logistic, erf, heaviside");
  BOOST_TEST(message_of([] { make_activation("softplus", {{"slope", 1.0}}); }) ==
             "softplus: parameter \"slope\", expected sharpness");
  BOOST_TEST(message_of([] { make_activation("tanh", {{"gain", 1.0}}); }) ==
             "tanh: parameter \"gain\", expected none");
  BOOST_TEST(message_of([] { make_activation("leaky_relu", {{"slope", 1.5}}); }) ==
             "leaky_relu: slope = 1.5, expected 0 to 1");
  BOOST_TEST(message_of([] { make_activation("softplus", {{"sharpness", 0.0}}); }) ==
             "softplus: sharpness = 0, expected finite and > 0");
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {-1.0, infinity, std::nan("")}) {
    BOOST_CHECK_THROW(Softplus{bad}, std::invalid_argument);
    BOOST_CHECK_THROW(LeakyRelu{bad}, std::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(a_bad_width_or_order_throws) {
  for (const auto known : activation_names()) {
    const Activation f = make_activation(known);
    for (const double q : {-1e-3, std::numeric_limits<double>::infinity(), std::nan("")}) {
      BOOST_CHECK_THROW(averages(f, 0.3, q), std::invalid_argument);
      BOOST_CHECK_THROW(attenuation(f, 0.3, q), std::invalid_argument);
    }
    BOOST_CHECK_THROW(derivative(f, 0, 0.3), std::invalid_argument);
    BOOST_CHECK_THROW(derivative(f, 5, 0.3), std::invalid_argument);
  }
}
