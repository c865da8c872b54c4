// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ensemble/path_moments.hpp"

#include <Eigen/Core>
#include <cmath>
#include <limits>

namespace stillpoint::ensemble {

using statistics::Estimate;
using Triple = Eigen::Vector3d;

namespace {
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
}

/// Mean and covariance of the samples of one row, and the moments made of them.
struct PathMoments::Row {
  double samples;
  Triple mean;
  Eigen::Matrix3d covariance;

  Estimate estimate(double value, const Triple& gradient) const {
    if (samples < 2.0) return {value, nan};
    const double square = gradient.dot(covariance * gradient) / samples;
    return {value, std::sqrt(std::max(square, 0.0))};
  }
  double variance() const {
    const double bias = samples < 2.0 ? 0.0 : covariance(0, 0) / samples;
    return mean(1) - mean(0) * mean(0) + bias;
  }
  Triple variance_gradient() const { return {-2.0 * mean(0), 1.0, 0.0}; }
};

void PathMoments::add(const Panels& s1, const Panels& s2, const Panels& s3, Index records,
                      Index live) {
  const double each = 1.0 / static_cast<double>(records);
  for (Index i = 0; i < rows(); ++i) {
    auto sum = sums_.col(i);
    for (Index p = 0; p < live; ++p) {
      const double a1 = each * s1(i, p), a2 = each * s2(i, p), a3 = each * s3(i, p);
      sum(0) += a1;
      sum(1) += a2;
      sum(2) += a3;
      sum(3) += a1 * a1;
      sum(4) += a1 * a2;
      sum(5) += a2 * a2;
      sum(6) += a1 * a3;
      sum(7) += a2 * a3;
      sum(8) += a3 * a3;
    }
  }
  samples_ += live;
}

void PathMoments::add(const Panels& s1, Index records, Index live) {
  const double each = 1.0 / static_cast<double>(records);
  for (Index i = 0; i < rows(); ++i) {
    for (Index p = 0; p < live; ++p) {
      const double a1 = each * s1(i, p);
      sums_(0, i) += a1;
      sums_(3, i) += a1 * a1;
    }
  }
  samples_ += live;
}

PathMoments& PathMoments::operator+=(const PathMoments& other) {
  samples_ += other.samples_;
  sums_ += other.sums_;
  return *this;
}

PathMoments::Row PathMoments::at(Index row) const {
  const double n = static_cast<double>(samples_);
  const auto sum = sums_.col(row);
  Row out{.samples = n, .mean = sum.head<3>() / n};
  Eigen::Matrix3d products;
  products << sum(3), sum(4), sum(6), sum(4), sum(5), sum(7), sum(6), sum(7), sum(8);
  out.covariance = (products - n * out.mean * out.mean.transpose()) / std::max(n - 1.0, 1.0);
  return out;
}

Vector PathMoments::mean_offset() const {
  return sums_.row(0).transpose() / static_cast<double>(samples_);
}

Estimate PathMoments::mean(Index row, double reference) const {
  const Row r = at(row);
  Estimate estimate = r.estimate(r.mean(0), Triple::UnitX());
  estimate.value += reference;
  return estimate;
}

Estimate PathMoments::variance(Index row) const {
  const Row r = at(row);
  return r.estimate(r.variance(), r.variance_gradient());
}

Estimate PathMoments::skewness(Index row) const {
  const Row r = at(row);
  const double m1 = r.mean(0), m2 = r.mean(1), m3 = r.mean(2);
  const double variance = r.variance();
  if (!(variance > 0.0)) return {nan, nan};
  const double third = m3 - 3.0 * m1 * m2 + 2.0 * m1 * m1 * m1;
  const Triple third_gradient(6.0 * m1 * m1 - 3.0 * m2, -3.0 * m1, 1.0);
  const double skewness = third / std::pow(variance, 1.5);
  const Triple gradient =
      third_gradient / std::pow(variance, 1.5) - 1.5 * skewness / variance * r.variance_gradient();
  return r.estimate(skewness, gradient);
}

double PathMoments::autocorrelation_times() const {
  double least = std::numeric_limits<double>::infinity();
  for (Index i = 0; i < rows(); ++i) {
    const Row r = at(i);
    if (r.covariance(0, 0) > 0.0) least = std::min(least, r.variance() / r.covariance(0, 0));
  }
  return least;
}

}  // namespace stillpoint::ensemble
