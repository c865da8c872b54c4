// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/transfer_operator/distribution.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <limits>
#include <sstream>

#include "lib/core/require.hpp"
#include "solvers/transfer_operator/gaussian_rule.hpp"
#include "solvers/transfer_operator/panel_grid.hpp"
#include "solvers/transfer_operator/scalar_chain.hpp"

namespace stillpoint::transfer_operator {
namespace {

/// Root of a function that changes sign between a and b.
template <typename Function>
double root(const Function& function, double a, double at_a, double b, double at_b) {
  if (at_a == 0.0) return a;
  if (at_b == 0.0) return b;
  std::uintmax_t evaluations = 60;
  const auto [left, right] = boost::math::tools::toms748_solve(
      function, a, b, at_a, at_b, boost::math::tools::eps_tolerance<double>(46), evaluations);
  return 0.5 * (left + right);
}

/// The map x → λx + d + G f(βx + c + sz) of a step with its inner noise given, cut where it turns
/// or has a kink: there the argument of f has values that do not depend on z.
class StepMap {
 public:
  StepMap(const ScalarChain& chain, double lower, double upper)
      : chain_(chain), lower_(lower), upper_(upper), special_arguments_(chain.kinks) {
    add_turning_arguments();
  }

  double operator()(double x, double z) const { return chain_.next(x, z, 0.0); }

  /// Ends of the monotone pieces of the map at z, lower and upper included, ascending.
  void pieces(double z, std::vector<double>& ends) const {
    ends.assign({lower_, upper_});
    if (chain_.argument_weight == 0.0) return;
    for (const double argument : special_arguments_) {
      const double x =
          (argument - chain_.argument_offset - chain_.argument_sd * z) / chain_.argument_weight;
      if (x > lower_ && x < upper_) ends.push_back(x);
    }
    std::sort(ends.begin(), ends.end());
  }

  /// Noises z at which a special point of the map is sent to y: breaks of the integrand.
  void breaks_inside(double y, std::vector<double>& breaks) const {
    breaks.clear();
    for (const double end : {lower_, upper_}) {
      const auto off = [&](double z) { return (*this)(end, z) - y; };
      const double at_low = off(-10.0), at_high = off(10.0);
      if ((at_low < 0.0) != (at_high < 0.0))
        add_graded(root(off, -10.0, at_low, 10.0, at_high), breaks);
    }
    if (chain_.retention <= 0.0) return;
    for (const double argument : special_arguments_) {
      const double x = (y - chain_.state_offset -
                        chain_.gain * activations::value(chain_.activation, argument)) /
                       chain_.retention;
      add_graded((argument - chain_.argument(x)) / chain_.argument_sd, breaks);
    }
  }
  /// The same for the outer noise when the inner one is z.
  void breaks_outside(double y, double z, std::vector<double>& breaks) const {
    breaks.clear();
    std::vector<double> ends;
    pieces(z, ends);
    for (const double x : ends) add_graded((y - (*this)(x, z)) / chain_.state_sd, breaks);
  }

 private:
  /// A square-root (at a turn) or power-law (at an end of the support) integrand needs pieces that
  /// shrink towards the break.
  static void add_graded(double z, std::vector<double>& breaks) {
    breaks.push_back(z);
    for (double distance = 0.5; distance > 1e-7; distance *= 0.1) {
      breaks.push_back(z - distance);
      breaks.push_back(z + distance);
    }
  }

  void add_turning_arguments() {
    const double weight = chain_.gain * chain_.argument_weight;
    if (weight == 0.0) return;
    const auto slope = [&](double a) {
      return chain_.retention + weight * activations::derivative(chain_.activation, 1, a);
    };
    const double reach = 10.0 * chain_.argument_sd;
    const double one = chain_.argument(lower_), other = chain_.argument(upper_);
    const double first = std::min(one, other) - reach, last = std::max(one, other) + reach;
    constexpr int samples = 400;
    double a = first, at_a = slope(a);
    for (int k = 1; k <= samples; ++k) {
      const double b = first + (last - first) * k / samples, at_b = slope(b);
      if ((at_a < 0.0) != (at_b < 0.0)) special_arguments_.push_back(root(slope, a, at_a, b, at_b));
      a = b;
      at_a = at_b;
    }
  }

  const ScalarChain& chain_;
  double lower_, upper_;
  std::vector<double> special_arguments_;
};

/// The linear equation F = T F + b on a grid: column i of `columns` becomes row i of T.
class ForwardEquation {
 public:
  ForwardEquation(const ScalarChain& chain, const PanelGrid<double>& grid)
      : chain_(chain), grid_(grid), map_(chain, grid.lower(), grid.upper()), rule_(1.0) {
    const Index n = grid.size();
    const Vector nodes = grid.nodes();
    columns_ = Matrix::Zero(n, n);
    constant_ = Vector::Zero(n);
    for (Index i = 0; i < n; ++i) {
      column_ = columns_.data() + i * n;
      certain_ = 0.0;
      add_row(nodes(i));
      constant_(i) = certain_;
    }
    grid.to_nodal_functionals(columns_);
  }

  Vector solve() const {
    const Index n = columns_.rows();
    const Matrix system = Matrix::Identity(n, n) - columns_.transpose();
    return system.partialPivLu().solve(constant_);
  }

 private:
  void add_row(double y) {
    if (!chain_.noise_outside()) {
      map_.breaks_inside(y, breaks_);
      rule_.split_at(breaks_);
      for (std::size_t q = 0; q < rule_.nodes.size(); ++q)
        add_measure(y, rule_.nodes[q], rule_.weights[q]);
    } else if (!chain_.noise_inside()) {
      add_outside(y, 0.0, 1.0);
    } else {
      // What the outer noise has smoothed, trapezoids integrate with exponential convergence.
      constexpr double step = 0.5;
      constexpr int reach = 18;
      for (int k = -reach; k <= reach; ++k) {
        const double z = step * k;
        add_outside(y, z, step / std::sqrt(2.0 * std::numbers::pi) * std::exp(-0.5 * z * z));
      }
    }
  }

  void add_outside(double y, double z, double weight) {
    map_.breaks_outside(y, z, breaks_);
    rule_.split_at(breaks_);
    for (std::size_t q = 0; q < rule_.nodes.size(); ++q) {
      add_measure(y - chain_.state_sd * rule_.nodes[q], z, weight * rule_.weights[q]);
    }
  }

  /// Adds weight · P(M_z(x) ≤ target), x ~ F: F at the ends of the intervals where that is so.
  void add_measure(double target, double z, double weight) {
    map_.pieces(z, ends_);
    double left = ends_.front(), at_left = map_(left, z) - target;
    for (std::size_t k = 1; k < ends_.size(); ++k) {
      const double right = ends_[k], at_right = map_(right, z) - target;
      if ((at_left <= 0.0) != (at_right <= 0.0)) {
        const double x =
            root([&](double s) { return map_(s, z) - target; }, left, at_left, right, at_right);
        grid_.add_point(x, at_left <= 0.0 ? weight : -weight, column_);
      }
      left = right;
      at_left = at_right;
    }
    if (at_left <= 0.0) certain_ += weight;
  }

  const ScalarChain& chain_;
  const PanelGrid<double>& grid_;
  StepMap map_;
  GaussianRule<double> rule_;
  std::vector<double> breaks_, ends_;
  Matrix columns_;
  Vector constant_;
  double* column_ = nullptr;
  double certain_ = 0.0;  // b of the row at work
};

/// Where an outer flat piece of f, with no noise passing, lets the state come to rest: the law may
/// be singular there.
std::vector<double> resting_states(const ScalarChain& chain) {
  std::vector<double> states;
  if (chain.kinks.empty() || chain.noise_outside()) return states;
  const auto [low, high] = std::minmax_element(chain.kinks.begin(), chain.kinks.end());
  for (const auto& [kink, beyond] : {std::pair{*low, *low - 1.0}, std::pair{*high, *high + 1.0}}) {
    const double value = activations::value(chain.activation, beyond);
    if (value == activations::value(chain.activation, beyond + 0.5 * (beyond - kink))) {
      states.push_back((chain.state_offset + chain.gain * value) / (1.0 - chain.retention));
    }
  }
  return states;
}

std::vector<double> first_edges(const ScalarChain& chain, double lower, double upper) {
  constexpr int uniform_panels = 16, graded_panels = 20;
  const double width = upper - lower;
  std::vector<double> edges{lower, upper};
  for (int k = 1; k < uniform_panels; ++k) edges.push_back(lower + width * k / uniform_panels);
  for (const double state : resting_states(chain)) {
    double distance = width / uniform_panels;
    edges.push_back(state);
    for (int k = 0; k < graded_panels; ++k, distance *= 0.25) {
      edges.push_back(state - distance);
      edges.push_back(state + distance);
    }
  }
  std::erase_if(edges, [&](double e) { return e < lower || e > upper; });
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end(),
                          [&](double a, double b) { return b - a < 1e-14 * width; }),
              edges.end());
  edges.back() = upper;
  return edges;
}

/// Σ c_k T_k(t) and its derivative by t.
std::pair<double, double> series(const auto& coefficients, double t) {
  double value = coefficients(0), slope = 0.0;
  double previous = 1.0, current = t, previous_slope = 0.0, current_slope = 1.0;
  for (Index k = 1; k < coefficients.size(); ++k) {
    value += coefficients(k) * current;
    slope += coefficients(k) * current_slope;
    const double next = 2.0 * t * current - previous;
    const double next_slope = 2.0 * current + 2.0 * t * current_slope - previous_slope;
    previous = current;
    current = next;
    previous_slope = current_slope;
    current_slope = next_slope;
  }
  return {value, slope};
}

struct Place {
  Index panel;
  double t;           // in [−1, 1]
  double half_width;  // of the panel
};

Place locate(const std::vector<double>& edges, double y) {
  const auto above = std::upper_bound(edges.begin() + 1, edges.end() - 1, y);
  const double left = *(above - 1), right = *above, half = 0.5 * (right - left);
  return {above - edges.begin() - 1, std::clamp((y - left) / half - 1.0, -1.0, 1.0), half};
}

}  // namespace

double Distribution::inside(double y) const {
  const auto place = locate(edges_, y);
  return std::clamp(series(coefficients_.col(place.panel), place.t).first, 0.0, 1.0);
}

double Distribution::cumulative(double y) const {
  return y < lower() ? 0.0 : y >= upper() ? 1.0 : inside(y);
}

double Distribution::below(double y) const {
  return y <= lower() ? 0.0 : y > upper() ? 1.0 : inside(y);
}

double Distribution::density(double y) const {
  if (y <= lower() || y >= upper()) return 0.0;
  const auto place = locate(edges_, y);
  return std::max(0.0, series(coefficients_.col(place.panel), place.t).second / place.half_width);
}

Vector Distribution::bin_probabilities(const std::vector<double>& edges) const {
  require(edges.size() >= 2 && std::is_sorted(edges.begin(), edges.end()), "bin_probabilities",
          edges.size(), " edges, expected at least 2 that increase");
  const auto bins = static_cast<Index>(edges.size()) - 1;
  Vector probabilities(bins);
  for (Index k = 0; k < bins; ++k) {
    const double end = k + 1 == bins ? cumulative(edges[k + 1]) : below(edges[k + 1]);
    probabilities(k) = std::max(0.0, end - below(edges[k]));
  }
  return probabilities;
}

double Distribution::expectation(const std::function<double(double)>& v,
                                 const std::function<double(double)>& slope,
                                 const std::vector<double>& kinks) const {
  double sum = v(upper());
  if (lower() == upper()) return sum;
  std::vector<double> ends = edges_;
  for (const double kink : kinks) {
    if (kink <= lower() || kink >= upper()) continue;
    ends.push_back(kink);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    sum -= (v(std::nextafter(kink, infinity)) - v(std::nextafter(kink, -infinity))) * inside(kink);
  }
  std::sort(ends.begin(), ends.end());
  static const LegendreRule<double> legendre;
  for (std::size_t k = 0; k + 1 < ends.size(); ++k) {
    const double half = 0.5 * (ends[k + 1] - ends[k]), middle = ends[k] + half;
    for (int i = 0; i < LegendreRule<double>::size; ++i) {
      const double y = middle + half * legendre.nodes[i];
      sum -= half * legendre.weights[i] * slope(y) * inside(y);
    }
  }
  return sum;
}

Distribution solve_distribution(const models::NoisyChain& chain, const Vector& input,
                                const Solution& solution, const DistributionOptions& options) {
  const ScalarChain scalar = make_scalar_chain(chain, input);
  require(solution.nodes.size() > 0, "solve_distribution",
          "the solution has no law: ", solution.report.message);
  Distribution law;
  if (!(solution.variance > 0.0)) {
    law.edges_ = {solution.mean, solution.mean};
    return law;
  }
  std::vector<double> edges = first_edges(scalar, solution.edges.front(), solution.edges.back());
  const Index p = options.nodes_per_panel;
  constexpr int max_stages = 14;
  double unresolved = 0.0;
  for (int stage = 0; stage < max_stages; ++stage) {
    const PanelGrid<double> grid(edges, p);
    if (grid.size() > options.max_nodes && stage > 0) break;
    const Vector values = ForwardEquation(scalar, grid).solve();
    if (!values.allFinite()) {
      law.report =
          Report::failure(Status::non_finite_state, "the distribution function is not finite");
      return law;
    }
    law.edges_ = edges;
    law.coefficients_ =
        grid.to_coefficients() * Eigen::Map<const Matrix>(values.data(), p, grid.panels());
    law.report.iterations = stage + 1;
    law.report.evaluations = grid.size();
    std::vector<double> next{edges.front()};
    unresolved = 0.0;
    for (Index k = 0; k < grid.panels(); ++k) {
      const double tail = law.coefficients_.col(k).tail(2).cwiseAbs().maxCoeff();
      const double width = edges[k + 1] - edges[k];
      // A panel at the rounding of the interval next to an atom or a singular end stays as it is.
      if (width > 1e-11 * (edges.back() - edges.front())) {
        unresolved = std::max(unresolved, tail);
        if (tail > options.tolerance) next.push_back(edges[k] + 0.5 * width);
      }
      next.push_back(edges[k + 1]);
    }
    if (next.size() == edges.size()) break;
    edges = next;
  }
  const double mean = law.expectation([](double y) { return y; }, [](double) { return 1.0; }, {});
  law.report.residual = std::abs(mean - solution.mean) / std::sqrt(solution.variance);
  if (unresolved > 100.0 * options.tolerance || !(law.report.residual < 1e4 * options.tolerance)) {
    std::ostringstream text;
    text.precision(3);
    text << "the distribution function is resolved to " << unresolved << ", its mean agrees to "
         << law.report.residual << " standard deviations";
    law.report.status = Status::no_convergence;
    law.report.message = text.str();
  }
  return law;
}

}  // namespace stillpoint::transfer_operator
