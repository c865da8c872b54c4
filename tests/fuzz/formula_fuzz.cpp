// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstddef>
#include <cstdint>
#include <stdexcept>

#include "lib/symbolic/calculus.hpp"
#include "lib/symbolic/latex.hpp"
#include "lib/symbolic/parser.hpp"
#include "lib/symbolic/tape.hpp"

/// Any bytes give a formula or std::invalid_argument; a formula prints, differentiates and
/// compiles.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stillpoint::symbolic;
  try {
    const Expression e = parse({reinterpret_cast<const char*>(data), size},
                               {.symbols = {"x", "y", "w"}, .functions = {}}, {.text_bytes = 4096});
    to_latex(e);
    const std::vector<Expression> inputs = {symbol("x"), symbol("y"), symbol("w")};
    Tape::compile({parse(to_text(e), {.symbols = {"x", "y", "w"}, .functions = {}}),
                   derivative(e, inputs[0])},
                  inputs);
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
