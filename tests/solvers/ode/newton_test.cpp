// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE newton
#include "solvers/ode/newton.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "lib/core/recoverable_error.hpp"
#include "solvers/ode/integrate.hpp"

using namespace stillpoint;
using ode::integrate;
using ode::IntegrateOptions;
using ode::LinearSolver;
using In = Eigen::Ref<const Vector>;
using Out = Eigen::Ref<Vector>;

namespace {

int status(const ode::Trajectory& trajectory) { return static_cast<int>(trajectory.report.status); }

/// ∂u/∂t = D ∂²u/∂x² + u − u³ on cells of (0, 1) with reflecting ends, D = 1e-3: fronts between the
/// rests −1 and 1. The stiffness is 4 D cells², 4e5 for 10⁴ cells.
struct ReactionDiffusion {
  Index cells;
  double D = 1e-3;

  double coupling() const { return D * static_cast<double>(cells * cells); }
  Vector start() const {
    Vector u(cells);
    for (Index i = 0; i < cells; ++i)
      u(i) =
          0.8 * std::cos(3.0 * M_PI * (static_cast<double>(i) + 0.5) / static_cast<double>(cells)) +
          0.1;
    return u;
  }
  ode::Field field() const {
    return [c = coupling()](double, const In& u, Out dudt) {
      const Index n = u.size();
      for (Index i = 0; i < n; ++i) {
        const double left = i > 0 ? u(i - 1) - u(i) : 0.0;
        const double right = i + 1 < n ? u(i + 1) - u(i) : 0.0;
        dudt(i) = c * (left + right) + u(i) - u(i) * u(i) * u(i);
      }
    };
  }
  ode::SparseJacobian jacobian() const {
    std::vector<Eigen::Triplet<double>> entries;
    for (Index i = 0; i < cells; ++i)
      for (Index j = std::max<Index>(0, i - 1); j <= std::min(cells - 1, i + 1); ++j)
        entries.emplace_back(static_cast<int>(i), static_cast<int>(j), 1.0);
    ode::SparseJacobian J{.pattern = ode::SparseMatrix(cells, cells)};
    J.pattern.setFromTriplets(entries.begin(), entries.end());
    J.values = [c = coupling()](double, const In& u, ode::SparseMatrix& matrix) {
      for (Index j = 0; j < matrix.outerSize(); ++j)
        for (ode::SparseMatrix::InnerIterator entry(matrix, j); entry; ++entry) {
          const double neighbours = j == 0 || j + 1 == matrix.outerSize() ? 1.0 : 2.0;
          entry.valueRef() = entry.row() == j ? 1.0 - 3.0 * u(j) * u(j) - neighbours * c : c;
        }
    };
    return J;
  }
  /// Solves (1 + γ(c L − 1)) z = r, L the differences: all of J but the cubic term.
  ode::Preconditioner preconditioner(Index& calls) const {
    return [c = coupling(), &calls](double, const In&, double gamma, const In& r, Out z) {
      ++calls;
      const Index n = r.size();
      const double side = -gamma * c;
      Vector diagonal(n);
      z = r;
      for (Index i = 0; i < n; ++i)
        diagonal(i) = 1.0 - gamma + gamma * c * (i == 0 || i + 1 == n ? 1.0 : 2.0);
      for (Index i = 1; i < n; ++i) {
        const double ratio = side / diagonal(i - 1);
        diagonal(i) -= ratio * side;
        z(i) -= ratio * z(i - 1);
      }
      z(n - 1) /= diagonal(n - 1);
      for (Index i = n - 2; i >= 0; --i) z(i) = (z(i) - side * z(i + 1)) / diagonal(i);
    };
  }
};

const Vector times = Vector::LinSpaced(3, 0.0, 1.0);

}  // namespace

BOOST_AUTO_TEST_SUITE(they_agree)

// One equation, one method: the two differ by what Newton's method and the step control leave,
// which is a few tolerances. Sparse differs from banded in its Jacobian, exact against differences.
BOOST_AUTO_TEST_CASE(sparse_and_banded_on_ten_thousand_cells) {
  const ReactionDiffusion line{10000};
  IntegrateOptions sparse{.relative_tolerance = 1e-8, .absolute_tolerance = 1e-10};
  sparse.newton = {.linear_solver = LinearSolver::sparse, .sparse_jacobian = line.jacobian()};
  IntegrateOptions banded = sparse;
  banded.newton = {
      .linear_solver = LinearSolver::banded, .lower_bandwidth = 1, .upper_bandwidth = 1};
  const auto timed = [&](const IntegrateOptions& options, const char* name) {
    const auto start = std::chrono::steady_clock::now();
    auto answer = integrate(line.field(), line.start(), times, options);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    BOOST_TEST_MESSAGE(name << ": " << answer.report.iterations << " steps, "
                            << answer.report.evaluations << " evaluations, " << took.count()
                            << " s");
    BOOST_TEST_REQUIRE(answer.report.ok(), answer.report.message);
    return answer;
  };
  const auto a = timed(sparse, "sparse"), b = timed(banded, "banded");
  const double difference = (a.states - b.states).cwiseAbs().maxCoeff();
  BOOST_TEST_MESSAGE("largest difference " << difference);
  BOOST_TEST(difference < 1e-7);
  BOOST_TEST(a.report.evaluations <= b.report.evaluations);  // the Jacobian is as good and free
  BOOST_TEST((a.states.col(2) - a.states.col(0)).cwiseAbs().maxCoeff() > 0.1);  // it moved
}

// With a good preconditioner GMRES needs a few vectors where it fails without one.
BOOST_AUTO_TEST_CASE(preconditioned_krylov) {
  const ReactionDiffusion line{2000};
  IntegrateOptions banded{.relative_tolerance = 1e-8, .absolute_tolerance = 1e-10};
  banded.newton = {
      .linear_solver = LinearSolver::banded, .lower_bandwidth = 1, .upper_bandwidth = 1};
  const auto reference = integrate(line.field(), line.start(), times, banded);
  Index calls = 0;
  IntegrateOptions krylov = banded;
  krylov.newton = {.linear_solver = LinearSolver::krylov};
  const auto plain = integrate(line.field(), line.start(), times, krylov);
  krylov.newton.precondition = line.preconditioner(calls);
  const auto preconditioned = integrate(line.field(), line.start(), times, krylov);
  BOOST_TEST_REQUIRE(preconditioned.report.ok(), preconditioned.report.message);
  BOOST_TEST((preconditioned.states - reference.states).cwiseAbs().maxCoeff() < 1e-7);
  BOOST_TEST(calls > 0);
  BOOST_TEST_MESSAGE("evaluations: preconditioned " << preconditioned.report.evaluations
                                                    << ", plain " << plain.report.evaluations);
  BOOST_TEST(10 * preconditioned.report.evaluations < plain.report.evaluations);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(what_goes_wrong)

BOOST_AUTO_TEST_CASE(functions_that_fail) {
  struct Mine {};
  const ReactionDiffusion line{20};
  IntegrateOptions options;
  options.newton = {.linear_solver = LinearSolver::sparse, .sparse_jacobian = line.jacobian()};
  auto& values = options.newton.sparse_jacobian.values;
  const auto run = [&] { return integrate(line.field(), line.start(), times, options); };
  values = [](double, const In&, ode::SparseMatrix& J) { J.coeffRef(3, 3) = NAN; };
  const auto nan = run();
  BOOST_TEST(status(nan) == static_cast<int>(Status::non_finite_state));
  BOOST_TEST(nan.report.message.find("the Jacobian") != std::string::npos);
  BOOST_TEST(nan.report.evaluations < 20);
  values = [](double, const In&, ode::SparseMatrix&) { throw Mine(); };
  BOOST_CHECK_THROW(run(), Mine);
  values = [](double, const In&, ode::SparseMatrix& J) { J.coeffRef(0, 9) = 1.0; };
  BOOST_CHECK_THROW(run(), std::invalid_argument);  // not in the pattern
  values = [](double, const In&, ode::SparseMatrix& J) { J.resize(2, 2); };
  BOOST_CHECK_THROW(run(), std::invalid_argument);

  options.newton = {.linear_solver = LinearSolver::krylov};
  options.newton.precondition = [](double, const In&, double, const In&, Out z) {
    z.setConstant(INFINITY);
  };
  const auto infinite = run();
  BOOST_TEST(status(infinite) == static_cast<int>(Status::non_finite_state));
  BOOST_TEST(infinite.report.message.find("the preconditioner") != std::string::npos);
  options.newton.precondition = [](double, const In&, double, const In&, Out) { throw Mine(); };
  BOOST_CHECK_THROW(run(), Mine);
  // A preconditioner that refuses large steps is asked again with smaller ones.
  Index refused = 0;
  options.newton.precondition = [&](double, const In&, double gamma, const In& r, Out z) {
    if (gamma > 0.01) {
      ++refused;
      throw RecoverableError("too large a step");
    }
    z = r;
  };
  const auto recovered = run();
  BOOST_TEST(recovered.report.ok(), recovered.report.message);
  BOOST_TEST(refused > 0);
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  const ReactionDiffusion line{5};
  const auto J = line.jacobian();
  const auto rejected = [&](const ode::Newton& newton, const std::string& word) {
    BOOST_CHECK_EXCEPTION(integrate(line.field(), line.start(), times, {.newton = newton}),
                          std::invalid_argument, [&](const std::invalid_argument& error) {
                            return std::string(error.what()).find(word) != std::string::npos;
                          });
  };
  rejected({.linear_solver = LinearSolver::sparse}, "without a sparse_jacobian");
  rejected({.linear_solver = LinearSolver::sparse, .sparse_jacobian = {.pattern = J.pattern}},
           "without a sparse_jacobian");
  rejected({.sparse_jacobian = J}, "expected linear_solver = sparse");
  auto other = J;
  other.pattern.resize(4, 5);
  rejected({.linear_solver = LinearSolver::sparse, .sparse_jacobian = other}, "4 × 5");
  other = J;
  other.pattern.prune([](Index i, Index j, double) { return i != 2 || j != 2; });
  rejected({.linear_solver = LinearSolver::sparse, .sparse_jacobian = other}, "diagonal");
  IntegrateOptions options;
  options.newton = {.linear_solver = LinearSolver::sparse, .sparse_jacobian = J};
  options.newton.sparse_jacobian.pattern.uncompress();  // in place: copies are compressed again
  BOOST_CHECK_THROW(integrate(line.field(), line.start(), times, options), std::invalid_argument);
  rejected({.linear_solver = LinearSolver::banded, .lower_bandwidth = 5}, "bandwidths");
  rejected({.linear_solver = LinearSolver::banded, .upper_bandwidth = -1}, "bandwidths");
  rejected({.linear_solver = LinearSolver::krylov,
            .jacobian = [](double, const In&, Eigen::Ref<Matrix>) {}},
           "expected linear_solver = dense");
  rejected({.precondition = [](double, const In&, double, const In&, Out) {}},
           "expected linear_solver = krylov");
}

BOOST_AUTO_TEST_SUITE_END()
