// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/interpolation.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace stillpoint::fokker_planck {

Interpolation::Interpolation(const Grid& fine, const Grid& coarse) {
  Index before = 1, after = fine.cells();
  for (Index i = 0; i < fine.dimension(); ++i) {
    const Index many = fine.axis(i).cells, few = coarse.axis(i).cells;
    after /= many;
    if (many != few) {
      Step step{.before = before, .fine = many, .coarse = few, .after = after};
      std::vector<std::vector<std::pair<Index, double>>> reached(static_cast<std::size_t>(few));
      for (Index cell = 0; cell < many; ++cell) {
        const double position = (static_cast<double>(cell) + 0.5) * static_cast<double>(few) /
                                    static_cast<double>(many) -
                                0.5;
        const double below = std::floor(position);
        Index first = static_cast<Index>(below), second = first + 1;
        if (fine.axis(i).periodic()) {
          first = (first + few) % few;
          second = second % few;
        } else {
          first = std::max<Index>(first, 0);
          second = std::min(second, few - 1);
        }
        const double weight = first == second ? 0.0 : position - below;
        step.first.push_back(first);
        step.second.push_back(second);
        step.weight.push_back(weight);
        reached[static_cast<std::size_t>(first)].emplace_back(cell, 1.0 - weight);
        if (weight > 0.0) reached[static_cast<std::size_t>(second)].emplace_back(cell, weight);
      }
      step.starts.push_back(0);
      for (const auto& list : reached) {
        for (const auto& [cell, share] : list) {
          step.cells.push_back(cell);
          step.shares.push_back(share);
        }
        step.starts.push_back(static_cast<Index>(step.cells.size()));
      }
      steps_.push_back(std::move(step));
    }
    before *= few;
  }
  for (std::size_t k = 0; k + 1 < steps_.size(); ++k)
    between_[k].resize(steps_[k].before * steps_[k].coarse * steps_[k].after);
}

template <bool adding>
void Interpolation::interpolate(const Step& step, const double* in, double* out) {
  const auto put = [](double& place, double value) {
    if constexpr (adding)
      place += value;
    else
      place = value;
  };
  for (Index block = 0; block < step.after; ++block) {
    const double* const from = in + block * step.before * step.coarse;
    double* to = out + block * step.before * step.fine;
    for (std::size_t cell = 0; cell < step.weight.size(); ++cell, to += step.before) {
      const double* const a = from + step.before * step.first[cell];
      const double* const b = from + step.before * step.second[cell];
      const double weight = step.weight[cell], rest = 1.0 - weight;
      for (Index k = 0; k < step.before; ++k) put(to[k], rest * a[k] + weight * b[k]);
    }
  }
}

void Interpolation::gather(const Step& step, const double* in, double* out) {
  for (Index block = 0; block < step.after; ++block) {
    const double* const from = in + block * step.before * step.fine;
    double* to = out + block * step.before * step.coarse;
    for (std::size_t cell = 0; cell + 1 < step.starts.size(); ++cell, to += step.before) {
      const auto begin = static_cast<std::size_t>(step.starts[cell]),
                 end = static_cast<std::size_t>(step.starts[cell + 1]);
      if (step.before == 1) {
        double sum = 0.0;
        for (std::size_t entry = begin; entry < end; ++entry)
          sum += step.shares[entry] * from[step.cells[entry]];
        *to = sum;
        continue;
      }
      std::fill(to, to + step.before, 0.0);
      for (std::size_t entry = begin; entry < end; ++entry) {
        const double* const line = from + step.before * step.cells[entry];
        const double share = step.shares[entry];
        for (Index k = 0; k < step.before; ++k) to[k] += share * line[k];
      }
    }
  }
}

void Interpolation::add(const Vector& coarse, Eigen::Ref<Vector> fine) {
  const double* in = coarse.data();
  for (std::size_t k = steps_.size(); k-- > 1; in = between_[k - 1].data())
    interpolate<false>(steps_[k], in, between_[k - 1].data());
  interpolate<true>(steps_[0], in, fine.data());
}

void Interpolation::transpose(const Vector& fine, Vector& coarse) {
  const double* in = fine.data();
  for (std::size_t k = 0; k + 1 < steps_.size(); ++k, in = between_[k - 1].data())
    gather(steps_[k], in, between_[k].data());
  gather(steps_.back(), in, coarse.data());
}

}  // namespace stillpoint::fokker_planck
