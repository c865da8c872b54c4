// SPDX-License-Identifier: GPL-3.0-or-later
// write_broken_networks GOOD.toml FOLDER [COUNT]: writes COUNT (default: all) networks with a
// certain mistake each, spread over all kinds of mistakes, and prints the paths of their toml
// files.
#include <algorithm>
#include <exception>
#include <iostream>
#include <string>

#include "tests/support/broken_networks.hpp"

int main(int argc, char** argv) {
  using namespace stillpoint::tests;
  if (argc < 3) {
    std::cerr << "usage: write_broken_networks GOOD.toml FOLDER [COUNT]\n";
    return 2;
  }
  try {
    const auto all = broken_networks(argv[1]);
    const std::size_t count =
        argc > 3 ? std::min<std::size_t>(std::stoul(argv[3]), all.size()) : all.size();
    for (std::size_t k = 0; k < count; ++k)
      std::cout << write(all[k * all.size() / count], argv[2]).string() << '\n';
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
