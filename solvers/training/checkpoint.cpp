// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/training/checkpoint.hpp"

#include <map>
#include <string>

#include "lib/core/require.hpp"
#include "lib/io/npz.hpp"

namespace stillpoint::training {
void save_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  const auto half = [&](int shift) {
    return static_cast<double>((checkpoint.fingerprint >> shift) & 0xffffffffU);
  };
  io::write_npz(
      path,
      {{"fingerprint", {.shape = {2}, .values = {half(0), half(32)}}},
       {"iteration", {.shape = {}, .values = {static_cast<double>(checkpoint.iteration)}}},
       {"values", io::to_array(checkpoint.values)},
       {"memory", io::to_array(checkpoint.memory)},
       {"losses",
        {.shape = {static_cast<Index>(checkpoint.losses.size())}, .values = checkpoint.losses}}});
}

Checkpoint load_checkpoint(const std::filesystem::path& path) {
  const io::ArrayFile file = io::read_npz(path);
  const auto find = [&](const char* key) -> const io::Array& {
    const auto found = file.arrays.find(key);
    require(found != file.arrays.end(), path.string(), "has no array ", key,
            ", expected a checkpoint of a training");
    return found->second;
  };
  const auto& halves = find("fingerprint").values;
  const auto& iteration = find("iteration").values;
  require(halves.size() == 2 && iteration.size() == 1, path.string(),
          "has a fingerprint or iteration of another shape, expected a checkpoint of a training");
  Checkpoint checkpoint{.fingerprint = static_cast<std::uint64_t>(halves[0]) |
                                       static_cast<std::uint64_t>(halves[1]) << 32,
                        .iteration = static_cast<Index>(iteration[0]),
                        .values = io::to_vector(find("values"), path.string() + ": values"),
                        .memory = io::to_matrix(find("memory"), path.string() + ": memory"),
                        .losses = find("losses").values};
  require(checkpoint.iteration >= 0 &&
              checkpoint.losses.size() == static_cast<std::size_t>(checkpoint.iteration) &&
              checkpoint.values.allFinite() && checkpoint.memory.allFinite(),
          path.string(), "is damaged: another number of losses than of iterations, or a NaN");
  return checkpoint;
}

}  // namespace stillpoint::training
