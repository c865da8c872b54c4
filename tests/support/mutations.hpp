// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <random>
#include <string>

#include "tests/support/seed.hpp"

namespace stillpoint::tests {

/// @brief Blind damage to a file, for readers that must answer with a value or a sentence to
/// anything: bytes flipped, set, cut, repeated or removed. Deterministic; a mutant may be harmless.
class Mutator {
 public:
  std::string operator()(std::string bytes) {
    const std::size_t changes = 1 + draw(3);
    for (std::size_t k = 0; k < changes && !bytes.empty(); ++k) {
      const std::size_t at = draw(bytes.size());
      const std::size_t length = std::min(bytes.size() - at, 1 + draw(16));
      switch (draw(6)) {
        case 0:
          bytes[at] = static_cast<char>(bytes[at] ^ 1 << draw(8));
          break;
        case 1:
          bytes[at] = static_cast<char>(draw(256));
          break;
        case 2:
          bytes.replace(at, length, length, draw(2) ? '\xff' : '\0');
          break;
        case 3:
          bytes.erase(at, length);
          break;
        case 4:
          bytes.insert(at, bytes.substr(draw(bytes.size()), length));
          break;
        default:
          if (draw(4) == 0) bytes.resize(at);
      }
    }
    return bytes;
  }

 private:
  std::size_t draw(std::size_t below) { return engine_() % below; }

  std::mt19937_64 engine_{seed};
};

}  // namespace stillpoint::tests
