// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

#include "lib/core/require.hpp"
#include "lib/symbolic/tape.hpp"

/// The loop over a tape's runs, once for each number type T. Included by tape_*.cpp.
///
/// A class Arithmetic says what T can do: `using T`, a static function for each operation beyond
/// + − × ÷ (those that T has not are never called), `from(constant)`, and `refuses(operation)`.
namespace stillpoint::symbolic {

template <typename Arithmetic, typename T = typename Arithmetic::T>
void run(const TapeProgram& program, const std::vector<TapeProgram::Run>& runs,
         const TapeProgram::Instruction* at, T* slots, T* result) {
  const T* v = slots;
  const auto unary = [&](std::uint32_t count, auto&& f) {
    for (const auto* end = at + count; at != end; ++at) *result++ = f(v[at->a]);
  };
  const auto binary = [&](std::uint32_t count, auto&& f) {
    for (const auto* end = at + count; at != end; ++at) *result++ = f(v[at->a], v[at->b]);
  };
  const auto ternary = [&](std::uint32_t count, auto&& f) {
    for (const auto* end = at + count; at != end; ++at) *result++ = f(v[at->a], v[at->b], v[at->c]);
  };
  const auto average = [&](std::uint32_t count, auto&& f) {
    for (const auto* end = at + count; at != end; ++at)
      *result++ = f(program.averages[at->c], v[at->a], v[at->b]);
  };
  using A = Arithmetic;
  for (const auto& [operation, count] : runs) {
    switch (operation) {
      case Operation::add:
        binary(count, [](const T& a, const T& b) -> T { return a + b; });
        break;
      case Operation::subtract:
        binary(count, [](const T& a, const T& b) -> T { return a - b; });
        break;
      case Operation::multiply:
        binary(count, [](const T& a, const T& b) -> T { return A::multiply(a, b); });
        break;
      case Operation::divide:
        binary(count, [](const T& a, const T& b) -> T { return a / b; });
        break;
      case Operation::multiply_add:
        ternary(count,
                [](const T& a, const T& b, const T& c) -> T { return A::multiply(a, b) + c; });
        break;
      case Operation::subtract_product:
        ternary(count,
                [](const T& a, const T& b, const T& c) -> T { return c - A::multiply(a, b); });
        break;
      case Operation::square:
        unary(count, [](const T& a) -> T { return A::square(a); });
        break;
      case Operation::negate:
        unary(count, [](const T& a) -> T { return -a; });
        break;
      case Operation::power:
        binary(count, [](const T& a, const T& b) -> T { return A::power(a, b); });
        break;
      case Operation::square_root:
        unary(count, [](const T& a) -> T { return A::square_root(a); });
        break;
      case Operation::exponential:
        unary(count, [](const T& a) -> T { return A::exponential(a); });
        break;
      case Operation::logarithm:
        unary(count, [](const T& a) -> T { return A::logarithm(a); });
        break;
      case Operation::sine:
        unary(count, [](const T& a) -> T { return A::sine(a); });
        break;
      case Operation::cosine:
        unary(count, [](const T& a) -> T { return A::cosine(a); });
        break;
      case Operation::tanh:
        unary(count, [](const T& a) -> T { return A::tanh(a); });
        break;
      case Operation::absolute:
        unary(count, [](const T& a) -> T { return A::absolute(a); });
        break;
      case Operation::erf:
        unary(count, [](const T& a) -> T { return A::erf(a); });
        break;
      case Operation::normal_pdf:
        unary(count, [](const T& a) -> T { return A::normal_pdf(a); });
        break;
      case Operation::normal_cdf:
        unary(count, [](const T& a) -> T { return A::normal_cdf(a); });
        break;
      case Operation::relu:
        unary(count, [](const T& a) -> T { return A::relu(a); });
        break;
      case Operation::heaviside:
        unary(count, [](const T& a) -> T { return A::heaviside(a); });
        break;
      case Operation::logistic:
        unary(count, [](const T& a) -> T { return A::logistic(a); });
        break;
      case Operation::softplus:
        unary(count, [](const T& a) -> T { return A::softplus(a); });
        break;
      case Operation::leaky_relu:
        binary(count, [](const T& a, const T& b) -> T { return A::leaky_relu(a, b); });
        break;
      case Operation::saturating_linear:
        unary(count, [](const T& a) -> T { return A::saturating_linear(a); });
        break;
      case Operation::smoothed:
        average(count, [](const TapeProgram::Average& f, const T& u, const T& q) -> T {
          return A::smoothed(f, u, q);
        });
        break;
      case Operation::transmitted_variance:
        average(count, [](const TapeProgram::Average& f, const T& u, const T& q) -> T {
          return A::transmitted_variance(f, u, q);
        });
        break;
    }
  }
}

/// Throws if Arithmetic has not what the program needs; type is its name in the sentence.
template <typename Arithmetic>
void require_supported(const TapeProgram& program, std::string_view type) {
  const auto check = [&](const TapeProgram::Run& run) {
    require(!Arithmetic::refuses(run.operation), "Tape", "the formula holds ",
            to_string(run.operation), ", which has no value in ", type,
            "; expected a formula without it, or another number type");
  };
  for (const auto& run : program.prologue_runs) check(run);
  for (const auto& run : program.runs) check(run);
  for (const auto& average : program.averages)
    require(!Arithmetic::refuses(average), "Tape", "the formula holds the Gaussian average of ",
            activations::name(average.f), ", which has no value in ", type,
            "; expected a formula without it, or another number type");
}

template <typename Arithmetic, typename T = typename Arithmetic::T>
TapeWorkspace<T> make_workspace(const TapeProgram& program, std::string_view type) {
  require_supported<Arithmetic>(program, type);
  TapeWorkspace<T> workspace;
  workspace.slots.resize(program.slots());
  T* slot = workspace.slots.data();
  for (const auto& constant : program.constants) *slot++ = Arithmetic::from(constant);
  run<Arithmetic>(program, program.prologue_runs, program.prologue.data(), workspace.slots.data(),
                  slot);
  return workspace;
}

template <typename Arithmetic, typename T = typename Arithmetic::T>
void evaluate_tape(const TapeProgram& program, std::span<const T> in, std::span<T> out,
                   TapeWorkspace<T>& workspace) {
  require(in.size() == program.inputs && out.size() == program.outputs.size() &&
              workspace.slots.size() == program.slots(),
          "Tape", in.size(), " inputs, ", out.size(), " outputs and a workspace of ",
          workspace.slots.size(), " slots, expected ", program.inputs, ", ", program.outputs.size(),
          " and ", program.slots());
  T* slots = workspace.slots.data();
  T* slot = slots + program.constants.size() + program.prologue.size();
  for (const T& x : in) *slot++ = x;
  run<Arithmetic>(program, program.runs, program.instructions.data(), slots, slot);
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = slots[program.outputs[k]];
}

}  // namespace stillpoint::symbolic
