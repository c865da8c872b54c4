// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ensemble/path_moments.hpp"

#include <algorithm>
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

namespace {

using Products = Eigen::Vector<double, 6>;

/// Entries 11, 12, 22, 13, 23, 33 of d dᵀ.
Products outer(const Triple& d) {
  return {d(0) * d(0), d(0) * d(1), d(1) * d(1), d(0) * d(2), d(1) * d(2), d(2) * d(2)};
}

}  // namespace

void PathMoments::merge(Index row, double samples, const Triple& mean, const Products& products) {
  const double before = static_cast<double>(samples_), all = before + samples;
  const Triple step = mean - mean_.col(row);
  mean_.col(row) += step * (samples / all);
  products_.col(row) += products + outer(step) * (before * samples / all);
}

void PathMoments::add(const Panels& s1, const Panels& s2, const Panels& s3, Index records,
                      Index live) {
  if (live == 0) return;
  const double each = 1.0 / static_cast<double>(records), count = static_cast<double>(live);
  for (Index i = 0; i < rows(); ++i) {
    Triple mean = Triple::Zero();
    for (Index p = 0; p < live; ++p) mean += Triple(s1(i, p), s2(i, p), s3(i, p));
    mean *= each / count;
    Products products = Products::Zero();
    for (Index p = 0; p < live; ++p)
      products += outer(Triple(each * s1(i, p), each * s2(i, p), each * s3(i, p)) - mean);
    merge(i, count, mean, products);
  }
  samples_ += live;
}

void PathMoments::add(const Panels& s1, Index records, Index live) {
  if (live == 0) return;
  const double each = 1.0 / static_cast<double>(records), count = static_cast<double>(live);
  for (Index i = 0; i < rows(); ++i) {
    double sum = 0.0, squares = 0.0;
    for (Index p = 0; p < live; ++p) sum += s1(i, p);
    const double mean = each * sum / count;
    for (Index p = 0; p < live; ++p) {
      const double d = each * s1(i, p) - mean;
      squares += d * d;
    }
    merge(i, count, Triple(mean, 0.0, 0.0), squares * Products::Unit(0));
  }
  samples_ += live;
}

PathMoments& PathMoments::operator+=(const PathMoments& other) {
  if (other.samples_ == 0) return *this;
  for (Index i = 0; i < rows(); ++i)
    merge(i, static_cast<double>(other.samples_), other.mean_.col(i), other.products_.col(i));
  samples_ += other.samples_;
  return *this;
}

PathMoments::Row PathMoments::at(Index row) const {
  const double n = static_cast<double>(samples_);
  const auto p = products_.col(row);
  Row out{.samples = n, .mean = mean_.col(row)};
  out.covariance << p(0), p(1), p(3), p(1), p(2), p(4), p(3), p(4), p(5);
  out.covariance /= std::max(n - 1.0, 1.0);
  return out;
}

Vector PathMoments::mean_offset() const { return mean_.row(0).transpose(); }
Vector PathMoments::square_offset() const { return mean_.row(1).transpose(); }

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
