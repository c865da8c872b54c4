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
    auto k0 = static_cast<std::uint32_t>(seed);
    auto k1 = static_cast<std::uint32_t>(seed >> 32);
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

// Counters are (index, step, path, stream). Index, step and stream are the same for a whole row of
// a panel, so that half of the first two rounds of Philox4x32-10 is scalar work, once a row; the
// other half depends on the path word alone and is done once for all rows. Only the lower half of a
// word counts between rounds, so nothing is masked.
constexpr std::uint32_t multiplier_0 = 0xD2511F53, multiplier_1 = 0xCD9E8D57;

/// The words of rounds one and two that the path word reaches.
template <int count>
struct PathRounds {
  Several<Words, count> word1;    // after round one
  Several<Words, count> product;  // by multiplier_0 in round two

  PathRounds(const NoisePanels& job, const RoundKeys& keys, const Several<Words, count>& path)
      : word1(multiply_low(path, multiplier_1)),
        product(multiply_low((word1 >> 32) ^ (same(job.step) ^ keys.low[0]), multiplier_0)) {}
};

/// The words that it does not reach, the key of the round that uses them added; in every lane.
struct RowRounds {
  Words word0, word2;  // of round two
  Words word1;         // of round three

  RowRounds(const NoisePanels& job, const RoundKeys& keys, std::uint32_t index) {
    const std::uint64_t first = std::uint64_t{multiplier_0} * index;
    const auto mixed = static_cast<std::uint32_t>((first >> 32) ^ job.stream ^ (job.seed >> 32));
    const std::uint64_t second = std::uint64_t{multiplier_1} * mixed;
    word0 = same(second >> 32) ^ keys.low[1];
    word2 = same(first) ^ keys.high[1];
    word1 = same(second) ^ keys.low[2];
  }
};

/// The other eight rounds.
template <int count>
[[gnu::always_inline]] inline void philox(const RowRounds& row, const PathRounds<count>& path,
                                          const RoundKeys& keys, Several<Words, count>& c0,
                                          Several<Words, count>& c1, Several<Words, count>& c2,
                                          Several<Words, count>& c3) {
  c0 = path.word1 ^ row.word0;
  c2 = (path.product >> 32) ^ row.word2;
  auto p0 = multiply_low(c0, multiplier_0), p1 = multiply_low(c2, multiplier_1);
  c0 = (p1 >> 32) ^ row.word1;
  c1 = p1;
  c2 = (p0 >> 32) ^ path.product ^ keys.high[2];
  c3 = p0;
#pragma GCC unroll 7
  for (int round = 3; round < 10; ++round) {
    p0 = multiply_low(c0, multiplier_0);
    p1 = multiply_low(c2, multiplier_1);
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

/// `count` units from `unit` on, which runs through the panels' first rows, in every row.
template <int count>
inline void fill_units(const NoisePanels& job, const RoundKeys& keys, Words lane_number,
                       std::ptrdiff_t unit) {
  std::ptrdiff_t at[count];
  Several<Words, count> path_word;
  for (int k = 0; k < count; ++k) {
    const std::ptrdiff_t counter = (unit + k) % row_units * lanes;
    at[k] = (unit + k) / row_units * job.rows * panel_paths + counter + (counter & group_counters);
    path_word.part[k] =
        lane_number + (job.first_path / 2 + static_cast<std::uint64_t>((unit + k) * lanes));
  }
  const PathRounds<count> path(job, keys, path_word);
  for (std::ptrdiff_t i = 0; i < job.rows; ++i) {
    Several<Lanes, count> x{}, y{};
    if (job.sd[i] != 0.0) {
      const RowRounds row(job, keys, job.first_index + static_cast<std::uint32_t>(i));
      Several<Words, count> c0, c1, c2, c3;
      philox(row, path, keys, c0, c1, c2, c3);
      box_muller(c0, c1, c2, c3, x, y);
    }
    const Lanes sd = broadcast(job.sd[i]), offset = broadcast(job.offset[i]);
    double* const out = job.out + i * panel_paths;
    if (job.in == nullptr) {
#pragma GCC unroll 4
      for (int k = 0; k < count; ++k) {
        store(out + at[k], offset + sd * x.part[k]);
        store(out + at[k] + group_counters, offset + sd * y.part[k]);
      }
      continue;
    }
    const Lanes scale = broadcast(job.scale[i]);
    const double* const in = job.in + i * panel_paths;
#pragma GCC unroll 4
    for (int k = 0; k < count; ++k) {
      const double* const here = in + at[k];
      const Lanes first = scale * load(here) + offset;
      const Lanes second = scale * load(here + group_counters) + offset;
      store(out + at[k], first + sd * x.part[k]);
      store(out + at[k] + group_counters, second + sd * y.part[k]);
    }
  }
}

inline void fill_panels(const NoisePanels& job) {
  constexpr std::ptrdiff_t together = 4;
  const RoundKeys keys(job.seed);
  Words lane_number{};
  for (int lane = 0; lane < lanes; ++lane) lane_number[lane] = static_cast<std::uint64_t>(lane);
  const std::ptrdiff_t units = job.panels * row_units;  // even
  std::ptrdiff_t unit = 0;
  for (; unit + together <= units; unit += together)
    fill_units<together>(job, keys, lane_number, unit);
  for (; unit < units; unit += 2) fill_units<2>(job, keys, lane_number, unit);
}

}  // namespace stillpoint::random::STILLPOINT_LEVEL
