// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE principal_axes
#include "lib/statistics/principal_axes.hpp"

#include <Eigen/QR>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>
#include <stdexcept>

#include "tests/support/seed.hpp"

using namespace stillpoint;

BOOST_AUTO_TEST_CASE(a_cross_has_known_axes) {
  // Points m ± 3 u, m ± 1 v with u = (3, −4)/5, v = (4, 3)/5: variances 18/4 and 2/4.
  const Eigen::Vector2d m(1.0, 2.0), u(0.6, -0.8), v(0.8, 0.6);
  Matrix states(2, 4);
  states << m + 3.0 * u, m - 3.0 * u, m + v, m - v;
  const auto pca = statistics::principal_axes(states);
  BOOST_TEST((pca.mean - m).norm() < 1e-15);
  BOOST_TEST((pca.axes.col(0) + u).norm() < 1e-14);  // −u: the largest entry is positive
  BOOST_TEST((pca.axes.col(1) - v).norm() < 1e-14);
  BOOST_TEST(pca.variance(0) == 4.5, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(pca.variance(1) == 0.5, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(pca.total_variance == 5.0, boost::test_tools::tolerance(1e-14));
  const Matrix coordinates = pca.project(states);
  BOOST_TEST(coordinates(0, 0) == -3.0, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(std::abs(coordinates(1, 0)) < 1e-14);
  BOOST_TEST(coordinates(1, 2) == 1.0, boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(axes_are_orthonormal_and_diagonalize_the_covariance) {
  std::mt19937_64 engine(tests::seed);
  std::normal_distribution<double> normal;
  const Index n = 7, columns = 40, count = 4;
  const Matrix states = Matrix::NullaryExpr(n, columns, [&] { return normal(engine); });
  const auto pca = statistics::principal_axes(states, count);
  BOOST_TEST((pca.axes.transpose() * pca.axes - Matrix::Identity(count, count)).norm() < 1e-13);
  const Matrix y = pca.project(states);
  const Matrix covariance = y * y.transpose() / static_cast<double>(columns);
  BOOST_TEST((covariance - Matrix(pca.variance.asDiagonal())).norm() < 1e-13);
  for (Index k = 1; k < count; ++k) BOOST_TEST(pca.variance(k) <= pca.variance(k - 1));
  // The first axis has more variance than any other direction.
  for (int trial = 0; trial < 100; ++trial) {
    const Vector direction = Vector::NullaryExpr(n, [&] { return normal(engine); }).normalized();
    const double variance = ((states.colwise() - pca.mean).transpose() * direction).squaredNorm() /
                            static_cast<double>(columns);
    BOOST_TEST(variance <= pca.variance(0) * (1.0 + 1e-12));
  }
}

BOOST_AUTO_TEST_CASE(a_turned_cloud_has_turned_axes_and_the_same_signs_rule) {
  std::mt19937_64 engine(tests::seed);
  std::normal_distribution<double> normal;
  const Index n = 5;
  const Matrix scale = Vector::LinSpaced(n, 1.0, 5.0).asDiagonal();
  const Matrix states = scale * Matrix::NullaryExpr(n, 60, [&] { return normal(engine); });
  const Matrix Q = Eigen::HouseholderQR<Matrix>(Matrix::NullaryExpr(n, n, [&] {
                     return normal(engine);
                   })).householderQ();
  const auto a = statistics::principal_axes(states, 3);
  const auto b = statistics::principal_axes(Q * states, 3);
  BOOST_TEST((a.variance - b.variance).norm() < 1e-12 * a.variance(0));
  for (Index k = 0; k < 3; ++k) {
    BOOST_TEST(std::abs(b.axes.col(k).dot(Q * a.axes.col(k))) == 1.0,
               boost::test_tools::tolerance(1e-10));
    Index largest;
    b.axes.col(k).cwiseAbs().maxCoeff(&largest);
    BOOST_TEST(b.axes(largest, k) > 0.0);
  }
  // Reversing every state reverses the coordinates, not the axes.
  const auto c = statistics::principal_axes(-states, 3);
  BOOST_TEST((c.axes - a.axes).norm() < 1e-12);
}

BOOST_AUTO_TEST_CASE(one_state_has_no_variance) {
  const auto pca = statistics::principal_axes(Vector::Ones(3), 2);
  BOOST_TEST(pca.total_variance == 0.0);
  BOOST_TEST(pca.variance.norm() == 0.0);
  BOOST_TEST((pca.axes.transpose() * pca.axes - Matrix::Identity(2, 2)).norm() < 1e-14);
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_named) {
  const Matrix states = Matrix::Identity(3, 3);
  BOOST_CHECK_THROW(statistics::principal_axes(Matrix(3, 0)), std::invalid_argument);
  BOOST_CHECK_THROW(statistics::principal_axes(states, 0), std::invalid_argument);
  BOOST_CHECK_THROW(statistics::principal_axes(states, 4), std::invalid_argument);
  BOOST_CHECK_THROW(statistics::principal_axes(states * std::nan("")), std::invalid_argument);
  BOOST_CHECK_THROW(statistics::principal_axes(states).project(Matrix::Zero(2, 1)),
                    std::invalid_argument);
}
