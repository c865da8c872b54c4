// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/certification/list.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "lib/core/require.hpp"
#include "solvers/certification/certify.hpp"
#include "solvers/fixed_points/state_index.hpp"

namespace stillpoint::certification {
namespace {

bool is_piecewise_linear(const activations::Activation& f) {
  return std::holds_alternative<activations::Identity>(f) ||
         std::holds_alternative<activations::Relu>(f) ||
         std::holds_alternative<activations::LeakyRelu>(f) ||
         std::holds_alternative<activations::SaturatingLinear>(f);
}

bool jumps(const activations::Activation& f) {
  return std::holds_alternative<activations::Heaviside>(f);
}

bool is_bounded(const activations::Activation& f) {
  const auto range = activations::range(f);
  return std::isfinite(range.lower) && std::isfinite(range.upper);
}

ListedPoint unproved(fixed_points::FixedPoint point) {
  return {.point = std::move(point), .radius = std::numeric_limits<double>::quiet_NaN()};
}

/// What a certificate says goes over what floating point made of the point.
ListedPoint proved(fixed_points::FixedPoint point, const Certificate& certificate) {
  if (!certificate.report.ok()) return unproved(std::move(point));
  point.index = certificate.index;
  if (certificate.unstable_directions) {
    point.unstable_directions = *certificate.unstable_directions;
    point.stability = stability(certificate);
  }
  return {.point = std::move(point), .proof = Proof::interval, .radius = certificate.radius};
}

Vector middle(const intervals::IntervalVector& box) {
  Vector middle(box.size());
  for (Index i = 0; i < box.size(); ++i) middle(i) = intervals::midpoint(box(i));
  return middle;
}

class Lister {
 public:
  Lister(const models::NoisyChain& chain, const Vector& input, const Matrix& given,
         const ListOptions& options)
      : chain_(chain), input_(input), given_(given), options_(options) {}

  List enumerated() {
    const auto found =
        piecewise_linear::enumerate(chain_, input_, {.max_seconds = options_.max_seconds});
    List list;
    for (const piecewise_linear::PiecewisePoint& exact : found.points)
      list.points.push_back({.point = exact.point,
                             .proof = Proof::exact,
                             .radius = exact.point.error,
                             .on_kink = exact.on_kink});
    list.sets = found.sets;
    list.complete = found.effort.open_branches == 0;
    list.completeness = found.completeness;
    list.expected_index_sum = found.indices_known ? found.expected_index_sum : std::nullopt;
    list.report = found.report;
    if (!list.complete) add_multistart(list);
    return list;
  }

  List searched() {
    const auto found = certify_all(chain_, input_, {.threads = options_.threads});
    const fixed_points::Map map = fixed_points::chain_map(chain_, input_);
    List list;
    for (const Certificate& certificate : found.points) {
      fixed_points::FixedPoint point = fixed_points::describe(map, middle(certificate.state));
      point.argument = middle(certificate.argument);
      list.points.push_back(proved(std::move(point), certificate));
    }
    list.complete = found.complete();
    list.completeness = found.completeness;
    list.report = found.report;
    if (list.complete && is_bounded(chain_.activation())) list.expected_index_sum = 1;
    if (!list.complete) add_multistart(list);
    return list;
  }

  List multistart() {
    List list;
    add_multistart(list);
    return list;
  }

 private:
  void add_multistart(List& list) {
    const auto found = fixed_points::find(chain_, input_, {}, given_,
                                          {.starts = options_.starts, .threads = options_.threads});
    std::vector<Certificate> certificates;
    if (!is_piecewise_linear(chain_.activation()) && !jumps(chain_.activation()))
      certificates = certify(chain_, input_, found.points, {.threads = options_.threads});
    constexpr double same = 1e-7;
    std::vector<Vector> states;
    for (const ListedPoint& listed : list.points) states.push_back(listed.point.state);
    const fixed_points::StateIndex listed_before(std::move(states));
    for (std::size_t k = 0; k < found.points.size(); ++k) {
      const Vector& state = found.points[k].state;
      if (listed_before.holds(state, same * std::max(1.0, state.lpNorm<Eigen::Infinity>())))
        continue;
      list.points.push_back(certificates.empty() ? unproved(found.points[k])
                                                 : proved(found.points[k], certificates[k]));
    }
    const auto proved_points =
        std::count_if(list.points.begin(), list.points.end(),
                      [](const ListedPoint& listed) { return listed.proof != Proof::none; });
    if (!list.completeness.empty())
      list.completeness = "the complete search stopped short (" + list.completeness +
                          "), so a multistart was added: ";
    list.completeness += found.completeness +
                         "; proved to exist: " + std::to_string(proved_points) + " of the " +
                         std::to_string(list.points.size()) + " listed";
    if (list.report.ok()) list.report = found.report;
  }

  const models::NoisyChain& chain_;
  const Vector& input_;
  const Matrix& given_;
  const ListOptions& options_;
};

}  // namespace

std::string_view to_string(Proof proof) {
  switch (proof) {
    case Proof::exact:
      return "exact";
    case Proof::interval:
      return "interval";
    case Proof::none:
      break;
  }
  return "none";
}

int List::index_sum() const {
  int sum = 0;
  for (const ListedPoint& listed : points) sum += listed.point.index;
  return sum;
}

List list_fixed_points(const models::NoisyChain& chain, const Vector& input, const Matrix& given,
                       const ListOptions& options) {
  require(options.certify_units >= 0, "list_fixed_points",
          "certify_units = ", options.certify_units, ", expected >= 0");
  const auto& f = chain.activation();
  Lister lister(chain, input, given, options);
  const bool searchable = chain.units() <= options.certify_units && !is_piecewise_linear(f) &&
                          !jumps(f) && box_of_all(chain, input).has_value();
  List list = is_piecewise_linear(f) ? lister.enumerated()
              : searchable           ? lister.searched()
                                     : lister.multistart();
  std::stable_sort(list.points.begin(), list.points.end(), [](const auto& a, const auto& b) {
    if (a.point.unstable_directions != b.point.unstable_directions)
      return a.point.unstable_directions < b.point.unstable_directions;
    return std::lexicographical_compare(a.point.state.begin(), a.point.state.end(),
                                        b.point.state.begin(), b.point.state.end());
  });
  return list;
}

}  // namespace stillpoint::certification
