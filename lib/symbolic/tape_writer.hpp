// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "lib/symbolic/canonical.hpp"
#include "lib/symbolic/tape.hpp"

namespace stillpoint::symbolic {

/// @brief Writes the program of a tape: canonical form → steps without an order → runs.
///
/// Equal steps are one step. Then the steps are ordered greedily: the operation with most steps
/// whose operands are ready comes next, as one run.
class TapeWriter {
 public:
  void add_input(const std::string& name);
  void add_output(const GiNaC::ex& e);
  TapeProgram program() &&;

 private:
  using Step = int;  // place in steps_
  enum class Source { constant, input, operation };
  struct Entry {
    Source source;
    Operation operation{};
    Step a = none, b = none, c = none;
    std::uint32_t index = 0;  // of the constant, input or average
    bool fixed = false;       // depends on constants only
  };
  static constexpr Step none = -1;

  void count_uses(const Term& term);
  Step constant(const GiNaC::numeric& number);
  Step pi_constant();
  Step emit(Operation operation, Step a, Step b = none, Step c = none, std::uint32_t index = 0);
  Step term(const Term& term);
  Step node(int id);
  Step sum(const Node& n);
  Step add_term(Step sum, const Term& term);
  Step product(const std::vector<Term>& factors, Step first);
  Step power(const Node& n);
  Step integer_power(Step base, long exponent);
  Step function(const Node& n);
  Step average(const Node& n);
  bool is_fixed(const Term& term) const;
  bool is_single_product(const Term& term) const;
  void schedule(bool fixed, TapeProgram& program, std::vector<std::uint32_t>& slot) const;

  Canonical forms_;
  TapeProgram program_;
  std::vector<std::string> input_names_;
  std::vector<Term> outputs_;
  std::vector<Entry> steps_;
  std::vector<int> uses_;     // of nodes, by operands and outputs
  std::map<int, Step> done_;  // node → step
  std::map<std::string, Step> symbols_;
  std::map<std::string, Step> constants_;  // "p/q" → step
  std::map<std::tuple<Operation, Step, Step, Step, std::uint32_t>, Step> emitted_;
};

}  // namespace stillpoint::symbolic
