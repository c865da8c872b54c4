// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE progress
#include "lib/core/progress.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

using namespace stillpoint;

namespace {

/// What `work` writes to stderr, which is `descriptor` for that time.
template <typename Work>
std::string captured(int descriptor, int source, Work&& work) {
  const int saved = dup(STDERR_FILENO);
  dup2(descriptor, STDERR_FILENO);
  work();
  dup2(saved, STDERR_FILENO);
  close(saved);
  fcntl(source, F_SETFL, O_NONBLOCK);
  std::string text(4096, '\0');
  const ssize_t count = read(source, text.data(), text.size());
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

void two_seconds_of_work() {
  Progress progress("Monte Carlo", 100);
  progress.advance(10);
  std::this_thread::sleep_for(std::chrono::milliseconds(2100));
  progress.advance(15);
}

}  // namespace

BOOST_AUTO_TEST_CASE(quiet_where_nobody_looks) {
  int ends[2];
  BOOST_REQUIRE(pipe(ends) == 0);
  BOOST_TEST(captured(ends[1], ends[0], two_seconds_of_work).empty());
}

BOOST_AUTO_TEST_CASE(share_and_remaining_time_on_a_terminal) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) {
    BOOST_TEST_MESSAGE("skipped: no pseudo-terminal here");
    return;
  }
  const int user = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  BOOST_REQUIRE(user >= 0);
  const std::string shown = captured(user, terminal, two_seconds_of_work);
  BOOST_TEST(shown.find("Monte Carlo:  25 %") != std::string::npos, shown);
  BOOST_TEST(shown.find("6 s left") != std::string::npos, shown);  // 2.1 s for a quarter
  BOOST_TEST(shown.find("units/s") != std::string::npos);
  BOOST_TEST(shown.substr(shown.size() - 4) == "\r\033[K");  // and the line is cleared
  // Short work shows nothing.
  BOOST_TEST(captured(user, terminal, [] { Progress("quick", 2).advance(2); }).empty());
}

BOOST_AUTO_TEST_CASE(no_work_is_an_error) {
  BOOST_CHECK_THROW(Progress("nothing", 0), std::invalid_argument);
}
