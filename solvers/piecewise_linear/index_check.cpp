// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/piecewise_linear/index_check.hpp"

#include <cmath>
#include <utility>

namespace stillpoint::piecewise_linear {
namespace {

models::NoisyChain without_drive(const models::NoisyChain& chain) {
  networks::Network network = chain.network();
  network.b.setZero();
  network.W_in.resize(network.units(), 0);
  return {std::move(network), {}};
}

}  // namespace

IndexCheck check_index(const models::NoisyChain& chain, const Enumeration& list,
                       const EnumerateOptions& options) {
  IndexCheck check{.sum = list.index_sum()};
  if (!list.report.ok() && list.effort.open_branches > 0) {
    check.sentence = "the list is not complete, its indices may have any sum";
    return check;
  }
  if (!list.indices_known) {
    check.sentence = "fixed points are not isolated or an index is unknown, a sum has no meaning";
    return check;
  }
  const activations::Range range = activations::range(chain.activation());
  if (std::isfinite(range.lower) && std::isfinite(range.upper)) {
    check.demanded = true;
    check.expected = 1;
    check.sentence = "f is bounded";
  } else {
    const Enumeration origin = enumerate(without_drive(chain), Vector(), options);
    if (origin.effort.open_branches > 0) {
      check.sentence = "the search for solutions of a = W f(a) hit a limit";
    } else if (!origin.sets.empty() || origin.points.size() != 1 || !origin.indices_known) {
      check.sentence = "a = W f(a) has other solutions than 0";
    } else {
      check.demanded = true;
      check.expected = origin.points[0].point.index;
      check.sentence = "a = W f(a) has only the solution 0";
    }
  }
  if (!check.demanded) {
    check.sentence += ": theory demands no sum";
    return check;
  }
  check.holds = check.sum == check.expected;
  check.sentence += ": the indices must add up to " + std::to_string(check.expected) +
                    " for every bias" + (check.holds ? ", and do" : ", but add up to ") +
                    (check.holds ? "" : std::to_string(check.sum));
  return check;
}

}  // namespace stillpoint::piecewise_linear
