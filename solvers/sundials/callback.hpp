// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

#include "lib/core/recoverable_error.hpp"
#include "lib/core/types.hpp"

namespace stillpoint::sun {

/// A user's function returned a NaN or an infinity. The solver that meets it turns it into
/// Status::non_finite_state.
class NonFiniteValue : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// @brief What a function called from C returns.
///
/// An exception does not cross C: it is kept here and thrown again after the C call if the solver
/// gave up, and dropped if the solver recovered. Recoverable stays apart from fatal: only
/// RecoverableError asks for another attempt. A NaN is fatal at once, because every attempt on it
/// wastes the remaining steps. After a fatal error nothing is called until rethrow(): CVODES with a
/// fixed-point iteration takes a fatal return for a recoverable one and would go on.
class Callback {
 public:
  /// @brief Calls body and translates: 0 success, +1 recoverable, −1 fatal.
  template <typename Body>
  int operator()(Body&& body) noexcept {
    if (fatal_) return -1;
    try {
      std::forward<Body>(body)();
      pending_ = nullptr;
      return 0;
    } catch (const RecoverableError&) {
      pending_ = std::current_exception();
      return 1;
    } catch (...) {
      pending_ = std::current_exception();
      fatal_ = true;
      return -1;
    }
  }

  /// @brief To be called after the C call when it did not succeed: throws what a callback threw
  /// last, if the solver did not recover from it. A positive flag does not excuse it.
  void rethrow() {
    fatal_ = false;
    if (pending_) std::rethrow_exception(std::exchange(pending_, nullptr));
  }

 private:
  std::exception_ptr pending_;
  bool fatal_ = false;
};

/// @throws NonFiniteValue "what returned a NaN or an infinity" if values hold one.
template <typename Derived>
void require_finite(const Eigen::DenseBase<Derived>& values, const char* what) {
  if (!values.derived().array().isFinite().all())
    throw NonFiniteValue(std::string(what) + " returned a NaN or an infinity");
}

}  // namespace stillpoint::sun
