// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE check
#include "solvers/sundials/check.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "solvers/sundials/kinsol.hpp"
#include "solvers/sundials/views.hpp"

using namespace stillpoint;

BOOST_AUTO_TEST_CASE(a_failed_call_is_named_with_its_flag) {
  const auto says = [](const std::string& text) {
    return [text](const sun::SundialsError& error) { return std::string(error.what()) == text; };
  };
  BOOST_CHECK_NO_THROW(sun::check(0, "KINInit", KINGetReturnFlagName));
  BOOST_CHECK_EXCEPTION(sun::check(KIN_MEM_NULL, "KINInit", KINGetReturnFlagName),
                        sun::SundialsError, says("KINInit: KIN_MEM_NULL (-1)"));
  // A positive flag passes a test for flag >= 0; here it is a failure.
  BOOST_CHECK_EXCEPTION(sun::check(1, "SUNLinSolSetup"), sun::SundialsError,
                        says("SUNLinSolSetup: flag 1"));
  // A real failure: a nonlinear solve that was never initialised.
  BOOST_CHECK_EXCEPTION(
      sun::check(KINSetNumMaxIters(nullptr, 1), "KINSetNumMaxIters", KINGetReturnFlagName),
      sun::SundialsError, says("KINSetNumMaxIters: KIN_MEM_NULL (-1)"));
  BOOST_CHECK_THROW(sun::check_handle<void*>(nullptr, "KINCreate"), sun::SundialsError);
}

BOOST_AUTO_TEST_CASE(vectors_and_matrices_are_views) {
  const sun::Context context;
  Vector x(3);
  x << 1.0, 2.0, 3.0;
  const sun::VectorHandle handle = sun::make_view(x, context);
  N_VScale(2.0, handle.get(), handle.get());
  BOOST_TEST(x(2) == 6.0);
  sun::view(handle.get())(0) = -1.0;
  BOOST_TEST(x(0) == -1.0);
  BOOST_TEST(sun::view(handle.get()).data() == x.data());

  // Column-major, as Eigen: N_V product A e_2 is the second column.
  const sun::MatrixHandle A(sun::check_handle(SUNDenseMatrix(3, 3, context), "SUNDenseMatrix"));
  auto a = sun::view(A.get());
  for (Index j = 0; j < 3; ++j)
    for (Index i = 0; i < 3; ++i) a(i, j) = static_cast<double>(10 * i + j);
  Vector unit = Vector::Unit(3, 1), column(3);
  const sun::VectorHandle e = sun::make_view(unit, context), c = sun::make_view(column, context);
  BOOST_TEST(SUNMatMatvec(A.get(), e.get(), c.get()) == 0);
  BOOST_TEST(column(2) == 21.0);
}
