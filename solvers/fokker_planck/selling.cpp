// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/selling.hpp"

#include <cmath>
#include <cstdlib>
#include <optional>

namespace stillpoint::fokker_planck {
namespace {

using Offset = std::array<int, 3>;

double product(const Offset& a, const SmallTensor& D, const Offset& b) {
  double sum = 0.0;
  for (Index i = 0; i < D.rows(); ++i)
    for (Index j = 0; j < D.rows(); ++j) sum += a[i] * D(i, j) * b[j];
  return sum;
}

/// Adds the direction e with this weight, unless the weight is rounding; false if e is too long.
bool add(DirectionalDiffusion& sum, const Offset& e, double weight, double negligible, int reach) {
  if (weight <= negligible) return true;
  for (const int component : e)
    if (std::abs(component) > reach) return false;
  const auto k = static_cast<std::size_t>(sum.count++);
  for (std::size_t i = 0; i < 3; ++i) sum.offsets[k][i] = static_cast<std::int8_t>(e[i]);
  sum.weights[k] = weight;
  return true;
}

constexpr int max_reductions = 200;

/// Two dimensions: superbase of three vectors; the direction dual to a pair is the third vector
/// turned by a right angle.
std::optional<DirectionalDiffusion> reduce_plane(const SmallTensor& D, int reach) {
  const double negligible = 1e-14 * D.trace();
  std::array<Offset, 3> v = {{{1, 0, 0}, {0, 1, 0}, {-1, -1, 0}}};
  for (int round = 0; round < max_reductions; ++round) {
    bool obtuse = true;
    for (std::size_t k = 0; k < 3 && obtuse; ++k) {
      const Offset a = v[(k + 1) % 3], b = v[(k + 2) % 3];
      if (product(a, D, b) <= negligible) continue;
      obtuse = false;
      v = {{{-a[0], -a[1], 0}, b, {a[0] - b[0], a[1] - b[1], 0}}};
    }
    if (!obtuse) continue;
    DirectionalDiffusion sum;
    for (std::size_t k = 0; k < 3; ++k)
      if (!add(sum, {-v[k][1], v[k][0], 0}, -product(v[(k + 1) % 3], D, v[(k + 2) % 3]), negligible,
               reach))
        return {};
    return sum;
  }
  return {};
}

/// Three dimensions: four vectors; the direction dual to a pair is the cross product of the others.
std::optional<DirectionalDiffusion> reduce_space(const SmallTensor& D, int reach) {
  const double negligible = 1e-14 * D.trace();
  std::array<Offset, 4> v = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {-1, -1, -1}}};
  for (int round = 0; round < max_reductions; ++round) {
    bool obtuse = true;
    for (std::size_t i = 0; i < 4 && obtuse; ++i)
      for (std::size_t j = i + 1; j < 4 && obtuse; ++j) {
        if (product(v[i], D, v[j]) <= negligible) continue;
        obtuse = false;
        for (std::size_t k = 0; k < 4; ++k)
          if (k != i && k != j)
            for (std::size_t c = 0; c < 3; ++c) v[k][c] += v[i][c];
        for (int& component : v[i]) component = -component;
      }
    if (!obtuse) continue;
    DirectionalDiffusion sum;
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t j = i + 1; j < 4; ++j) {
        std::array<std::size_t, 2> others{};
        std::size_t found = 0;
        for (std::size_t k = 0; k < 4; ++k)
          if (k != i && k != j) others[found++] = k;
        const Offset &a = v[others[0]], &b = v[others[1]];
        const Offset e = {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2],
                          a[0] * b[1] - a[1] * b[0]};
        if (!add(sum, e, -product(v[i], D, v[j]), negligible, reach)) return {};
      }
    return sum;
  }
  return {};
}

}  // namespace

DirectionalDiffusion decompose(const SmallTensor& tensor, int reach) {
  const Index n = tensor.rows();
  if (n == 1) {
    DirectionalDiffusion line;
    add(line, {1, 0, 0}, tensor(0, 0), 0.0, reach);
    return line;
  }
  if (tensor.trace() == 0.0) return {};
  double added = 0.0;
  for (int attempt = 0;; ++attempt) {
    SmallTensor rounder = tensor;
    rounder.diagonal().array() += added * tensor.trace() / static_cast<double>(n);
    if (auto sum = n == 2 ? reduce_plane(rounder, reach) : reduce_space(rounder, reach)) {
      sum->added = added;
      return *sum;
    }
    added = std::pow(4.0, attempt) / (reach * reach);
  }
}

}  // namespace stillpoint::fokker_planck
