// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/random/normal.hpp"

#include <cassert>

#include "lib/random/box_muller.hpp"
#include "lib/random/noise_panels.hpp"
#include "lib/random/philox.hpp"

namespace stillpoint::random {

namespace v1 {
void fill_noise(const NoisePanels& job);
}
namespace v3 {
void fill_noise(const NoisePanels& job);
}
namespace v4 {
void fill_noise(const NoisePanels& job);
}

double normal(const Stream& stream, std::uint64_t path, std::uint32_t step, std::uint32_t index) {
  assert(path >> 33 == 0);
  const auto counter = static_cast<std::uint32_t>(path / 16 * 8 + path % 8);
  const auto word = philox4x32(
      {index, step, counter, stream.stream},
      {static_cast<std::uint32_t>(stream.seed), static_cast<std::uint32_t>(stream.seed >> 32)});
  double first, second;
  STILLPOINT_LEVEL::box_muller<double, std::uint64_t>(word[0], word[1], word[2], word[3], first,
                                                      second);
  return path % 16 < 8 ? first : second;
}

NoiseKernel noise_kernel(InstructionSet level) {
#if defined(__x86_64__)
  if (level == InstructionSet::v4) return v4::fill_noise;
  if (level == InstructionSet::v3) return v3::fill_noise;
#endif
  (void)level;
  return v1::fill_noise;
}

}  // namespace stillpoint::random
