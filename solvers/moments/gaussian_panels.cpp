// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/moments/gaussian_panels.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lib/activations/normal.hpp"
#include "lib/activations/quadrature.hpp"

namespace stillpoint::moments {
namespace {

/// Distance of the singularities of a smooth f from the real axis; 0: it has kinks, or none at all.
struct Width {
  double operator()(const activations::Tanh&) const { return 0.5 * std::numbers::pi; }
  double operator()(const activations::Logistic&) const { return std::numbers::pi; }
  double operator()(const activations::Softplus& f) const {
    return std::numbers::pi / f.sharpness();
  }
  double operator()(const activations::Erf&) const { return 1.0; }
  template <typename Other>
  double operator()(const Other&) const {
    return 0.0;
  }
};

}  // namespace

std::vector<Feature> features(const activations::Activation& f) {
  std::vector<Feature> result;
  for (const double kink : activations::kinks(f)) result.push_back({kink, 0.0});
  const double width = std::visit(Width{}, f);
  if (width > 0.0) result.push_back({0.0, width});
  return result;
}

std::vector<Feature> seen_through(const std::vector<Feature>& of_f, double centre, double slope,
                                  double spread) {
  std::vector<Feature> result;
  if (slope == 0.0) return result;
  for (const Feature& feature : of_f)
    result.push_back(
        {(feature.location - centre) / slope, (feature.width + spread) / std::abs(slope)});
  return result;
}

GaussianPanels::GaussianPanels(const std::vector<Feature>& features, double degree, Grade grade)
    : grade_(grade) {
  const double reach = (grade == fine ? 9.0 : 7.0) + 0.3 * degree;
  const double widest = grade == fine ? 3.0 : 3.5;
  std::vector<double> cuts = {-reach, reach};
  for (const Feature& feature : features)
    if (std::abs(feature.location) < reach) cuts.push_back(feature.location);
  std::sort(cuts.begin(), cuts.end());
  for (std::size_t k = 0; k + 1 < cuts.size(); ++k) {
    const int pieces = std::max(1, static_cast<int>(std::ceil((cuts[k + 1] - cuts[k]) / widest)));
    const double width = (cuts[k + 1] - cuts[k]) / pieces;
    for (int piece = 0; piece < pieces && width > 0.0; ++piece)
      add(cuts[k] + piece * width, cuts[k] + (piece + 1) * width, features);
  }
}

void GaussianPanels::add(double lower, double upper, const std::vector<Feature>& features) {
  constexpr double narrowest = 1e-9;
  const double width = upper - lower;
  for (const Feature& feature : features) {
    const double distance = std::max({0.0, lower - feature.location, feature.location - upper});
    if (feature.width == 0.0 || width <= narrowest) continue;
    if (width > std::max(1.5 * feature.width, 2.0 * distance)) {
      const double middle = lower + 0.5 * width;
      add(lower, middle, features);
      add(middle, upper, features);
      return;
    }
  }
  const auto take = [&](double x, double weight) {
    nodes_.push_back(x);
    weights_.push_back(weight * activations::normal_density(x));
  };
  if (grade_ == fine)
    activations::for_each_gauss_legendre_node<15>(lower, width, take);
  else
    activations::for_each_gauss_legendre_node<10>(lower, width, take);
}

}  // namespace stillpoint::moments
