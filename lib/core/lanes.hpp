// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/// @file
/// @brief Vectors of doubles as wide as the instruction set this file is compiled for.
///
/// Kernels are written once against `Lanes` and compiled at each level of InstructionSet by a
/// translation unit of its own. Everything they define lies in the namespace named by
/// STILLPOINT_LEVEL, so that the linker cannot merge an inline function of one level with that of
/// another; for the same reason a kernel's translation unit uses no template of the standard
/// library or of Eigen. Operators +, −, ∗, /, comparisons and `mask ? a : b` work lane by lane.

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#define STILLPOINT_LEVEL v4
#define STILLPOINT_LANES 8
#elif defined(__AVX2__) && defined(__FMA__)
#define STILLPOINT_LEVEL v3
#define STILLPOINT_LANES 4
#else
#define STILLPOINT_LEVEL v1
#define STILLPOINT_LANES 2
#endif

namespace stillpoint::STILLPOINT_LEVEL {

constexpr int lanes = STILLPOINT_LANES;

using Lanes = double __attribute__((vector_size(8 * STILLPOINT_LANES)));
using Words = std::uint64_t __attribute__((vector_size(8 * STILLPOINT_LANES)));

inline Lanes load(const double* from) {
  Lanes x;
  std::memcpy(&x, from, sizeof x);
  return x;
}
inline void store(double* to, Lanes x) { std::memcpy(to, &x, sizeof x); }
inline Lanes broadcast(double x) { return x - Lanes{}; }

inline Words to_bits(Lanes x) { return reinterpret_cast<Words>(x); }
inline Lanes from_bits(Words x) { return reinterpret_cast<Lanes>(x); }

inline Lanes sqrt(Lanes x) {
#if STILLPOINT_LANES == 8
  return _mm512_sqrt_pd(x);
#elif STILLPOINT_LANES == 4
  return _mm256_sqrt_pd(x);
#elif defined(__x86_64__)
  return _mm_sqrt_pd(x);
#else
  return Lanes{__builtin_sqrt(x[0]), __builtin_sqrt(x[1])};
#endif
}

/// x and y change places where the word is not 0.
inline void exchange_if(Words word, Lanes& x, Lanes& y) {
#if STILLPOINT_LANES == 8
  const __mmask8 mask =
      _mm512_test_epi64_mask(reinterpret_cast<__m512i>(word), reinterpret_cast<__m512i>(word));
  const Lanes kept = x;
  x = _mm512_mask_blend_pd(mask, x, y);
  y = _mm512_mask_blend_pd(mask, y, kept);
#else
  const Lanes kept = x;
  x = word == 0 ? x : y;
  y = word == 0 ? y : kept;
#endif
}

// The same for one number, so that a template can serve both.
inline std::uint64_t to_bits(double x) {
  std::uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}
inline double from_bits(std::uint64_t bits) {
  double x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}
inline double sqrt(double x) { return __builtin_sqrt(x); }
inline void exchange_if(std::uint64_t word, double& x, double& y) {
  const double kept = x;
  x = word == 0 ? x : y;
  y = word == 0 ? y : kept;
}

/// a b + c, fused where the level has it: rounded once there, twice at v1.
inline Lanes multiply_add(Lanes a, Lanes b, Lanes c) {
#if STILLPOINT_LANES == 8
  return _mm512_fmadd_pd(a, b, c);
#elif STILLPOINT_LANES == 4
  return _mm256_fmadd_pd(a, b, c);
#else
  return a * b + c;
#endif
}

/// Product of the lower 32 bits of each word and a 32-bit number, 64 bits.
inline Words multiply_low(Words x, std::uint32_t factor) {
#if STILLPOINT_LANES == 8
  return reinterpret_cast<Words>(
      _mm512_mul_epu32(reinterpret_cast<__m512i>(x), _mm512_set1_epi64(factor)));
#elif STILLPOINT_LANES == 4
  return reinterpret_cast<Words>(
      _mm256_mul_epu32(reinterpret_cast<__m256i>(x), _mm256_set1_epi64x(factor)));
#elif defined(__x86_64__)
  return reinterpret_cast<Words>(
      _mm_mul_epu32(reinterpret_cast<__m128i>(x), _mm_set1_epi64x(factor)));
#else
  return (x & 0xffffffffU) * static_cast<std::uint64_t>(factor);
#endif
}

}  // namespace stillpoint::STILLPOINT_LEVEL
