// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/random/box_muller.hpp"
#include "lib/random/noise_panels.hpp"

/// @file
/// @brief The kernel behind random::noise_kernel, compiled once for each instruction set.

namespace stillpoint::random::STILLPOINT_LEVEL {

using stillpoint::STILLPOINT_LEVEL::exchange_if;
using stillpoint::STILLPOINT_LEVEL::from_bits;
using stillpoint::STILLPOINT_LEVEL::multiply_low;
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

/// Several vectors worked on in step. One chain of dependent operations leaves most of the
/// processor idle; four independent ones fill it.
template <typename V, int count>
struct Several {
  V part[count];
};

template <typename V, int count, typename Op>
inline auto each(const Several<V, count>& x, Op op) {
  Several<decltype(op(x.part[0])), count> result;
#pragma GCC unroll 4
  for (int k = 0; k < count; ++k) result.part[k] = op(x.part[k]);
  return result;
}
template <typename V, typename W, int count, typename Op>
inline auto each(const Several<V, count>& x, const Several<W, count>& y, Op op) {
  Several<decltype(op(x.part[0], y.part[0])), count> result;
#pragma GCC unroll 4
  for (int k = 0; k < count; ++k) result.part[k] = op(x.part[k], y.part[k]);
  return result;
}

#define STILLPOINT_EACH(op)                                                         \
  template <typename V, int count>                                                  \
  inline auto operator op(const Several<V, count>& x, const Several<V, count>& y) { \
    return each(x, y, [](V a, V b) { return a op b; });                             \
  }                                                                                 \
  template <typename V, int count, typename T>                                      \
  inline auto operator op(const Several<V, count>& x, T y) {                        \
    return each(x, [y](V a) { return a op y; });                                    \
  }
STILLPOINT_EACH(+)
STILLPOINT_EACH(-)
STILLPOINT_EACH(*)
STILLPOINT_EACH(/)
STILLPOINT_EACH(&)
STILLPOINT_EACH(|)
STILLPOINT_EACH(^)
STILLPOINT_EACH(<<)
STILLPOINT_EACH(>>)
#undef STILLPOINT_EACH
template <int count>
inline auto to_bits(const Several<Lanes, count>& x) {
  return each(x, [](Lanes a) { return to_bits(a); });
}
template <int count>
inline auto from_bits(const Several<Words, count>& x) {
  return each(x, [](Words a) { return from_bits(a); });
}
template <int count>
inline auto sqrt(const Several<Lanes, count>& x) {
  return each(x, [](Lanes a) { return sqrt(a); });
}
template <int count>
inline void exchange_if(const Several<Words, count>& word, Several<Lanes, count>& x,
                        Several<Lanes, count>& y) {
#pragma GCC unroll 4
  for (int k = 0; k < count; ++k) exchange_if(word.part[k], x.part[k], y.part[k]);
}
template <int count>
inline auto multiply_low(const Several<Words, count>& x, std::uint32_t factor) {
  return each(x, [factor](Words a) { return multiply_low(a, factor); });
}

/// Philox4x32-10. Only the lower half of a word counts between rounds, so nothing is masked.
template <int count>
inline void philox(Several<Words, count>& c0, Several<Words, count>& c1, Several<Words, count>& c2,
                   Several<Words, count>& c3, const RoundKeys& keys) {
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const auto p0 = multiply_low(c0, 0xD2511F53), p1 = multiply_low(c2, 0xCD9E8D57);
    c0 = (p1 >> 32) ^ c1 ^ keys.low[round];
    c1 = p1;
    c2 = (p0 >> 32) ^ c3 ^ keys.high[round];
    c3 = p0;
  }
}

/// A row of a panel, 32 paths, is made of 16 counters: paths r and r + 8 of a group of 16 paths are
/// the two normals of one counter. A unit of work is one vector of counters.
constexpr std::ptrdiff_t row_counters = 16, group_counters = 8;
constexpr std::ptrdiff_t row_units = row_counters / lanes;

/// Where the next unit lies; units run through the counters of a row, then rows, then panels.
struct Cursor {
  std::ptrdiff_t counter = 0, i = 0;
  std::ptrdiff_t row = 0;  // of all panels
  std::uint64_t path = 0;  // counter word of the panel's first path
  void advance(std::ptrdiff_t rows) {
    counter += lanes;
    if (counter < row_counters) return;
    counter = 0;
    ++row;
    if (++i < rows) return;
    i = 0;
    path += row_counters;
  }
};

/// The next `count` units.
template <int count>
inline void fill_units(const NoisePanels& job, const RoundKeys& keys, Words lane_number,
                       Cursor& cursor) {
  std::ptrdiff_t at[count];
  Several<Words, count> index, path;
  Several<Lanes, count> first, second;
  double sd[count];
  bool draw = false;
#pragma GCC unroll 4
  for (int k = 0; k < count; ++k, cursor.advance(job.rows)) {
    const std::ptrdiff_t i = cursor.i, counter = cursor.counter;
    at[k] = cursor.row * panel_paths + counter + (counter & group_counters);
    index.part[k] = same(job.first_index + static_cast<std::uint32_t>(i));
    path.part[k] = lane_number + (cursor.path + static_cast<std::uint64_t>(counter));
    first.part[k] = second.part[k] = broadcast(job.offset[i]);
    if (job.in != nullptr) {
      const Lanes scale = broadcast(job.scale[i]);
      first.part[k] += scale * load(job.in + at[k]);
      second.part[k] += scale * load(job.in + at[k] + group_counters);
    }
    sd[k] = job.sd[i];
    draw = draw || sd[k] != 0.0;
  }
  if (draw) {
    const Words step = same(job.step), stream = same(job.stream);
    Several<Words, count> c0 = index, c1, c2 = path, c3;
#pragma GCC unroll 4
    for (int k = 0; k < count; ++k) {
      c1.part[k] = step;
      c3.part[k] = stream;
    }
    philox(c0, c1, c2, c3, keys);
    Several<Lanes, count> x, y;
    box_muller(c0, c1, c2, c3, x, y);
#pragma GCC unroll 4
    for (int k = 0; k < count; ++k) {
      first.part[k] += sd[k] * x.part[k];
      second.part[k] += sd[k] * y.part[k];
    }
  }
#pragma GCC unroll 4
  for (int k = 0; k < count; ++k) {
    store(job.out + at[k], first.part[k]);
    store(job.out + at[k] + group_counters, second.part[k]);
  }
}

inline void fill_panels(const NoisePanels& job) {
  constexpr int together = 4;
  const RoundKeys keys(job.seed);
  Words lane_number;
  for (int lane = 0; lane < lanes; ++lane) lane_number[lane] = static_cast<std::uint64_t>(lane);
  std::ptrdiff_t units = job.rows * job.panels * row_units;  // even
  Cursor cursor{.path = job.first_path / 2};
  for (; units >= together; units -= together) fill_units<together>(job, keys, lane_number, cursor);
  for (; units > 0; units -= 2) fill_units<2>(job, keys, lane_number, cursor);
}

}  // namespace stillpoint::random::STILLPOINT_LEVEL
