// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "lib/core/types.hpp"

namespace stillpoint {

/// Why a computation ended. Misuse throws; everything that can go wrong numerically is one of
/// these.
enum class Status {
  success,
  no_convergence,    ///< an iteration or a resolution did not reach its tolerance
  step_limit,        ///< the allowed number of steps was used up
  non_finite_state,  ///< a NaN or an infinity appeared
  lost_positivity,   ///< a variance or a density became negative
  outside_validity,  ///< the method does not hold here; the number is not to be trusted
  interrupted,       ///< the user asked to stop
};

constexpr std::string_view to_string(Status status) {
  switch (status) {
    case Status::success:
      return "success";
    case Status::no_convergence:
      return "no convergence";
    case Status::step_limit:
      return "step limit";
    case Status::non_finite_state:
      return "non-finite state";
    case Status::lost_positivity:
      return "lost positivity";
    case Status::outside_validity:
      return "outside validity";
    case Status::interrupted:
      return "interrupted";
  }
  return "unknown";
}

/// @brief What a solver says about its own answer.
struct Report {
  Status status = Status::success;
  std::string message;    ///< One sentence for a reader; empty on plain success.
  Index iterations = 0;   ///< Outer iterations, steps or resolutions tried.
  Index evaluations = 0;  ///< Evaluations of the model.
  double residual = 0.0;  ///< Last residual or error estimate, in the solver's own norm.

  bool ok() const { return status == Status::success; }

  static Report failure(Status status, std::string message) {
    return {.status = status, .message = std::move(message)};
  }
};

}  // namespace stillpoint
