// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/activations/activation.hpp"

/// @file
/// @brief Quadrature of Gaussian averages of functions with kinks, Gauss–Legendre panels that end
/// at the kinks.
namespace stillpoint::moments {

/// A place near which a function of one variable is not smooth on the scale of 1: a kink or a jump
/// (width 0), or the foot of a singularity at the distance `width` off the real axis.
struct Feature {
  double location;
  double width;
};

/// Those of an activation: kinks; 0 for the smooth ones, with width π/2 for tanh, π for logistic,
/// π/sharpness for softplus and 1 for erf, which has none, but grows off the axis.
std::vector<Feature> features(const activations::Activation& f);

/// The features of x ↦ E f(centre + slope x + spread z), z ~ N(0, 1): averaging blunts them.
std::vector<Feature> seen_through(const std::vector<Feature>& of_f, double centre, double slope,
                                  double spread);

/// @brief E g(ζ) ≈ Σ weights(k) g(nodes(k)), ζ ~ N(0, 1), for g smooth but at its features.
///
/// Gauss–Legendre panels, no wider than 1.5 widths of a feature or twice the distance to it. Fine:
/// 15 nodes on panels of at most 3 and |ζ| ≤ 9 + 0.3 degree, error about 1e-14 of g's size there
/// for g of polynomial growth up to `degree`, an average that only a far tail makes is lost;
/// coarse: 10 nodes, at most 3.5, |ζ| ≤ 7 + 0.3 degree, 1e-9.
class GaussianPanels {
 public:
  enum Grade { fine, coarse };

  GaussianPanels(const std::vector<Feature>& features, double degree, Grade grade = fine);

  const std::vector<double>& nodes() const { return nodes_; }
  const std::vector<double>& weights() const { return weights_; }

 private:
  void add(double lower, double upper, const std::vector<Feature>& features);

  Grade grade_;
  std::vector<double> nodes_, weights_;
};

}  // namespace stillpoint::moments
