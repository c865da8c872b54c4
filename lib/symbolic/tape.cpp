// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/symbolic/tape.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include "lib/symbolic/engine.hpp"
#include "lib/symbolic/tape_writer.hpp"

namespace stillpoint::symbolic {

std::string_view to_string(Operation operation) {
  switch (operation) {
    case Operation::add:
      return "a sum";
    case Operation::subtract:
      return "a difference";
    case Operation::multiply:
      return "a product";
    case Operation::divide:
      return "a quotient";
    case Operation::multiply_add:
      return "a sum of products";
    case Operation::subtract_product:
      return "a difference of products";
    case Operation::square:
      return "a square";
    case Operation::negate:
      return "a negative";
    case Operation::power:
      return "a power";
    case Operation::square_root:
      return "sqrt";
    case Operation::exponential:
      return "exp";
    case Operation::logarithm:
      return "log";
    case Operation::sine:
      return "sin";
    case Operation::cosine:
      return "cos";
    case Operation::tanh:
      return "tanh";
    case Operation::absolute:
      return "abs";
    case Operation::erf:
      return "erf";
    case Operation::normal_pdf:
      return "normal_pdf";
    case Operation::normal_cdf:
      return "normal_cdf";
    case Operation::relu:
      return "relu";
    case Operation::heaviside:
      return "heaviside";
    case Operation::logistic:
      return "logistic";
    case Operation::softplus:
      return "softplus";
    case Operation::leaky_relu:
      return "leaky_relu";
    case Operation::saturating_linear:
      return "saturating_linear";
    case Operation::smoothed:
      return "a smoothed average";
    case Operation::transmitted_variance:
      return "a transmitted variance";
  }
  return "unknown";
}

Tape Tape::compile(const std::vector<Expression>& outputs, const std::vector<Expression>& inputs) {
  TapeWriter writer;
  for (const Expression& input : inputs) {
    require(is_symbol(input), "Tape", "an input is no symbol, expected symbol(\"…\")");
    writer.add_input(GiNaC::ex_to<GiNaC::symbol>(value(input)).get_name());
  }
  for (const Expression& output : outputs) writer.add_output(value(output));
  Tape tape;
  tape.program_ = std::move(writer).program();
  return tape;
}

std::uint64_t Tape::fingerprint() const {
  std::uint64_t hash = 0xCBF29CE484222325ULL;  // FNV-1a over 64-bit words
  const auto add = [&hash](std::uint64_t word) { hash = (hash ^ word) * 0x100000001B3ULL; };
  const auto add_text = [&](const std::string& text) {
    add(text.size());
    for (const char c : text) add(static_cast<unsigned char>(c));
  };
  const auto add_program = [&](const auto& runs, const auto& instructions) {
    for (const auto& run : runs) add(static_cast<std::uint64_t>(run.operation) << 32 | run.count);
    for (const auto& [a, b, c] : instructions) {
      add(static_cast<std::uint64_t>(a) << 32 | b);
      add(c);
    }
  };
  for (const auto& constant : program_.constants) {
    add_text(constant.numerator);
    add_text(constant.denominator);
    for (const double x : {constant.nearest, constant.lower, constant.upper})
      add(std::bit_cast<std::uint64_t>(x));
  }
  add_program(program_.prologue_runs, program_.prologue);
  add_program(program_.runs, program_.instructions);
  for (const auto& average : program_.averages) {
    add(average.f.index() << 32 | static_cast<std::uint64_t>(average.order));
    for (const auto& [name, parameter] : activations::parameters(average.f))
      add(std::bit_cast<std::uint64_t>(parameter));
  }
  add(program_.inputs);
  for (const std::uint32_t output : program_.outputs) add(output);
  return hash;
}

}  // namespace stillpoint::symbolic
