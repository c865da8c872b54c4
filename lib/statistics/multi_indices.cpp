// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/statistics/multi_indices.hpp"

#include <algorithm>
#include <numeric>

#include "lib/core/require.hpp"

namespace stillpoint::statistics {
namespace {

/// Appends every α with the first `fixed` entries given and the rest adding up to `left`.
void append(MultiIndex& alpha, std::size_t fixed, int left, std::vector<MultiIndex>& all) {
  if (fixed + 1 == alpha.size()) {
    alpha[fixed] = left;
    all.push_back(alpha);
    return;
  }
  for (int first = left; first >= 0; --first) {
    alpha[fixed] = first;
    append(alpha, fixed + 1, left - first, all);
  }
}

}  // namespace

Index order(const MultiIndex& alpha) { return std::accumulate(alpha.begin(), alpha.end(), 0); }

double factorial(const MultiIndex& alpha) {
  double product = 1.0;
  for (const int exponent : alpha)
    for (int k = 2; k <= exponent; ++k) product *= k;
  return product;
}

MultiIndices::MultiIndices(Index variables, Index degree) : variables_(variables), degree_(degree) {
  constexpr std::string_view where = "statistics::MultiIndices";
  require(variables >= 1, where, "variables = ", variables, ", expected >= 1");
  require(degree >= 0, where, "degree = ", degree, ", expected >= 0");
  constexpr double most = 20000.0;
  double count = 1.0;  // C(variables + degree, degree)
  for (Index k = 1; k <= degree; ++k)
    count *= static_cast<double>(variables + k) / static_cast<double>(k);
  require(count <= most, where, variables, " variables to degree ", degree, " have ", count,
          " monomials, expected at most ", most, "; take a lower order");
  MultiIndex alpha(static_cast<std::size_t>(variables));
  for (int total = 0; total <= degree; ++total) {
    append(alpha, 0, total, indices_);
    ends_.push_back(static_cast<Index>(indices_.size()));
  }
  for (const MultiIndex& index : indices_) {
    positions_.emplace(index, static_cast<Index>(positions_.size()));
    factorials_.push_back(statistics::factorial(index));
  }
  for (const MultiIndex& index : indices_) parts_.push_back(parts_of(index));
}

std::vector<MultiIndices::Parts> MultiIndices::parts_of(const MultiIndex& alpha) const {
  std::vector<Parts> parts;
  MultiIndex part(alpha.size(), 0), rest = alpha;
  while (true) {  // counts through all part ≤ alpha like an odometer
    parts.push_back({find(part), find(rest)});
    std::size_t i = 0;
    while (i < alpha.size() && part[i] == alpha[i]) {
      part[i] = 0;
      rest[i] = alpha[i];
      ++i;
    }
    if (i == alpha.size()) break;
    ++part[i];
    --rest[i];
  }
  std::sort(parts.begin(), parts.end(),
            [](const Parts& a, const Parts& b) { return a.part < b.part; });
  return parts;
}

Index MultiIndices::find(const MultiIndex& alpha) const {
  const auto found = positions_.find(alpha);
  return found == positions_.end() ? -1 : found->second;
}

}  // namespace stillpoint::statistics
