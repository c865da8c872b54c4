// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/symbolic/tape_writer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <limits>
#include <utility>

#include "lib/symbolic/engine.hpp"
#include "lib/symbolic/printing.hpp"
#include "lib/symbolic/special_functions.hpp"

namespace stillpoint::symbolic {
namespace {

using GiNaC::numeric;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Doubles at and around a rational.
TapeProgram::Constant enclosed(const numeric& number) {
  TapeProgram::Constant constant{digits(number.numer()), digits(number.denom()), number.to_double(),
                                 0.0, 0.0};
  double x = constant.nearest;
  if (!std::isfinite(x)) x = std::copysign(std::numeric_limits<double>::max(), x);
  const numeric at = exact(x);
  constant.lower = at <= number ? x : std::nextafter(x, -infinity);
  constant.upper = at >= number ? x : std::nextafter(x, infinity);
  return constant;
}

const std::map<std::string, Operation>& unary_operations() {
  static const std::map<std::string, Operation> operations = {
      {"exp", Operation::exponential},
      {"log", Operation::logarithm},
      {"sin", Operation::sine},
      {"cos", Operation::cosine},
      {"tanh", Operation::tanh},
      {"absolute", Operation::absolute},
      {"erf", Operation::erf},
      {"normal_pdf", Operation::normal_pdf},
      {"normal_cdf", Operation::normal_cdf},
      {"relu", Operation::relu},
      {"heaviside", Operation::heaviside},
      {"logistic", Operation::logistic},
      {"saturating_linear", Operation::saturating_linear}};
  return operations;
}

}  // namespace

void TapeWriter::add_input(const std::string& name) {
  require(!symbols_.contains(name), "Tape", "the input ", name, " is given twice");
  symbols_[name] = static_cast<Step>(steps_.size());
  steps_.push_back({.source = Source::input, .index = program_.inputs++});
  input_names_.push_back(name);
}

void TapeWriter::add_output(const GiNaC::ex& e) { outputs_.push_back(forms_.add(e)); }

void TapeWriter::count_uses(const Term& term) {
  std::vector<int> stack{term.node};
  while (!stack.empty()) {
    const int id = stack.back();
    stack.pop_back();
    if (static_cast<std::size_t>(id) >= uses_.size())
      uses_.resize(static_cast<std::size_t>(id) + 1, 0);
    if (++uses_[static_cast<std::size_t>(id)] > 1) continue;
    for (const Term& operand : forms_.node(id).operands) stack.push_back(operand.node);
  }
}

TapeWriter::Step TapeWriter::constant(const numeric& number) {
  const std::string key = digits(number);
  if (const auto found = constants_.find(key); found != constants_.end()) return found->second;
  const Step step = static_cast<Step>(steps_.size());
  steps_.push_back({.source = Source::constant,
                    .index = static_cast<std::uint32_t>(program_.constants.size()),
                    .fixed = true});
  program_.constants.push_back(enclosed(number));
  return constants_[key] = step;
}

TapeWriter::Step TapeWriter::pi_constant() {
  if (const auto found = constants_.find("pi"); found != constants_.end()) return found->second;
  const Step step = static_cast<Step>(steps_.size());
  steps_.push_back({.source = Source::constant,
                    .index = static_cast<std::uint32_t>(program_.constants.size()),
                    .fixed = true});
  const double below = 3.141592653589793;  // π − 1.2e-16
  program_.constants.push_back({"", "", below, below, std::nextafter(below, infinity)});
  return constants_["pi"] = step;
}

TapeWriter::Step TapeWriter::emit(Operation operation, Step a, Step b, Step c,
                                  std::uint32_t index) {
  const bool commutes = operation == Operation::add || operation == Operation::multiply ||
                        operation == Operation::multiply_add ||
                        operation == Operation::subtract_product;
  if (commutes && b < a) std::swap(a, b);
  const auto [place, fresh] = emitted_.try_emplace({operation, a, b, c, index}, none);
  if (!fresh) return place->second;
  const auto fixed = [this](Step s) {
    return s == none || steps_[static_cast<std::size_t>(s)].fixed;
  };
  place->second = static_cast<Step>(steps_.size());
  require(steps_.size() < (std::size_t{1} << 31), "Tape", "the program has more than 2^31 steps");
  steps_.push_back({.source = Source::operation,
                    .operation = operation,
                    .a = a,
                    .b = b,
                    .c = c,
                    .index = index,
                    .fixed = fixed(a) && fixed(b) && fixed(c)});
  return place->second;
}

TapeWriter::Step TapeWriter::term(const Term& t) {
  if (t.node == Canonical::one) return constant(t.coefficient);
  if (t.coefficient.is_equal(1)) return node(t.node);
  if (t.coefficient.is_equal(-1)) return emit(Operation::negate, node(t.node));
  const Node& n = forms_.node(t.node);
  const auto* exponent = n.kind == Node::Kind::power ? number_exponent(n) : nullptr;
  if (exponent != nullptr && exponent->is_negative() && exponent->is_integer())
    return emit(Operation::divide, constant(t.coefficient),
                integer_power(term(n.operands[0]), -exponent->to_long()));
  if (n.kind == Node::Kind::product) {
    // What is constant among the factors joins the coefficient: 2/√π is one number.
    std::vector<Term> fixed, rest;
    for (const Term& factor : n.operands) (is_fixed(factor) ? fixed : rest).push_back(factor);
    if (!fixed.empty() && !rest.empty())
      return emit(Operation::multiply, product(fixed, constant(t.coefficient)),
                  product(rest, none));
  }
  return emit(Operation::multiply, constant(t.coefficient), node(t.node));
}

/// A root of a number, or π.
bool TapeWriter::is_fixed(const Term& t) const {
  const Node& n = forms_.node(t.node);
  if (n.kind == Node::Kind::power) return is_fixed(n.operands[0]) && is_fixed(n.operands[1]);
  return n.kind == Node::Kind::one || n.kind == Node::Kind::constant;
}

TapeWriter::Step TapeWriter::node(int id) {
  if (const auto found = done_.find(id); found != done_.end()) return found->second;
  const Node& n = forms_.node(id);
  Step step = none;
  switch (n.kind) {
    case Node::Kind::one:
      step = constant(1);
      break;
    case Node::Kind::constant:
      step = pi_constant();
      break;
    case Node::Kind::symbol: {
      const auto found = symbols_.find(n.name);
      if (found == symbols_.end()) {
        std::string known;
        for (const std::string& name : input_names_) known += (known.empty() ? "" : ", ") + name;
        require(false, "Tape", "the formula holds the symbol ", n.name,
                ", expected only the inputs ", known.empty() ? "(none)" : known);
      }
      step = found->second;
      break;
    }
    case Node::Kind::power:
      step = power(n);
      break;
    case Node::Kind::product:
      step = product(n.operands, none);
      break;
    case Node::Kind::sum:
      step = sum(n);
      break;
    case Node::Kind::function:
      step = function(n);
      break;
  }
  done_[id] = step;
  return step;
}

/// A product of two or more numerator factors that nothing else uses: it can join a sum's step.
bool TapeWriter::is_single_product(const Term& t) const {
  const Node& n = forms_.node(t.node);
  if (n.kind != Node::Kind::product || uses_[static_cast<std::size_t>(t.node)] > 1) return false;
  return std::none_of(n.operands.begin(), n.operands.end(), [this](const Term& factor) {
    const Node& f = forms_.node(factor.node);
    return f.kind == Node::Kind::power && f.operands[1].coefficient.is_negative();
  });
}

TapeWriter::Step TapeWriter::add_term(Step sum, const Term& t) {
  const bool plus = t.coefficient.is_equal(1), minus = t.coefficient.is_equal(-1);
  if (t.node == Canonical::one) return emit(Operation::add, sum, constant(t.coefficient));
  if ((plus || minus) && is_single_product(t)) {
    std::vector<Term> factors = forms_.node(t.node).operands;
    const Step last = node(factors.back().node);
    factors.pop_back();
    return emit(plus ? Operation::multiply_add : Operation::subtract_product,
                product(factors, none), last, sum);
  }
  if (plus) return emit(Operation::add, sum, node(t.node));
  if (minus) return emit(Operation::subtract, sum, node(t.node));
  return emit(Operation::multiply_add, constant(t.coefficient), node(t.node), sum);
}

TapeWriter::Step TapeWriter::sum(const Node& n) {
  // Begin with a term that needs no step of its own: a number, else one with coefficient 1.
  std::vector<Term> terms = n.operands;
  const auto begin = std::find_if(terms.begin(), terms.end(), [](const Term& t) {
    return t.node == Canonical::one || t.coefficient.is_equal(1);
  });
  if (begin != terms.end()) std::rotate(terms.begin(), begin, begin + 1);
  Step result = term(terms.front());
  for (std::size_t k = 1; k < terms.size(); ++k) result = add_term(result, terms[k]);
  return result;
}

TapeWriter::Step TapeWriter::product(const std::vector<Term>& factors, Step first) {
  Step above = first, below = none;
  const auto multiply = [this](Step product, Step factor) {
    return product == none ? factor : emit(Operation::multiply, product, factor);
  };
  for (const Term& factor : factors) {
    const Node& n = forms_.node(factor.node);
    const auto* exponent = n.kind == Node::Kind::power ? number_exponent(n) : nullptr;
    if (exponent != nullptr && exponent->is_negative() && exponent->is_integer()) {
      below = multiply(below, integer_power(term(n.operands[0]), -exponent->to_long()));
    } else {
      above = multiply(above, node(factor.node));
    }
  }
  if (below == none) return above;
  return emit(Operation::divide, above == none ? constant(1) : above, below);
}

TapeWriter::Step TapeWriter::integer_power(Step base, long exponent) {
  if (exponent == 1) return base;
  if (exponent % 2 == 0) return emit(Operation::square, integer_power(base, exponent / 2));
  return emit(Operation::multiply, integer_power(base, exponent - 1), base);
}

TapeWriter::Step TapeWriter::power(const Node& n) {
  const Step base = term(n.operands[0]);
  const auto* exponent = number_exponent(n);
  constexpr long most = 1L << 20;
  if (exponent != nullptr && GiNaC::abs(exponent->numer()) <= most && exponent->denom() <= 2) {
    const Step root = exponent->is_integer() ? base : emit(Operation::square_root, base);
    const Step result = integer_power(root, std::abs(exponent->numer().to_long()));
    return exponent->is_negative() ? emit(Operation::divide, constant(1), result) : result;
  }
  return emit(Operation::power, base, term(n.operands[1]));
}

TapeWriter::Step TapeWriter::function(const Node& n) {
  require(n.name != "unspecified", "Tape", "the formula holds the unspecified function ", n.label,
          "; put an activation in its place with substitute_function()");
  if (n.name == "smoothed" || n.name == "transmitted_variance") return average(n);
  const Step u = term(n.operands[0]);
  if (n.name == "softplus") {
    if (is_number(n.operands[1], 1)) return emit(Operation::softplus, u);
    const Step k = term(n.operands[1]);
    return emit(Operation::divide, emit(Operation::softplus, emit(Operation::multiply, k, u)), k);
  }
  if (n.name == "leaky_relu") return emit(Operation::leaky_relu, u, term(n.operands[1]));
  const auto found = unary_operations().find(n.name);
  require(found != unary_operations().end(), "Tape", "the formula holds the function ", n.name,
          ", expected one of lib/symbolic/functions.hpp");
  return emit(found->second, u);
}

TapeWriter::Step TapeWriter::average(const Node& n) {
  const bool smoothed = n.name == "smoothed";
  const int order = smoothed ? n.operands[2].coefficient.to_int() : 0;
  require(order <= 20, "Tape", "the formula holds derivative ", order,
          " of a smoothed average, expected at most 20");
  const auto f = special::activation_of(n.operands[0].coefficient.to_int(),
                                        n.operands[1].coefficient.to_double());
  const std::size_t u = smoothed ? 3 : 2;
  std::uint32_t index = 0;
  const auto same = [&](const TapeProgram::Average& other) {
    return other.order == order && other.f.index() == f.index() &&
           activations::parameters(other.f) == activations::parameters(f);
  };
  while (index < program_.averages.size() && !same(program_.averages[index])) ++index;
  if (index == program_.averages.size()) program_.averages.push_back({f, order});
  return emit(smoothed ? Operation::smoothed : Operation::transmitted_variance, term(n.operands[u]),
              term(n.operands[u + 1]), none, index);
}

void TapeWriter::schedule(bool fixed, TapeProgram& program,
                          std::vector<std::uint32_t>& slot) const {
  // What each step still waits for, and who waits for it.
  std::vector<int> waiting(steps_.size(), 0);
  std::vector<std::vector<Step>> followers(steps_.size());
  std::array<std::deque<Step>, operation_count> ready;
  for (std::size_t k = 0; k < steps_.size(); ++k) {
    const Entry& entry = steps_[k];
    if (entry.source != Source::operation || entry.fixed != fixed) continue;
    for (const Step operand : {entry.a, entry.b, entry.c}) {
      if (operand == none) continue;
      const Entry& before = steps_[static_cast<std::size_t>(operand)];
      if (before.source != Source::operation || before.fixed != fixed) continue;
      ++waiting[k];
      followers[static_cast<std::size_t>(operand)].push_back(static_cast<Step>(k));
    }
    if (waiting[k] == 0)
      ready[static_cast<std::size_t>(entry.operation)].push_back(static_cast<Step>(k));
  }
  auto& instructions = fixed ? program.prologue : program.instructions;
  auto& runs = fixed ? program.prologue_runs : program.runs;
  auto next = static_cast<std::uint32_t>(program.constants.size());
  if (!fixed) next += static_cast<std::uint32_t>(program.prologue.size()) + program.inputs;
  while (true) {
    const auto fullest =
        std::max_element(ready.begin(), ready.end(),
                         [](const auto& a, const auto& b) { return a.size() < b.size(); });
    if (fullest->empty()) break;
    runs.push_back({static_cast<Operation>(fullest - ready.begin()), 0});
    while (!fullest->empty()) {
      const auto step = static_cast<std::size_t>(fullest->front());
      fullest->pop_front();
      const Entry& entry = steps_[step];
      const auto at = [&](Step s) { return s == none ? 0 : slot[static_cast<std::size_t>(s)]; };
      const bool average = entry.operation == Operation::smoothed ||
                           entry.operation == Operation::transmitted_variance;
      instructions.push_back({at(entry.a), at(entry.b), average ? entry.index : at(entry.c)});
      ++runs.back().count;
      slot[step] = next++;
      for (const Step follower : followers[step]) {
        const auto f = static_cast<std::size_t>(follower);
        if (--waiting[f] == 0)
          ready[static_cast<std::size_t>(steps_[f].operation)].push_back(follower);
      }
    }
  }
}

TapeProgram TapeWriter::program() && {
  for (const Term& output : outputs_) count_uses(output);
  std::vector<Step> results;
  for (const Term& output : outputs_) results.push_back(term(output));
  std::vector<std::uint32_t> slot(steps_.size(), 0);
  for (std::size_t k = 0; k < steps_.size(); ++k)
    if (steps_[k].source == Source::constant) slot[k] = steps_[k].index;
  schedule(true, program_, slot);
  const auto first_input =
      static_cast<std::uint32_t>(program_.constants.size() + program_.prologue.size());
  for (std::size_t k = 0; k < steps_.size(); ++k)
    if (steps_[k].source == Source::input) slot[k] = first_input + steps_[k].index;
  schedule(false, program_, slot);
  for (const Step result : results)
    program_.outputs.push_back(slot[static_cast<std::size_t>(result)]);
  return std::move(program_);
}

}  // namespace stillpoint::symbolic
