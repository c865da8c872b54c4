// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "solvers/transfer_operator/stationary.hpp"

namespace stillpoint::transfer_operator {

struct DistributionOptions {
  double tolerance = 1e-8;  ///< On the probabilities, absolute.
  Index nodes_per_panel = 12;
  Index max_nodes = 900;
};

/// @brief The stationary distribution function of one neuron, F(y) = P(state ≤ y).
///
/// It solves F(y) = E_z P(M_z(x) ≤ y), x ~ F, where M_z is the map of a step with its noise z
/// given: forward in time, while the functional of Solution is its backward counterpart; neither
/// uses the other. F exists where a density does not: an atom at an end of the support (relu, leak
/// 1, noise inside) is F(end) > 0, a density that diverges there (relu, noise inside, rarely
/// active) an F with a steep start, towards which the panels are graded.
class Distribution {
 public:
  /// residual: difference of its mean from the one of the Solution, in standard deviations.
  Report report;

  double lower() const { return edges_.front(); }
  double upper() const { return edges_.back(); }

  /// P(state ≤ y).
  double cumulative(double y) const;

  /// F'(y) inside (lower, upper), 0 outside. Atoms are not seen; where the density diverges the
  /// value is finite, and means nothing, within 1e-12 of the width from there.
  double density(double y) const;

  /// P(e_k ≤ state < e_{k+1}), the last bin closed, as a histogram counts; an atom belongs to one
  /// bin. @throws std::invalid_argument unless the edges, two or more, increase.
  Vector bin_probabilities(const std::vector<double>& edges) const;

  /// E v(state) = v(upper) − ∫ v' F dy − Σ (jump of v) F, for v with its slope, smooth but at
  /// kinks.
  double expectation(const std::function<double(double)>& v,
                     const std::function<double(double)>& slope,
                     const std::vector<double>& kinks) const;

 private:
  friend Distribution solve_distribution(const models::NoisyChain&, const Vector&, const Solution&,
                                         const DistributionOptions&);
  double inside(double y) const;  // F between the ends
  double below(double y) const;   // P(state < y)

  std::vector<double> edges_;  // of the panels; two equal ones for a law without width
  Matrix coefficients_;        // Chebyshev, (p, panels)
};

/// @param[in] solution  Of the same chain and input: gives the interval and the check of the mean.
/// @throws std::invalid_argument as solve_stationary, or if the solution has no law.
Distribution solve_distribution(const models::NoisyChain& chain, const Vector& input,
                                const Solution& solution, const DistributionOptions& options = {});

}  // namespace stillpoint::transfer_operator
