// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE shared_noise_diffusion
#include "lib/models/shared_noise_diffusion.hpp"

#include <Eigen/Cholesky>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <vector>

#include "lib/models/concepts.hpp"
#include "lib/random/normal.hpp"
#include "solvers/algebraic/stein.hpp"
#include "solvers/fokker_planck/stationary.hpp"
#include "solvers/sde/euler_maruyama.hpp"
#include "solvers/sde/simulate.hpp"
#include "tests/support/chains.hpp"
#include "tests/support/fokker_planck.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistical.hpp"

using namespace stillpoint;
using models::SharedNoiseDiffusion;
using networks::Equation;
using networks::NoiseSource;

static_assert(models::ItoDiffusion<SharedNoiseDiffusion>);

namespace {

/// F at zero argument: two units without weights, g = 1, C Cᵀ = F.
Matrix activation_covariance(const activations::Activation& f, const Vector& u, double s,
                             const Matrix& argument, Index nodes) {
  networks::Network network{.W = Matrix::Zero(2, 2), .b = u, .activation = f, .leak = 1.0};
  const SharedNoiseDiffusion diffusion(network, {{.where = NoiseSource::inside, .sigma = {s}}},
                                       {.argument = argument, .nodes = nodes}, Vector());
  Matrix C;
  diffusion.diffusion(0.0, Vector::Zero(2), C);
  return C * C.transpose();
}

/// Covariance matrix of the argument.
Matrix total(double s, const Matrix& argument) {
  return argument * argument.transpose() + s * s * Matrix::Identity(2, 2);
}

/// Two tanh units whose noise inside has correlation 0.95.
struct Pair {
  static constexpr double sigma = 0.8, correlation = 0.95;
  double leak;

  networks::Network network() const {
    networks::Network network{.W = Matrix(2, 2), .b = Vector(2), .leak = leak};
    network.W << 0.6, 0.3, -0.4, 0.5;
    network.b << 0.3, -0.2;
    return networks::make_network(network);
  }
  networks::NoiseSpec own() const {
    return {{.where = NoiseSource::inside, .sigma = {sigma * std::sqrt(1.0 - correlation)}}};
  }
  models::SharedNoise shared() const {
    return {.argument = Matrix::Constant(2, 1, sigma * std::sqrt(correlation)), .nodes = 10};
  }
  SharedNoiseDiffusion diffusion() const { return {network(), own(), shared(), Vector()}; }
};

/// Time averages of y₁, y₂ and the three central products, a column a path.
Eigen::Vector<double, 5> products(const Matrix& states) {
  const Vector mean = states.rowwise().mean();
  const Matrix off = states.colwise() - mean;
  const Matrix C = off * off.transpose() / static_cast<double>(states.cols());
  return {mean(0), mean(1), C(0, 0), C(1, 1), C(0, 1)};
}

statistics::Estimate over_paths(const Vector& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = values.mean();
  return {mean, std::sqrt((values.array() - mean).square().sum() / (n * (n - 1.0)))};
}

/// Covariance of y' = (1 + hJ) y + noise of covariance h Q over that of its limit, entry by entry:
/// what a step h does to a linear law.
Matrix step_ratio(const Matrix& J, const Matrix& Q, double h) {
  const auto chain = algebraic::solve_stein(Matrix::Identity(2, 2) + h * J, h * Q);
  const Matrix root = Q.llt().matrixL();
  return chain.X.cwiseQuotient(tests::linear_covariance(J, root));
}

}  // namespace

// Identity: everything is linear, F = S Sᵀ + diag s², for both equations and several sources.
BOOST_AUTO_TEST_CASE(identity_gives_the_linear_noise) {
  const Index n = 3;
  Matrix S(n, 2), L(n, 1);
  S << 0.5, 0.1, -0.4, 0.3, 0.0, 0.0;
  L << 0.3, -0.1, 0.2;
  const Vector s = (Vector(n) << 0.2, 0.0, 0.7).finished();
  for (const auto equation : {Equation::rate, Equation::current}) {
    const auto network = tests::wavy_network(n, 0.3, equation, activations::Identity{});
    const networks::NoiseSpec noise{{.where = NoiseSource::inside, .sigma = {s.begin(), s.end()}},
                                    {.where = NoiseSource::outside, .sigma = {0.4}}};
    const SharedNoiseDiffusion diffusion(network, noise, {.argument = S, .state = L, .nodes = 4},
                                         Vector::Ones(2));
    const Matrix& G = diffusion.chain().gain();
    Matrix expected = S * S.transpose();
    expected.diagonal() += s.cwiseAbs2();
    expected = (G * expected * G.transpose() / 0.3 + L * L.transpose()).eval();
    expected.diagonal().array() += 0.3 * 0.4 * 0.4;
    Matrix C;
    diffusion.diffusion(0.0, Vector::LinSpaced(n, -1.0, 1.0), C);
    BOOST_TEST(C.cols() == 2 + 3 + 1 + 16);
    BOOST_TEST((C * C.transpose() - expected).norm() < 1e-14);
  }
}

// erf at 0: E erf x erf y = (2/π) asin(2 C_xy/√((1 + 2C_xx)(1 + 2C_yy))), Williams (1998),
// Neural Comput. 10, 1203, eq. 11. relu at 0: E relu x relu y = σ_x σ_y (√(1−ρ²) + ρ(π − acos
// ρ))/2π, mean σ/√2π, Cho & Saul (2009), eq. 6.
BOOST_AUTO_TEST_CASE(closed_forms) {
  Matrix S(2, 1);
  S << 0.6, 0.4;
  for (const double s : {0.0, 0.3}) {
    const Matrix V = total(s, S);
    const Matrix F = activation_covariance(activations::Erf{}, Vector::Zero(2), s, S, 60);
    for (Index i = 0; i < 2; ++i)
      for (Index j = 0; j < 2; ++j) {
        const double exact =
            2.0 / std::numbers::pi *
            std::asin(2.0 * V(i, j) / std::sqrt((1.0 + 2.0 * V(i, i)) * (1.0 + 2.0 * V(j, j))));
        BOOST_TEST_MESSAGE("erf, s = " << s << ": error " << F(i, j) - exact);
        BOOST_TEST(std::abs(F(i, j) - exact) < 1e-10);
      }
  }
  const double s = 0.5;
  const Matrix V = total(s, S);
  const Matrix F = activation_covariance(activations::Relu{}, Vector::Zero(2), s, S, 60);
  for (Index i = 0; i < 2; ++i)
    for (Index j = 0; j < 2; ++j) {
      const double product = std::sqrt(V(i, i) * V(j, j)), rho = V(i, j) / product;
      const double exact = product / (2.0 * std::numbers::pi) *
                           (std::sqrt(1.0 - rho * rho) +
                            rho * (std::numbers::pi - std::acos(std::min(rho, 1.0))) - 1.0);
      BOOST_TEST_MESSAGE("relu: error " << F(i, j) - exact);
      BOOST_TEST(std::abs(F(i, j) - exact) < 1e-8);
    }
}

// tanh away from 0, sources of both signs, against draws. Catches an error of 0.5 %.
BOOST_AUTO_TEST_CASE(draws_have_this_covariance) {
  Matrix S(2, 2);
  S << 0.6, 0.3, -0.5, 0.8;
  const Vector u = (Vector(2) << 0.4, -0.9).finished();
  const double s = 0.4;
  const Matrix F = activation_covariance(activations::Tanh{}, u, s, S, 24);
  constexpr Index batches = 64, each = 4000;
  Matrix found(3, batches);
  for (Index batch = 0; batch < batches; ++batch) {
    Matrix f(2, each);
    for (Index k = 0; k < each; ++k) {
      double z[4];
      for (std::uint32_t i = 0; i < 4; ++i)
        z[i] = random::normal({tests::seed, 0}, static_cast<std::uint64_t>(batch),
                              static_cast<std::uint32_t>(k), i);
      for (Index i = 0; i < 2; ++i)
        f(i, k) = std::tanh(u(i) + s * z[i] + S(i, 0) * z[2] + S(i, 1) * z[3]);
    }
    const auto moments = products(f);
    found.col(batch) = moments.tail(3) * (each / (each - 1.0));
  }
  tests::check_agrees(over_paths(found.row(0)), F(0, 0), "Var f_1");
  tests::check_agrees(over_paths(found.row(1)), F(1, 1), "Var f_2");
  tests::check_agrees(over_paths(found.row(2)), F(0, 1), "Cov f");
}

// A linear pair: the stationary law is that of the Lyapunov equation.
BOOST_AUTO_TEST_CASE(linear_law) {
  Pair pair{.leak = 0.2};
  networks::Network network = pair.network();
  network.activation = activations::Identity{};
  const SharedNoiseDiffusion diffusion(network, pair.own(), pair.shared(), Vector());
  const auto coefficients = fokker_planck::coefficients_of(diffusion);
  const Matrix J = network.W - Matrix::Identity(2, 2);
  const Vector mean = -J.lu().solve(network.b);
  Matrix C;
  diffusion.diffusion(0.0, mean, C);
  const auto law = fokker_planck::solve_stationary(coefficients, {mean, Matrix::Identity(2, 2)});
  BOOST_TEST(law.report.ok(), law.report.message);
  BOOST_TEST((law.mean - mean).norm() < 1e-9);
  BOOST_TEST((law.covariance - tests::linear_covariance(J, C)).norm() < 1e-9);
}

// Two tanh units with correlation 0.95 inside. The law by finite volumes against Euler–Maruyama of
// the diffusion and against the chain itself, whose noise is not Gaussian. Both have a step h,
// which multiplies covariances by 1 + O(h): the factor of the linearisation is taken out, and a
// quarter of its distance from 1 is allowed for the nonlinear rest. Means: O(h²) for the chain; the
// scheme O(h).
BOOST_AUTO_TEST_CASE(correlated_pair) {
  const Pair pair{.leak = 0.1};
  const auto diffusion = pair.diffusion();
  const auto coefficients = fokker_planck::coefficients_of(diffusion);
  const auto law = fokker_planck::solve_stationary(
      coefficients, fokker_planck::guess_law(coefficients, Matrix::Zero(2, 1), 50.0),
      {.method = fokker_planck::StationaryMethod::finite_volume, .tolerance = 5e-3});
  BOOST_TEST(law.report.ok(), law.report.message);
  BOOST_TEST_MESSAGE(law.report.message << ", error " << law.error << ", correlation "
                                        << law.covariance(0, 1) / std::sqrt(law.covariance(0, 0) *
                                                                            law.covariance(1, 1)));
  Matrix J(2, 2), C;
  diffusion.drift_jacobian(0.0, law.mean, J);
  diffusion.diffusion(0.0, law.mean, C);
  const auto compare = [&](const Matrix& found, double h, const std::string& what) {
    const Matrix ratio = step_ratio(J, C * C.transpose(), h);
    const Index entries[3][2] = {{0, 0}, {1, 1}, {0, 1}};
    for (Index i = 0; i < 2; ++i) {
      const double sd = std::sqrt(law.covariance(i, i));
      tests::check_agrees(over_paths(found.row(i)), law.mean(i), what + " mean",
                          law.error * sd + 0.02 * h * sd);
    }
    for (Index k = 0; k < 3; ++k) {
      const Index i = entries[k][0], j = entries[k][1];
      const double size = std::sqrt(law.covariance(i, i) * law.covariance(j, j));
      tests::check_agrees(
          over_paths(found.row(2 + k)), law.covariance(i, j) * ratio(i, j), what + " covariance",
          law.grid->covariance_error.norm() * size + 0.25 * std::abs(ratio(i, j) - 1.0) * size);
    }
  };

  constexpr Index paths = 32;
  Matrix found(5, paths);
  sde::EulerMaruyama<SharedNoiseDiffusion> scheme(diffusion);
  constexpr Index level = 13;
  const double h = 0.05, duration = std::ldexp(h, level);
  for (Index p = 0; p < paths; ++p) {
    const random::BrownianPath brownian({tests::seed, 1}, static_cast<std::uint64_t>(p),
                                        diffusion.noise_size(), duration);
    const auto path = sde::simulate(scheme, brownian, level, law.mean, {.every = 10});
    BOOST_TEST_REQUIRE(path.report.ok(), path.report.message);
    found.col(p) = products(path.states.rightCols(path.states.cols() - 20));
  }
  compare(found, h, "diffusion");

  const auto network = pair.network();
  constexpr Index steps = 80000;
  for (Index p = 0; p < paths; ++p) {
    Matrix states(2, steps / 10);
    Vector y = law.mean, u(2);
    for (Index t = -200; t < steps; ++t) {
      double z[3];
      for (std::uint32_t i = 0; i < 3; ++i)
        z[i] = random::normal({tests::seed, 2}, static_cast<std::uint64_t>(p),
                              static_cast<std::uint32_t>(t + 200), i);
      u.noalias() = network.W * y;
      u += network.b;
      for (Index i = 0; i < 2; ++i)
        y(i) +=
            pair.leak *
            (-y(i) + std::tanh(u(i) + Pair::sigma * (std::sqrt(Pair::correlation) * z[2] +
                                                     std::sqrt(1.0 - Pair::correlation) * z[i])));
      if (t >= 0 && t % 10 == 0) states.col(t / 10) = y;
    }
    found.col(p) = products(states);
  }
  compare(found, pair.leak, "chain");
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  const Pair pair{.leak = 0.1};
  const auto make = [&](models::SharedNoise shared) {
    return SharedNoiseDiffusion(pair.network(), pair.own(), std::move(shared), Vector());
  };
  BOOST_CHECK_THROW(make({.argument = Matrix::Ones(3, 1)}), std::invalid_argument);
  BOOST_CHECK_THROW(make({.state = Matrix::Ones(1, 1)}), std::invalid_argument);
  BOOST_CHECK_THROW(make({.argument = Matrix::Ones(2, 3)}), std::invalid_argument);
  BOOST_CHECK_THROW(make({.argument = Matrix::Constant(2, 1, NAN)}), std::invalid_argument);
  BOOST_CHECK_THROW(make({.argument = Matrix::Ones(2, 1), .nodes = 1}), std::invalid_argument);
}
