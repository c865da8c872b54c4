// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/activations/activation.hpp"
#include "lib/core/types.hpp"
#include "lib/symbolic/expression.hpp"

namespace stillpoint::symbolic {

/// What one instruction of a tape does with its operands a, b, c.
enum class Operation : std::uint8_t {
  add,               ///< a + b
  subtract,          ///< a − b
  multiply,          ///< a b
  divide,            ///< a / b
  multiply_add,      ///< a b + c, rounded twice
  subtract_product,  ///< c − a b, rounded twice
  square,            ///< a²
  negate,            ///< −a
  power,             ///< a^b
  square_root,
  exponential,
  logarithm,
  sine,
  cosine,
  tanh,
  absolute,
  erf,
  normal_pdf,
  normal_cdf,
  relu,
  heaviside,
  logistic,
  softplus,              ///< ln(1 + exp a)
  leaky_relu,            ///< a for a ≥ 0, b a below
  saturating_linear,     ///< a clipped to [−1, 1]
  smoothed,              ///< averages[c]: n-th derivative of f_b at a
  transmitted_variance,  ///< averages[c]: v_b at a
};
inline constexpr int operation_count = 27;

std::string_view to_string(Operation operation);

/// @brief A program of straight-line code: values stand in slots,
///
///     constants | results of the prologue | inputs | results of the instructions,
///
/// and each instruction writes the next slot. The prologue depends on constants only and is run
/// once for a workspace. Instructions of one operation stand in runs, so that the choice of the
/// operation is made once a run.
struct TapeProgram {
  struct Instruction {
    std::uint32_t a = 0, b = 0, c = 0;  ///< Slots; c of an average is its place in averages.
  };
  struct Run {
    Operation operation;
    std::uint32_t count;
  };
  struct Constant {
    std::string numerator, denominator;  ///< Integers; both empty for π.
    double nearest, lower, upper;        ///< Nearest double, and doubles on either side or equal.
  };
  struct Average {
    activations::Activation f;
    int order;
  };
  std::vector<Constant> constants;
  std::vector<Instruction> prologue, instructions;
  std::vector<Run> prologue_runs, runs;
  std::vector<Average> averages;
  std::uint32_t inputs = 0;
  std::vector<std::uint32_t> outputs;  ///< Slots.

  std::uint32_t slots() const {
    return static_cast<std::uint32_t>(constants.size() + prologue.size() + inputs +
                                      instructions.size());
  }
};

/// The slots of one evaluation in progress; one a thread, used with the tape it was made by.
template <typename T>
struct TapeWorkspace {
  std::vector<T> slots;
};

/// @brief Formulas compiled for evaluation: outputs y(x) ∈ ℝᵐ of inputs x ∈ ℝⁿ, common
/// subexpressions computed once.
///
/// Plain immutable data; safe to share between threads. The same formulas give the same program,
/// bit by bit, in every run. T is one of
///
/// | T | what is computed | what it refuses |
/// | --- | --- | --- |
/// | double | rounded arithmetic; NaN or ±∞ outside a function's domain | |
/// | std::complex<double> | the analytic continuation | |u|, relu, leaky_relu, saturating_linear,
///     heaviside, smoothed averages, which have none |
/// | intervals::Interval | an enclosure for all inputs in the intervals | sin, cos, smoothed
/// averages
///     without a closed form, transmitted variances |
///
/// Source: common subexpressions by hash-consing as in Ershov (1958), Commun. ACM 1(8), 3.
class Tape {
 public:
  Tape() = default;  ///< No inputs, no outputs.

  /// @param[in] outputs  The formulas.
  /// @param[in] inputs   Different symbols; every symbol of the outputs is among them.
  /// @throws std::invalid_argument otherwise, for an unspecified function, a smoothed average of a
  ///   derivative above order 20, or more than 2³¹ slots.
  static Tape compile(const std::vector<Expression>& outputs,
                      const std::vector<Expression>& inputs);

  Index inputs() const { return static_cast<Index>(program_.inputs); }           ///< n
  Index outputs() const { return static_cast<Index>(program_.outputs.size()); }  ///< m
  /// Instructions of one evaluation.
  Index instructions() const { return static_cast<Index>(program_.instructions.size()); }
  const TapeProgram& program() const { return program_; }

  /// @throws std::invalid_argument if the tape holds an operation that T has not.
  template <typename T>
  TapeWorkspace<T> workspace() const;

  /// @brief Writes y(x); allocates nothing for double, complex and intervals.
  /// @param[in] in         x, (n).
  /// @param[out] out       y, (m); may not overlap in.
  /// @param[in] workspace  Of this tape.
  /// @throws std::invalid_argument for a wrong shape.
  template <typename T>
  void evaluate(std::span<const T> in, std::span<T> out, TapeWorkspace<T>& workspace) const;

  /// y(x) of a short calculation: makes its own workspace.
  std::vector<double> evaluate(const std::vector<double>& in) const;

  /// @brief y(x) in decimal digits of any number, as text such as "1.25e-1".
  ///
  /// Arithmetic with ten digits more than asked for; what cancels in the formula costs digits all
  /// the same. Transmitted variances are refused.
  /// @param[in] in      Decimal numbers, (n).
  /// @param[in] digits  10 … 10000.
  /// @throws std::invalid_argument for a wrong shape, text that is no number, or digits outside.
  std::vector<std::string> evaluate_multiprecision(const std::vector<std::string>& in,
                                                   int digits) const;

  /// A number made of every bit of the program; equal for equal programs.
  std::uint64_t fingerprint() const;

 private:
  TapeProgram program_;
};

/// A symbol and its number.
struct Value {
  Expression symbol;
  double value;
};

/// The double that a formula has at these values of its symbols.
double evaluate(const Expression& e, const std::vector<Value>& values = {});

}  // namespace stillpoint::symbolic
