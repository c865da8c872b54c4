// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ensemble/multilevel.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "lib/core/parallel.hpp"
#include "lib/core/require.hpp"
#include "lib/statistics/regression.hpp"

namespace stillpoint::ensemble {
namespace {

constexpr std::string_view where = "multilevel";
constexpr Index chunk = 256;  // samples a call, so that results do not depend on threads

/// Count, mean and sum of squared deviations; merged by the rule of Chan, Golub & LeVeque (1983).
struct Moments {
  Index count = 0;
  double mean = 0.0;
  double squares = 0.0;

  explicit Moments(const Vector& values)
      : count(values.size()),
        mean(values.mean()),
        squares((values.array() - mean).square().sum()) {}
  Moments() = default;

  Moments& operator+=(const Moments& other) {
    if (other.count == 0) return *this;
    const double n = static_cast<double>(count), m = static_cast<double>(other.count);
    const double difference = other.mean - mean;
    mean += difference * m / (n + m);
    squares += other.squares + difference * difference * n * m / (n + m);
    count += other.count;
    return *this;
  }
  double variance() const { return count > 1 ? squares / static_cast<double>(count - 1) : 0.0; }
};

class Run {
 public:
  Run(const LevelSampler& sample, const std::function<double(Index)>& cost,
      const MultilevelOptions& options)
      : sample_(sample), cost_(cost), options_(options) {
    for (Index level = 0; level <= 2; ++level) add_level();
  }

  MultilevelEstimate solve() {
    for (;;) {
      while (draw_what_is_missing()) {
      }
      if (!finite()) return answer(Status::non_finite_state, "a sample is not a finite number");
      if (bias() <= options_.bias_share * options_.standard_error) return answer({}, "");
      if (top() == options_.max_level)
        return answer(
            Status::step_limit,
            "the finest level allowed leaves a bias above what was asked; raise max_level "
            "or start from a finer level 0");
      add_level();
    }
  }

 private:
  Index top() const { return static_cast<Index>(moments_.size()) - 1; }

  void add_level() {
    const Index level = static_cast<Index>(moments_.size());
    const double cost = cost_(level);
    require(cost > 0.0 && std::isfinite(cost), where, "cost of level ", level, " = ", cost,
            ", expected > 0");
    moments_.emplace_back();
    costs_.push_back(cost);
    draw(level, options_.pilot);
  }

  void draw(Index level, Index samples) {
    const Index first = moments_[level].count, chunks = (samples + chunk - 1) / chunk;
    std::vector<Moments> parts(chunks);
    parallel_for(chunks, options_.threads, [&](Index k) {
      Vector difference(std::min(chunk, samples - k * chunk));
      sample_(level, first + k * chunk, difference);
      parts[k] = Moments(difference);
    });
    for (const Moments& part : parts) moments_[level] += part;
  }

  bool finite() const {
    return std::all_of(moments_.begin(), moments_.end(),
                       [](const Moments& m) { return std::isfinite(m.squares); });
  }

  /// V_l. Few samples of a fine level can miss its rare large differences: never less than half of
  /// what the level below and the order predict.
  std::vector<double> variances() const {
    std::vector<double> result;
    const double order = variance_order();
    for (const Moments& m : moments_) {
      double variance = m.variance();
      if (result.size() > 1) variance = std::max(variance, 0.5 * result.back() * std::exp2(-order));
      result.push_back(variance);
    }
    return result;
  }

  /// N_l = √(V_l/C_l) Σ √(V_k C_k)/ε².
  bool draw_what_is_missing() {
    const std::vector<double> V = variances();
    double sum = 0.0;
    for (std::size_t l = 0; l < V.size(); ++l) sum += std::sqrt(V[l] * costs_[l]);
    if (!std::isfinite(sum)) return false;
    bool drawn = false;
    for (Index l = 0; l <= top(); ++l) {
      const double wanted = std::ceil(std::sqrt(V[l] / costs_[l]) * sum /
                                      (options_.standard_error * options_.standard_error));
      const Index missing = static_cast<Index>(std::min(wanted, 1e15)) - moments_[l].count;
      // The last per cent is not worth another round.
      if (missing <= moments_[l].count / 100) continue;
      draw(l, missing);
      drawn = true;
    }
    return drawn;
  }

  /// Slope of −log₂ value(l) over the levels 1 … L; 0 if it cannot be had.
  template <typename Value>
  double order(const Value& value) const {
    Vector steps(top()), values(top());
    for (Index l = 1; l <= top(); ++l) {
      steps(l - 1) = std::exp2(-static_cast<double>(l));
      values(l - 1) = value(moments_[l]);
    }
    const double order = statistics::observed_order(steps, values);
    return std::isfinite(order) ? order : 0.0;
  }
  double weak_order() const {
    return order([](const Moments& m) { return std::abs(m.mean); });
  }
  double variance_order() const {
    return std::max(order([](const Moments& m) { return m.variance(); }), 0.5);
  }

  /// |E P_L − lim E P_l| ≈ max_k |E(P_{L−k} − P_{L−k−1})| 2^{−αk}/(2^α − 1), k = 0, 1, 2.
  double bias() const {
    const double alpha = std::max(weak_order(), 0.5);
    double worst = 0.0;
    for (Index k = 0; k <= std::min<Index>(2, top() - 1); ++k) {
      const Moments& m = moments_[top() - k];
      worst = std::max(worst, std::abs(m.mean) * std::exp2(-alpha * static_cast<double>(k)));
    }
    return worst / (std::exp2(alpha) - 1.0);
  }

  MultilevelEstimate answer(Status status, const char* message) const {
    MultilevelEstimate result{
        .estimate = {0.0, 0.0},
        .bias = bias(),
        .weak_order = weak_order(),
        .variance_order = order([](const Moments& m) { return m.variance(); })};
    double square = 0.0;
    for (std::size_t l = 0; l < moments_.size(); ++l) {
      const Moments& m = moments_[l];
      result.levels.push_back({m.count, m.mean, m.variance(), costs_[l]});
      result.estimate.value += m.mean;
      square += m.variance() / static_cast<double>(m.count);
      result.cost += static_cast<double>(m.count) * costs_[l];
      result.report.evaluations += m.count;
    }
    result.estimate.standard_error = std::sqrt(square);
    result.report.status = status;
    result.report.message = message;
    result.report.residual = result.bias;
    return result;
  }

  const LevelSampler& sample_;
  const std::function<double(Index)>& cost_;
  const MultilevelOptions& options_;
  std::vector<Moments> moments_;
  std::vector<double> costs_;
};

}  // namespace

MultilevelEstimate multilevel(const LevelSampler& sample, const std::function<double(Index)>& cost,
                              const MultilevelOptions& options) {
  require(options.standard_error > 0.0 && std::isfinite(options.standard_error), where,
          "standard_error = ", options.standard_error, ", expected > 0");
  require(options.bias_share > 0.0, where, "bias_share = ", options.bias_share, ", expected > 0");
  require(options.pilot >= 32, where, "pilot = ", options.pilot, ", expected >= 32");
  require(options.max_level >= 2, where, "max_level = ", options.max_level, ", expected >= 2");
  return Run(sample, cost, options).solve();
}

}  // namespace stillpoint::ensemble
