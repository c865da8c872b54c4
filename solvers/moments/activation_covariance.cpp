// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/moments/activation_covariance.hpp"

#include <algorithm>
#include <cmath>

#include "lib/core/require.hpp"
#include "solvers/moments/gaussian_panels.hpp"

namespace stillpoint::moments {
namespace {

constexpr Index mehler_terms = 40;
constexpr double accuracy = 1e-10;

/// ĉ_k, k = 1…40, of f at mean a and sd q > 0.
Vector hermite_coefficients(const activations::Activation& f, const std::vector<Feature>& of_f,
                            double a, double q) {
  const GaussianPanels panels(seen_through(of_f, a, q, 0.0), mehler_terms);
  Vector sum = Vector::Zero(mehler_terms);
  std::visit(
      [&](const auto& phi) {
        for (std::size_t node = 0; node < panels.nodes().size(); ++node) {
          const double z = panels.nodes()[node];
          const double value = panels.weights()[node] * phi(a + q * z);
          double before = 1.0, here = z;  // he_0, he_1
          for (Index k = 1; k <= mehler_terms; ++k) {
            sum(k - 1) += value * here;
            const auto order = static_cast<double>(k);
            const double next = (z * here - std::sqrt(order) * before) / std::sqrt(order + 1.0);
            before = here;
            here = next;
          }
        }
      },
      f);
  return sum;
}

/// E fᵢ(aᵢ) (E[fⱼ | aᵢ] − E fⱼ) by one integral over aᵢ.
double integrated(const activations::Activation& f, const std::vector<Feature>& of_f, double mean_i,
                  double sd_i, double mean_j, double sd_j, double correlation) {
  const double R = std::clamp(correlation, -1.0, 1.0);
  const double spread = sd_j * std::sqrt((1.0 - R) * (1.0 + R));
  std::vector<Feature> of_pair = seen_through(of_f, mean_i, sd_i, 0.0);
  const auto other = seen_through(of_f, mean_j, sd_j * R, spread);
  of_pair.insert(of_pair.end(), other.begin(), other.end());
  const GaussianPanels panels(of_pair, 2.0);
  return std::visit(
      [&](const auto& phi) {
        const double average = phi.averages(mean_j, sd_j).mean;
        double sum = 0.0;
        for (std::size_t node = 0; node < panels.nodes().size(); ++node) {
          const double z = panels.nodes()[node];
          sum += panels.weights()[node] * phi(mean_i + sd_i * z) *
                 (phi.averages(mean_j + sd_j * R * z, spread).mean - average);
        }
        return sum;
      },
      f);
}

}  // namespace

Matrix activation_covariance(const activations::Activation& f, const Vector& mean,
                             const Matrix& covariance) {
  constexpr std::string_view where = "moments::activation_covariance";
  const Index n = mean.size();
  require(covariance.rows() == n && covariance.cols() == n, where, "covariance is ",
          covariance.rows(), " by ", covariance.cols(), ", expected ", n, " by ", n);
  require(mean.allFinite() && covariance.allFinite(), where,
          "mean or covariance holds a NaN or an infinity, expected finite numbers");
  require(n == 0 || covariance.diagonal().minCoeff() >= 0.0, where,
          "a variance is negative, expected >= 0");
  const std::vector<Feature> of_f = features(f);
  Vector sd = covariance.diagonal().cwiseSqrt(), variance(n), tail(n);
  Matrix c = Matrix::Zero(mehler_terms, n);
  for (Index i = 0; i < n; ++i) {
    variance(i) = activations::averages(f, mean(i), sd(i)).variance;
    if (sd(i) > 0.0) c.col(i) = hermite_coefficients(f, of_f, mean(i), sd(i));
    tail(i) = std::max(variance(i) - c.col(i).squaredNorm(), 0.0);
  }
  Matrix result = variance.asDiagonal();
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < i; ++j) {
      if (sd(i) == 0.0 || sd(j) == 0.0) continue;
      const double R = covariance(i, j) / (sd(i) * sd(j));
      const double left = std::pow(std::abs(R), mehler_terms + 1) * std::sqrt(tail(i) * tail(j));
      double value = 0.0;
      if (left <= accuracy * std::sqrt(variance(i) * variance(j)))
        for (Index k = mehler_terms; k >= 1; --k) value = R * (value + c(k - 1, i) * c(k - 1, j));
      else
        value = integrated(f, of_f, mean(i), sd(i), mean(j), sd(j), R);
      result(i, j) = result(j, i) = value;
    }
  return result;
}

}  // namespace stillpoint::moments
