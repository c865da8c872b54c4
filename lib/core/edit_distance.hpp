// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string_view>

namespace stillpoint {

/// @brief Number of insertions, deletions and substitutions that make one word of the other; upper
/// and lower case (ASCII) are alike. Cost: product of the lengths.
/// Source: Levenshtein (1966), Soviet Physics Doklady 10, 707; Wagner & Fischer (1974), J. ACM 21,
/// 168.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace stillpoint
