// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE parallel
#include "lib/core/parallel.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "lib/core/interrupt.hpp"

using namespace stillpoint;

BOOST_AUTO_TEST_CASE(the_same_sum_for_any_number_of_threads) {
  const auto sum = [](int threads) {
    std::vector<double> slots(1000);
    parallel_for(1000, threads,
                 [&](Index k) { slots[k] = std::sin(static_cast<double>(k)) / 3.0; });
    double total = 0.0;
    for (const double slot : slots) total += slot;
    return total;
  };
  const double one = sum(1);
  BOOST_TEST(one == sum(2), "bitwise");
  BOOST_TEST(one == sum(4), "bitwise");
}

BOOST_AUTO_TEST_CASE(an_exception_reaches_the_caller) {
  BOOST_CHECK_EXCEPTION(parallel_for(8, 1,
                                     [](Index k) {
                                       if (k == 3) throw std::domain_error("block 3");
                                     }),
                        std::domain_error,
                        [](const auto& e) { return std::string(e.what()) == "block 3"; });
}

BOOST_AUTO_TEST_CASE(an_interrupt_ends_the_loop) {
  int calls = 0;
  BOOST_CHECK_THROW(parallel_for(100, 1,
                                 [&](Index) {
                                   if (++calls == 2) request_interrupt();
                                 }),
                    Interrupted);
  request_interrupt(false);
  BOOST_TEST(calls == 2);
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_named) {
  BOOST_CHECK_THROW(parallel_for(-1, 1, [](Index) {}), std::invalid_argument);
  BOOST_CHECK_THROW(parallel_for(1, -1, [](Index) {}), std::invalid_argument);
}
