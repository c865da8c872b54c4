// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE callback
#include "solvers/sundials/callback.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>
#include <string>

using namespace stillpoint;

BOOST_AUTO_TEST_CASE(recoverable_and_fatal_are_kept_apart) {
  sun::Callback callback;
  BOOST_TEST(callback([] {}) == 0);
  BOOST_CHECK_NO_THROW(callback.rethrow());
  BOOST_TEST(callback([] { throw RecoverableError("outside the domain"); }) == 1);
  BOOST_CHECK_THROW(callback.rethrow(), RecoverableError);
  BOOST_CHECK_NO_THROW(callback.rethrow());  // once only
  BOOST_TEST(callback([] { throw std::domain_error("x < 0"); }) == -1);
  BOOST_CHECK_EXCEPTION(callback.rethrow(), std::domain_error,
                        [](const auto& error) { return std::string(error.what()) == "x < 0"; });
  BOOST_TEST(callback([] { throw 7; }) == -1);  // whatever it is
  BOOST_CHECK_THROW(callback.rethrow(), int);
}

BOOST_AUTO_TEST_CASE(a_recovery_drops_the_exception) {
  sun::Callback callback;
  BOOST_TEST(callback([] { throw RecoverableError("too far"); }) == 1);
  BOOST_TEST(callback([] {}) == 0);
  BOOST_CHECK_NO_THROW(callback.rethrow());
}

// Whatever the solver does after a fatal error: no call, no forgetting.
BOOST_AUTO_TEST_CASE(a_fatal_error_stays) {
  sun::Callback callback;
  bool called = false;
  BOOST_TEST(callback([] { throw std::domain_error("x < 0"); }) == -1);
  BOOST_TEST(callback([&called] { called = true; }) == -1);
  BOOST_TEST(!called);
  BOOST_CHECK_THROW(callback.rethrow(), std::domain_error);
  BOOST_TEST(callback([&called] { called = true; }) == 0);
  BOOST_TEST(called);
}

BOOST_AUTO_TEST_CASE(a_nan_is_fatal) {
  sun::Callback callback;
  Vector value(2);
  value << 1.0, std::nan("");
  BOOST_TEST(callback([&value] { sun::require_finite(value, "F"); }) == -1);
  BOOST_CHECK_THROW(callback.rethrow(), sun::NonFiniteValue);
  value(1) = 2.0;
  BOOST_TEST(callback([&value] { sun::require_finite(value, "F"); }) == 0);
}
