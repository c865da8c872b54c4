// SPDX-License-Identifier: GPL-3.0-or-later
// read_file --network FILE | --model FILE: reads it as a study does and writes its formulas out;
// what the sanitizers watch in place of the studies, whose solvers take them too long to build.
#include <cstdio>
#include <string>

#include "lib/networks/network_file.hpp"
#include "lib/symbolic/calculus.hpp"
#include "lib/symbolic/latex.hpp"
#include "lib/symbolic/model_file.hpp"
#include "studies/support/options.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;

namespace {

int run(int argc, char** argv) {
  std::string network, model;
  studies::Options options("read_file", "Reads a network or a model.");
  options.add("network", network, "network file").add("model", model, "model of formulas");
  if (!options.parse(argc, argv)) return 0;
  if (!network.empty()) {
    std::printf("%td units\n", networks::load_network(network).network.units());
    return 0;
  }
  const auto formulas = symbolic::load_model(model);
  for (const auto& drift : formulas.drift)
    std::printf("%s\n", symbolic::to_latex(symbolic::expand(drift)).c_str());
  std::printf("%td instructions\n", symbolic::jacobian_tape(formulas).instructions());
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("read_file", run, argc, argv); }
