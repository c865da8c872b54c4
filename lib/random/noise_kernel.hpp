// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/random/box_muller.hpp"
#include "lib/random/noise_panels.hpp"

/// @file
/// @brief The kernel behind random::noise_kernel, compiled once for each instruction set.

namespace stillpoint::random::STILLPOINT_LEVEL {

using stillpoint::STILLPOINT_LEVEL::from_bits;
using stillpoint::STILLPOINT_LEVEL::multiply_low;
using stillpoint::STILLPOINT_LEVEL::select_if_zero;
using stillpoint::STILLPOINT_LEVEL::sqrt;
using stillpoint::STILLPOINT_LEVEL::to_bits;

inline Words same(std::uint64_t word) { return word - Words{}; }

/// Round keys of Philox4x32-10, each in every lane.
struct RoundKeys {
  Words low[10], high[10];
  explicit RoundKeys(std::uint64_t seed) {
    std::uint32_t k0 = static_cast<std::uint32_t>(seed);
    std::uint32_t k1 = static_cast<std::uint32_t>(seed >> 32);
    for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9, k1 += 0xBB67AE85) {
      low[round] = same(k0);
      high[round] = same(k1);
    }
  }
};

/// Two vectors worked on in step. One chain of dependent operations leaves most of the processor
/// idle; two independent ones run at almost twice the speed.
template <typename V>
struct Pair {
  V a, b;
};
#define STILLPOINT_PAIRWISE(op)                                    \
  template <typename V>                                            \
  inline Pair<V> operator op(const Pair<V>& x, const Pair<V>& y) { \
    return {x.a op y.a, x.b op y.b};                               \
  }                                                                \
  template <typename V, typename T>                                \
  inline Pair<V> operator op(const Pair<V>& x, T y) {              \
    return {x.a op y, x.b op y};                                   \
  }                                                                \
  template <typename V, typename T>                                \
  inline Pair<V> operator op(T x, const Pair<V>& y) {              \
    return {x op y.a, x op y.b};                                   \
  }
STILLPOINT_PAIRWISE(+)
STILLPOINT_PAIRWISE(-)
STILLPOINT_PAIRWISE(*)
STILLPOINT_PAIRWISE(/)
STILLPOINT_PAIRWISE(&)
STILLPOINT_PAIRWISE(|)
STILLPOINT_PAIRWISE(^)
STILLPOINT_PAIRWISE(<<)
STILLPOINT_PAIRWISE(>>)
#undef STILLPOINT_PAIRWISE
inline Pair<Words> to_bits(const Pair<Lanes>& x) { return {to_bits(x.a), to_bits(x.b)}; }
inline Pair<Lanes> from_bits(const Pair<Words>& x) { return {from_bits(x.a), from_bits(x.b)}; }
inline Pair<Lanes> sqrt(const Pair<Lanes>& x) { return {sqrt(x.a), sqrt(x.b)}; }
inline Pair<Lanes> select_if_zero(const Pair<Words>& word, const Pair<Lanes>& x,
                                  const Pair<Lanes>& y) {
  return {select_if_zero(word.a, x.a, y.a), select_if_zero(word.b, x.b, y.b)};
}
inline Pair<Words> multiply_low(const Pair<Words>& x, std::uint32_t factor) {
  return {multiply_low(x.a, factor), multiply_low(x.b, factor)};
}

/// Philox4x32-10 of as many counters as there are lanes. Only the lower half of a word counts
/// between rounds, so nothing is masked before the end.
template <typename W>
inline void philox(W& c0, W& c1, W& c2, W& c3, const RoundKeys& keys) {
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const W p0 = multiply_low(c0, 0xD2511F53), p1 = multiply_low(c2, 0xCD9E8D57);
    c0 = (p1 >> 32) ^ c1 ^ keys.low[round];
    c1 = p1;
    c2 = (p0 >> 32) ^ c3 ^ keys.high[round];
    c3 = p0;
  }
}

/// A group is 16 paths: the draws of path r and r + 8 are the two normals of one counter.
constexpr std::ptrdiff_t group_paths = 16, group_counters = 8;

inline void fill_panels(const NoisePanels& job) {
  const RoundKeys keys(job.seed);
  Words count;
  for (int lane = 0; lane < lanes; ++lane) count[lane] = static_cast<std::uint64_t>(lane);
  for (std::ptrdiff_t panel = 0; panel < job.panels; ++panel) {
    const double* const in = job.in == nullptr ? nullptr : job.in + panel * job.in_stride;
    double* const out = job.out + panel * job.out_stride;
    const std::uint64_t counter =
        (job.first_path + static_cast<std::uint64_t>(panel * panel_paths)) / 2;
    for (std::ptrdiff_t r = 0; r < group_counters; r += lanes) {
      // The two groups of a panel, 16 paths and 8 counters apart.
      const Words low = count + (counter + static_cast<std::uint64_t>(r));
      const Pair<Words> path{low, low + group_counters};
      for (std::ptrdiff_t i = 0; i < job.rows; ++i) {
        const std::ptrdiff_t at = i * panel_paths + r;
        const Lanes offset = broadcast(job.offset[i]);
        Pair<Lanes> first{offset, offset}, second = first;
        if (in != nullptr) {
          const double scale = job.scale[i];
          const double* const x = in + at;
          first = first + scale * Pair<Lanes>{load(x), load(x + group_paths)};
          second = second + scale * Pair<Lanes>{load(x + group_counters),
                                                load(x + group_paths + group_counters)};
        }
        if (const double sd = job.sd[i]; sd != 0.0) {
          const Words index = same(job.first_index + static_cast<std::uint32_t>(i));
          const Words step = same(job.step), stream = same(job.stream);
          Pair<Words> c0{index, index}, c1{step, step}, c2 = path, c3{stream, stream};
          philox(c0, c1, c2, c3, keys);
          Pair<Lanes> x, y;
          box_muller<Pair<Lanes>, Pair<Words>>(c0, c1, c2, c3, x, y);
          first = first + sd * x;
          second = second + sd * y;
        }
        store(out + at, first.a);
        store(out + at + group_counters, second.a);
        store(out + at + group_paths, first.b);
        store(out + at + group_paths + group_counters, second.b);
      }
    }
  }
}

}  // namespace stillpoint::random::STILLPOINT_LEVEL
