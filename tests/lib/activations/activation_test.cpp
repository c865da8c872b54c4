// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE activation
#include "lib/activations/activation.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/lib/activations/reference.hpp"

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
  BOOST_TEST(message_of([] {
               make_activation("softplus", {{"slope", 1.0}});
             }) == "softplus: parameter \"slope\", expected sharpness");
  BOOST_TEST(message_of([] {
               make_activation("tanh", {{"gain", 1.0}});
             }) == "tanh: parameter \"gain\", expected none");
  BOOST_TEST(message_of([] {
               make_activation("leaky_relu", {{"slope", 1.5}});
             }) == "leaky_relu: slope = 1.5, expected 0 to 1");
  BOOST_TEST(message_of([] {
               make_activation("softplus", {{"sharpness", 0.0}});
             }) == "softplus: sharpness = 0, expected finite and > 0");
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

BOOST_AUTO_TEST_CASE(values_kinks_and_ranges) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const auto known : activation_names()) {
    const Activation f = make_activation(known);
    const auto [lower, upper] = range(f);
    BOOST_TEST_CONTEXT(known) {
      BOOST_TEST(value(f, -800.0) ==
                 (std::isfinite(lower) ? lower : -800.0 * derivative(f, 1, -1.0)));
      BOOST_TEST(value(f, 800.0) == (std::isfinite(upper) ? upper : 800.0));
      BOOST_TEST(std::isnan(value(f, std::nan(""))));
      for (double u = -3.0, before = -infinity; u <= 3.0; u += 0.125) {
        BOOST_TEST((value(f, u) >= before && value(f, u) >= lower && value(f, u) <= upper));
        before = value(f, u);
      }
    }
  }
  BOOST_TEST(kinks(Relu{}) == std::vector{0.0});
  BOOST_TEST(kinks(SaturatingLinear{}) == (std::vector{-1.0, 1.0}));
  BOOST_TEST(kinks(Tanh{}).empty());
  BOOST_TEST(range(LeakyRelu(0.0)).lower == 0.0);
  BOOST_TEST(range(LeakyRelu(0.5)).lower == -infinity);
  BOOST_TEST(Softplus{}(-40.0) == std::log1p(std::exp(-40.0)));
  BOOST_TEST(Logistic{}(-700.0) == std::exp(-700.0));
}

BOOST_AUTO_TEST_CASE(derivatives_at_kinks_are_the_mean_of_the_limits) {
  BOOST_TEST(derivative(Relu{}, 1, 0.0) == 0.5);
  BOOST_TEST(derivative(LeakyRelu(0.2), 1, 0.0) == 0.6);
  BOOST_TEST(derivative(SaturatingLinear{}, 1, 1.0) == 0.5);
  BOOST_TEST(derivative(SaturatingLinear{}, 1, -1.0) == 0.5);
  for (const double u : {-1.5, -1.0, 0.0, 0.5, 1.0}) {
    BOOST_TEST(derivative(Heaviside{}, 1, u) == 0.0);
    for (int order = 2; order <= 4; ++order) {
      BOOST_TEST(derivative(Relu{}, order, u) == 0.0);
      BOOST_TEST(derivative(SaturatingLinear{}, order, u) == 0.0);
      BOOST_TEST(derivative(Identity{}, order, u) == 0.0);
    }
  }
  for (const double u : {-2.0, -0.5, 0.5, 2.0}) {
    BOOST_TEST(derivative(Relu{}, 1, u) == (u > 0.0 ? 1.0 : 0.0));
    BOOST_TEST(derivative(LeakyRelu(0.2), 1, u) == (u > 0.0 ? 1.0 : 0.2));
    BOOST_TEST(derivative(SaturatingLinear{}, 1, u) == (std::fabs(u) < 1.0 ? 1.0 : 0.0));
    BOOST_TEST(derivative(Identity{}, 1, u) == 1.0);
  }
}

// Central differences of an 80-digit f with step 1e-13: truncated at h² ~ 1e-26, rounded at 1e-28.
BOOST_AUTO_TEST_CASE(derivatives_of_smooth_activations) {
  using reference::Real;
  using reference::Smooth;
  const struct {
    Activation f;
    Smooth::Kind kind;
  } cases[] = {{Tanh{}, Smooth::tanh},
               {Logistic{}, Smooth::logistic},
               {Softplus{}, Smooth::softplus},
               {Erf{}, Smooth::erf}};
  const Real h("1e-13");
  for (const auto& [f, kind] : cases) {
    for (const double u : {-20.0, -4.0, -1.1, -0.3, 0.0, 0.3, 1.1, 4.0, 20.0}) {
      const Smooth exact{kind, u > 0.0};
      const auto at = [&](int k) {
        const Real y = u + k * h;
        return Real(exact.sign() * exact.g(y, Real(exp(-y))));
      };
      const Real a = at(-2), b = at(-1), c = at(0), d = at(1), e = at(2);
      const Real expected[] = {(d - b) / (2 * h), (d - 2 * c + b) / (h * h),
                               (e - 2 * d + 2 * b - a) / (2 * h * h * h),
                               (e - 4 * d + 6 * c - 4 * b + a) / (h * h * h * h)};
      // Powers of u multiply erf's; roots of a derivative are judged against the first one.
      const double scale = static_cast<double>(expected[0]) * (1.0 + std::fabs(u * u * u));
      for (int order = 1; order <= 4; ++order) {
        const double error =
            static_cast<double>(Real(derivative(f, order, u) - expected[order - 1]));
        BOOST_TEST(std::fabs(error) <= 1e-13 * scale + 1e-22,
                   name(f) << ", order " << order << " at " << u << ": error " << error);
      }
    }
  }
  const Softplus sharp(3.0);  // f(u) = softplus(3u)/3
  for (int order = 1; order <= 4; ++order) {
    BOOST_TEST(sharp.derivative(order, 0.4) ==
                   std::pow(3.0, order - 1) * Softplus{}.derivative(order, 3.0 * 0.4),
               boost::test_tools::tolerance(1e-14));
  }
}

// The numbers of theory notes on noisy CTRNNs, section 5.
BOOST_AUTO_TEST_CASE(numbers_of_the_theory) {
  const double q = 0.7;
  const auto relu = Relu{}.averages(0.0, q);
  BOOST_TEST(relu.third / std::pow(relu.variance, 1.5) == 1.640560926867,
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(relu.variance / (q * q) == 0.5 - 0.5 * std::numbers::inv_pi,  // .3408
             boost::test_tools::tolerance(1e-14));
  BOOST_TEST(relu.mean == q / std::sqrt(2.0 * std::numbers::pi),
             boost::test_tools::tolerance(1e-14));
  const double u = 0.4;
  BOOST_TEST(Relu{}.averages(u, q).mean - u == Relu{}.averages(-u, q).mean,  // the shift is even
             boost::test_tools::tolerance(1e-14));
  BOOST_TEST(Relu{}.averages(20.0, q).variance == q * q, boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(no_noise_no_change) {
  for (const auto known : activation_names()) {
    const Activation f = make_activation(known);
    for (const double u : {-1.5, -1.0, 0.0, 0.3, 40.0}) {
      const auto [mean, slope, variance, third] = averages(f, u, 0.0);
      BOOST_TEST((mean == value(f, u) && slope == derivative(f, 1, u)), known << " at " << u);
      BOOST_TEST((variance == 0.0 && third == 0.0), known << " at " << u);
      const auto [up, down] = attenuation(f, u, 0.0);
      BOOST_TEST((up == 0.0 && down == 0.0), known << " at " << u);
    }
  }
}

// f_q at a kink tends to f, its slope to the mean of the two slopes.
BOOST_AUTO_TEST_CASE(weak_noise_at_a_kink) {
  for (const Activation& f : {Activation(Relu{}), Activation(LeakyRelu(0.2))}) {
    BOOST_TEST(averages(f, 0.0, 1e-12).slope == derivative(f, 1, 0.0),
               boost::test_tools::tolerance(1e-15));
  }
  BOOST_TEST(averages(SaturatingLinear{}, 1.0, 1e-12).slope == 0.5);
  BOOST_TEST(averages(Heaviside{}, 0.0, 1e-12).mean == value(Heaviside{}, 0.0));
}

BOOST_AUTO_TEST_CASE(symmetries) {
  const std::vector<Activation> odd{Identity{}, SaturatingLinear{}, Tanh{}, Erf{}};
  for (const double q : {1e-6, 0.3, 1.0, 2.5, 9.0}) {
    for (const double u : {0.0, 1e-9, 0.4, 1.0, 3.0, 17.0}) {
      BOOST_TEST_CONTEXT("u = " << u << ", q = " << q) {
        for (const Activation& f : odd) {
          const auto above = averages(f, u, q), below = averages(f, -u, q);
          BOOST_TEST((above.mean == -below.mean && above.third == -below.third));
          BOOST_TEST((above.slope == below.slope && above.variance == below.variance));
          BOOST_TEST(attenuation(f, u, q).up == attenuation(f, -u, q).down,
                     boost::test_tools::tolerance(1e-14));
          BOOST_TEST((u != 0.0 || (above.mean == 0.0 && above.third == 0.0)));
        }
        const auto above = Logistic{}.averages(u, q), below = Logistic{}.averages(-u, q);
        BOOST_TEST(above.mean + below.mean == 1.0, boost::test_tools::tolerance(1e-15));
        BOOST_TEST((above.variance == below.variance && above.third == -below.third));
        // tanh_q(u) = 2 logistic_{2q}(2u) − 1, softplus_q' = logistic_q, softplus' bias even in u
        BOOST_TEST(
            Tanh{}.averages(u, q).mean == 2.0 * Logistic{}.averages(2.0 * u, 2.0 * q).mean - 1.0,
            boost::test_tools::tolerance(u < 1e-6 ? 1e-6 : 1e-14));
        const auto softplus = Softplus{}.averages(u, q), mirrored = Softplus{}.averages(-u, q);
        BOOST_TEST(softplus.slope == above.mean, boost::test_tools::tolerance(1e-13));
        BOOST_TEST(softplus.mean - u == mirrored.mean,
                   boost::test_tools::tolerance(4e-16 * (1.0 + u / mirrored.mean)));
        // sharpness k: f_q(u; k) = f_{kq}(ku; 1)/k, and relu far from the kink or for large k
        const auto sharp = Softplus(4.0).averages(u / 4.0, q / 4.0);
        BOOST_TEST(sharp.mean * 4.0 == softplus.mean, boost::test_tools::tolerance(1e-15));
        BOOST_TEST(sharp.third * 64.0 == softplus.third, boost::test_tools::tolerance(1e-15));
      }
    }
  }
}

// The bias is what goes up less what goes down.
BOOST_AUTO_TEST_CASE(bias_is_up_minus_down) {
  for (const auto known : activation_names()) {
    const Activation f = make_activation(known);
    for (const double q : {1e-3, 0.3, 1.0, 3.0, 20.0}) {
      for (const double u : {-6.0, -1.0, -0.2, 0.0, 0.5, 1.0, 2.0, 8.0}) {
        const auto [up, down] = attenuation(f, u, q);
        const double mean = averages(f, u, q).mean;
        BOOST_TEST((up >= 0.0 && down >= 0.0));
        BOOST_TEST(std::fabs(mean - value(f, u) - (up - down)) <=
                       1e-12 * (up + down) + 1e-15 * std::fabs(mean),
                   known << " at u = " << u << ", q = " << q);
      }
    }
  }
  BOOST_TEST(Relu{}.attenuation(-1.0, 0.5).down == 0.0);
  BOOST_TEST(Relu{}.attenuation(1.0, 0.5).up == 0.5 / std::sqrt(2.0 * std::numbers::pi),
             boost::test_tools::tolerance(1e-15));
}

// f_q' is the derivative of f_q: fourth-order central differences, error h⁴ f⁽⁵⁾_q/30.
BOOST_AUTO_TEST_CASE(slope_is_the_derivative_of_the_mean) {
  for (const auto known : activation_names()) {
    const Activation f = make_activation(known);
    for (const double q : {0.5, 1.3, 4.0, 12.0}) {
      for (const double u : {-3.0, -0.7, 0.1, 1.0, 2.0}) {
        const double h = 2e-3;
        const auto mean = [&](double y) { return averages(f, y, q).mean; };
        const double difference =
            (8.0 * (mean(u + h) - mean(u - h)) - (mean(u + 2.0 * h) - mean(u - 2.0 * h))) /
            (12.0 * h);
        // |f⁽⁵⁾_q| ≤ 300 for all of them at q ≥ ½; rounding 1e-15·|f_q|/h
        BOOST_TEST(std::fabs(difference - averages(f, u, q).slope) <
                       10.0 * std::pow(h, 4) + 2e-15 * (1.0 + std::fabs(mean(u))) / h,
                   known << " at u = " << u << ", q = " << q);
      }
    }
  }
}

// Small noise (theory notes on noisy CTRNNs, section 9): bias = s²f₂/2 + s⁴f₄/8, T± = s f₁/√(2π) ±
// s²f₂/4, Var = s²f₁² + s⁴(f₂²/2 + f₁f₃), third = 3 s⁴ f₁² f₂, each with a remainder two orders
// higher.
BOOST_AUTO_TEST_CASE(small_noise_expansions) {
  for (const Activation& f : {Activation(Softplus{}), Activation(Tanh{}), Activation(Logistic{}),
                              Activation(Erf{}), Activation(Softplus(2.5))}) {
    for (const double u : {-1.2, 0.4, 0.9}) {
      const double f1 = derivative(f, 1, u), f2 = derivative(f, 2, u), f3 = derivative(f, 3, u),
                   f4 = derivative(f, 4, u);
      const double s = 1e-3, s2 = s * s, s4 = s2 * s2, s6 = s4 * s2;
      const auto [mean, slope, variance, third] = averages(f, u, s);
      const auto [up, down] = attenuation(f, u, s);
      BOOST_TEST_CONTEXT(name(f) << " at u = " << u) {
        // 1000 bounds the coefficients of the remainders for these f
        BOOST_TEST(std::fabs(mean - value(f, u) - s2 * f2 / 2.0 - s4 * f4 / 8.0) <
                   1e3 * s6 + 2e-16);
        BOOST_TEST(std::fabs(slope - f1 - s2 * f3 / 2.0) < 1e3 * s4);
        BOOST_TEST(std::fabs(variance - s2 * f1 * f1 - s4 * (f2 * f2 / 2.0 + f1 * f3)) < 1e3 * s6);
        BOOST_TEST(std::fabs(third - 3.0 * s4 * f1 * f1 * f2) < 1e3 * s6);
        const double linear = s * f1 / std::sqrt(2.0 * std::numbers::pi);
        BOOST_TEST(std::fabs(up - linear - s2 * f2 / 4.0) < 1e3 * s2 * s);
        BOOST_TEST(std::fabs(down - linear + s2 * f2 / 4.0) < 1e3 * s2 * s);
        BOOST_TEST(std::fabs((up - down) / (up + down) -
                             s * std::sqrt(2.0 * std::numbers::pi) * f2 / (4.0 * f1)) < 1e3 * s2);
      }
    }
  }
}

// q → 0 and far tails without a jump or a NaN, also beyond the range the accuracy is stated for.
BOOST_AUTO_TEST_CASE(extreme_arguments_stay_finite) {
  for (const auto known : activation_names()) {
    const Activation f = make_activation(known);
    const bool step = known == "heaviside";  // whose slope at 0 is φ(0)/q
    for (const double q : {1e-300, 1e-30, 1e-12, 1.0, 30.0, 300.0}) {
      for (const double u : {-1e6, -500.0, -1e-200, 0.0, 1e-200, 500.0, 1e6}) {
        const auto [mean, slope, variance, third] = averages(f, u, q);
        const auto [up, down] = attenuation(f, u, q);
        BOOST_TEST((std::isfinite(mean) && std::isfinite(variance) && std::isfinite(third) &&
                    std::isfinite(up) && std::isfinite(down) && variance >= 0.0 && up >= 0.0 &&
                    down >= 0.0 && slope >= 0.0 && (step || slope <= 1.2)),
                   known << " at u = " << u << ", q = " << q);
      }
    }
  }
}
