// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/line.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>
#include <vector>

#include "lib/core/require.hpp"
#include "solvers/transfer_operator/gaussian_rule.hpp"

namespace stillpoint::fokker_planck {
namespace {

using Rule = transfer_operator::LegendreRule<double>;
constexpr Index order = Rule::size;

/// Nodes and weights on [−1, 1], and primitive(i, j) = ∫_{−1}^{x_i} ℓ_j of the Lagrange basis.
struct Element {
  Rule rule;
  Matrix primitive;

  Element() : primitive(order, order) {
    // ℓ_j = Σ_k (2k+1)/2 w_j P_k(x_j) P_k;  ∫_{−1}^x P_k = (P_{k+1} − P_{k−1})/(2k+1), k ≥ 1.
    const auto legendre = [](double x) {
      Vector P(order + 1);
      P(0) = 1.0;
      P(1) = x;
      for (Index k = 2; k <= order; ++k) {
        const double n = static_cast<double>(k);
        P(k) = ((2.0 * n - 1.0) * x * P(k - 1) - (n - 1.0) * P(k - 2)) / n;
      }
      return P;
    };
    for (Index i = 0; i < order; ++i) {
      const Vector at_end = legendre(rule.nodes[i]);
      for (Index j = 0; j < order; ++j) {
        const Vector at_node = legendre(rule.nodes[j]);
        double sum = 0.5 * (rule.nodes[i] + 1.0);
        for (Index k = 1; k < order; ++k) sum += 0.5 * at_node(k) * (at_end(k + 1) - at_end(k - 1));
        primitive(i, j) = rule.weights[j] * sum;
      }
    }
  }
};

/// Panels between given edges (ascending or descending), functions at their nodes in that order.
class Panels {
 public:
  /// Cuts every stretch between two edges into `count` panels.
  Panels(const std::vector<double>& edges, Index count)
      : panels(static_cast<Index>(edges.size() - 1) * count) {
    nodes.resize(panels * order);
    half.resize(panels);
    for (Index panel = 0; panel < panels; ++panel) {
      const auto stretch = static_cast<std::size_t>(panel / count);
      const double width = (edges[stretch + 1] - edges[stretch]) / static_cast<double>(count);
      const double first = edges[stretch] + width * static_cast<double>(panel % count);
      half(panel) = 0.5 * width;
      for (Index i = 0; i < order; ++i)
        nodes(panel * order + i) = first + half(panel) * (1.0 + element().rule.nodes[i]);
    }
  }

  auto of(const Vector& f, Index panel) const { return f.segment(panel * order, order); }
  /// ∫ over one panel, and from its beginning to its nodes.
  double integral(const Eigen::Ref<const Vector>& values, Index panel) const {
    const Eigen::Map<const Vector> weights(element().rule.weights, order);
    return half(panel) * weights.dot(values);
  }
  Vector primitive(const Eigen::Ref<const Vector>& values, Index panel) const {
    return half(panel) * (element().primitive * values);
  }
  double integral(const Vector& f) const {
    double sum = 0.0;
    for (Index panel = 0; panel < panels; ++panel) sum += integral(of(f, panel), panel);
    return sum;
  }
  /// ∫ from the first edge to every node; `ends` holds it at the end of every panel.
  Vector primitive(const Vector& f, Vector& ends) const {
    Vector result(f.size());
    ends.resize(panels);
    double before = 0.0;
    for (Index panel = 0; panel < panels; ++panel) {
      result.segment(panel * order, order) =
          (primitive(of(f, panel), panel).array() + before).matrix();
      before += integral(of(f, panel), panel);
      ends(panel) = before;
    }
    return result;
  }

  Index panels;
  Vector nodes, half;

 private:
  static const Element& element() {
    static const Element element;
    return element;
  }
};

/// Φ = −∫ A/D from the first edge, at the nodes and at the end of every panel, and D at the nodes.
struct Potential {
  Vector phi, ends, diffusion;
  bool finite;

  Potential(const Coefficients& coefficients, const Panels& panels) {
    const Index n = panels.nodes.size();
    diffusion.resize(n);
    Vector slope(n), x(1), drift(1);
    Matrix tensor(1, 1);
    for (Index k = 0; k < n; ++k) {
      x(0) = panels.nodes(k);
      coefficients.drift(x, drift);
      coefficients.tensor(x, tensor);
      diffusion(k) = tensor(0, 0);
      slope(k) = -drift(0) / tensor(0, 0);
    }
    finite = slope.allFinite() && (diffusion.array() > 0.0).all();
    if (finite) phi = panels.primitive(slope, ends);
  }
};

/// From `first` to `last` by way of the breaks that lie between, in that order.
std::vector<double> with_breaks(double first, double last, const std::vector<double>& breaks) {
  std::vector<double> edges = {first};
  std::vector<double> inner;
  for (const double x : breaks)
    if ((x - first) * (last - x) > 0.0) inner.push_back(x);
  std::sort(inner.begin(), inner.end());
  if (last < first) std::reverse(inner.begin(), inner.end());
  edges.insert(edges.end(), inner.begin(), inner.end());
  edges.push_back(last);
  return edges;
}

constexpr const char* broken =
    "the drift is not finite or the diffusion not positive at a point of the interval";

/// Doubles the panels until `distance` between successive answers is below the tolerance.
template <typename Answer, typename Compute, typename Distance>
Answer refine(const LineOptions& options, Compute&& compute, Distance&& distance) {
  require(options.tolerance > 0.0 && options.max_panels >= 16, "fokker_planck::line",
          "tolerance = ", options.tolerance, ", max_panels = ", options.max_panels,
          ", expected > 0 and >= 16");
  Answer before = compute(8);
  for (Index panels = 16;; panels *= 2) {
    Answer answer = compute(panels);
    if (!answer.report.ok()) return answer;
    answer.report.iterations = panels;
    answer.report.residual = distance(before, answer);
    if (answer.report.residual <= options.tolerance) return answer;
    if (2 * panels > options.max_panels) {
      std::ostringstream text;
      text << "still changes by " << answer.report.residual << " with " << panels
           << " panels, expected " << options.tolerance;
      answer.report.status = Status::no_convergence;
      answer.report.message = text.str();
      return answer;
    }
    before = std::move(answer);
  }
}

double relative(double a, double b) { return a == b ? 0.0 : std::abs(a - b) / std::abs(b); }

}  // namespace

LineLaw stationary_on_line(const Coefficients& coefficients, double lower, double upper,
                           const LineOptions& options) {
  constexpr auto where = "stationary_on_line";
  require(coefficients.dimension == 1, where, "dimension = ", coefficients.dimension,
          ", expected 1");
  require(lower < upper && std::isfinite(upper - lower), where, "interval [", lower, ", ", upper,
          "], expected lower < upper");
  const std::vector<double> edges = with_breaks(lower, upper, options.breaks);
  const auto compute = [&](Index count) {
    LineLaw law;
    const Panels panels(edges, count);
    const Potential potential(coefficients, panels);
    if (!potential.finite) {
      law.report = Report::failure(Status::non_finite_state, broken);
      return law;
    }
    const Vector log = -potential.phi.array() - potential.diffusion.array().log();
    Vector p = (log.array() - log.maxCoeff()).exp();
    law.end_density = std::max(p(0), p(p.size() - 1));
    p /= panels.integral(p);
    law.mean = panels.integral(panels.nodes.cwiseProduct(p));
    const Vector d = panels.nodes.array() - law.mean;
    law.variance = panels.integral(d.cwiseAbs2().cwiseProduct(p));
    law.skewness = panels.integral(d.array().cube() * p.array()) / std::pow(law.variance, 1.5);
    return law;
  };
  return refine<LineLaw>(options, compute, [](const LineLaw& a, const LineLaw& b) {
    return std::max(std::abs(a.mean - b.mean) / std::sqrt(b.variance),
                    relative(a.variance, b.variance));
  });
}

PassageTime first_passage(const Coefficients& coefficients, double start, double absorbing,
                          double far_end, const LineOptions& options) {
  constexpr auto where = "first_passage";
  require(coefficients.dimension == 1, where, "dimension = ", coefficients.dimension,
          ", expected 1");
  require(std::isfinite(absorbing) && std::isfinite(far_end) &&
              (start - absorbing) * (far_end - start) >= 0.0 && absorbing != far_end,
          where, "start = ", start, ", expected between absorbing = ", absorbing,
          " and far_end = ", far_end);
  if (start == absorbing) return {.mean = 0.0, .standard_deviation = 0.0};
  std::vector<double> edges = with_breaks(absorbing, start, options.breaks);
  const auto stretches = static_cast<Index>(edges.size() - 1);  // before the start
  if (start != far_end) {
    const std::vector<double> behind = with_breaks(start, far_end, options.breaks);
    edges.insert(edges.end(), behind.begin() + 1, behind.end());
  }
  const auto compute = [&](Index count) {
    PassageTime time;
    const Panels panels(edges, count);
    const Potential potential(coefficients, panels);
    if (!potential.finite) {
      time.report = Report::failure(Status::non_finite_state, broken);
      return time;
    }
    // τ_k' = G = e^{Φ(y)} ∫_y e^{−Φ} s/D dz, s = k τ_{k−1}: panel by panel from the far end,
    // relative to Φ at the panel's beginning, so that no exponential of the whole barrier appears.
    const auto integrate = [&](const Vector& source, Vector& at_start) {
      Vector G(panels.nodes.size());
      double after = 0.0;  // G at the panel's end
      for (Index panel = panels.panels - 1; panel >= 0; --panel) {
        const double begin = panel == 0 ? 0.0 : potential.ends(panel - 1);
        const Vector rise = panels.of(potential.phi, panel).array() - begin;
        const Vector inner = (-rise).array().exp() * panels.of(source, panel).array() /
                             panels.of(potential.diffusion, panel).array();
        const double whole =
            panels.integral(inner, panel) + std::exp(begin - potential.ends(panel)) * after;
        G.segment(panel * order, order) =
            rise.array().exp() * (whole - panels.primitive(inner, panel).array());
        after = whole;
      }
      return panels.primitive(G, at_start);
    };
    Vector ends;
    const Index last = stretches * count - 1;  // the panel that ends at the start
    const Vector mean = integrate(Vector::Ones(panels.nodes.size()), ends);
    time.mean = ends(last);
    integrate(2.0 * mean, ends);
    time.standard_deviation = std::sqrt(std::max(ends(last) - time.mean * time.mean, 0.0));
    if (!std::isfinite(time.mean))
      time.report = Report::failure(Status::non_finite_state,
                                    "the barrier is too high: the time is beyond the numbers");
    return time;
  };
  return refine<PassageTime>(options, compute, [](const PassageTime& a, const PassageTime& b) {
    return std::max(relative(a.mean, b.mean), relative(a.standard_deviation, b.standard_deviation));
  });
}

}  // namespace stillpoint::fokker_planck
