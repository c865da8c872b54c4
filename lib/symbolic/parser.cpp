// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/symbolic/parser.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "lib/activations/activation.hpp"
#include "lib/io/bytes.hpp"
#include "lib/networks/network_settings.hpp"
#include "lib/symbolic/calculus.hpp"
#include "lib/symbolic/engine.hpp"
#include "lib/symbolic/functions.hpp"

namespace stillpoint::symbolic {
namespace {

using GiNaC::ex;
using GiNaC::numeric;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

using Unary = Expression (*)(const Expression&);

const std::map<std::string, Unary, std::less<>>& unary_functions() {
  static const std::map<std::string, Unary, std::less<>> functions = {
      {"exp", exp},
      {"log", log},
      {"sqrt", sqrt},
      {"sin", sin},
      {"cos", cos},
      {"tanh", tanh},
      {"abs", abs},
      {"erf", erf},
      {"normal_pdf", normal_pdf},
      {"normal_cdf", normal_cdf},
      {"relu", relu},
      {"heaviside", heaviside},
      {"logistic", logistic},
      {"saturating_linear", saturating_linear}};
  return functions;
}

/// Bits of the largest number that could arise where powers are multiplied out. Visits each part as
/// often as it stands there and counts the visits; with none left it stops.
double weight(const ex& e, int& visits) {
  if (--visits < 0) return 0.0;
  if (GiNaC::is_a<numeric>(e)) {
    const auto& number = GiNaC::ex_to<numeric>(e);
    return number.is_rational() ? bits(number) : 0.0;
  }
  if (GiNaC::is_a<GiNaC::power>(e) && GiNaC::is_a<numeric>(e.op(1)))
    return std::max(weight(e.op(1), visits),
                    weight(e.op(0), visits) *
                        std::max(1.0, std::fabs(GiNaC::ex_to<numeric>(e.op(1)).to_double())));
  double largest = 0.0;
  for (std::size_t k = 0; k < e.nops() && visits >= 0; ++k)
    largest = std::max(largest, weight(e.op(k), visits));
  return largest;
}

/// How many parts of e the predicate counts.
template <typename Predicate>
double count(const ex& e, const Predicate& counts) {
  double result = counts(e) ? 1.0 : 0.0;
  for (std::size_t k = 0; k < e.nops(); ++k) result += count(e.op(k), counts);
  return result;
}

class Parser {
 public:
  Parser(std::string_view text, const FormulaNames& names, const FormulaLimits& limits)
      : text_(text), names_(names), limits_(limits) {}

  Expression formula() {
    if (text_.size() > limits_.text_bytes)
      fail("the formula has " + std::to_string(text_.size()) + " bytes, expected at most " +
           std::to_string(limits_.text_bytes));
    const Expression result = sum();
    skip_space();
    if (at_ < text_.size()) fail("found " + here() + ", expected an operator or the end");
    return result;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { fail_at(at_, what); }

  [[noreturn]] void fail_at(std::size_t at, const std::string& what) const {
    const auto before = text_.substr(0, at);
    const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    const std::size_t last = before.rfind('\n');
    throw FormulaError(line + 1, last == std::string_view::npos ? at + 1 : at - last, what);
  }

  /// What stands at the reader, for a message.
  std::string here() const {
    if (at_ >= text_.size()) return "the end of the formula";
    if (is_letter(text_[at_])) return io::in_quotes(word());
    return io::in_quotes(text_.substr(at_, 1));
  }

  std::string_view word() const {
    std::size_t end = at_;
    while (end < text_.size() &&
           (is_letter(text_[end]) || is_digit(text_[end]) || text_[end] == '_'))
      ++end;
    return text_.substr(at_, end - at_);
  }

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }

  bool take(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c, const std::string& where) {
    if (!take(c)) fail("found " + here() + ", expected \"" + std::string(1, c) + "\" " + where);
  }

  void count_node() {
    if (++nodes_ > limits_.nodes)
      fail("the formula has more than " + std::to_string(limits_.nodes) +
           " numbers, names and operators, expected fewer");
  }

  /// One level deeper for as long as it lives.
  struct Level {
    explicit Level(Parser& parser) : depth(parser.depth_) {
      if (++depth > parser.limits_.depth)
        parser.fail("brackets, signs, calls and powers are nested more than " +
                    std::to_string(parser.limits_.depth) + " deep, expected fewer");
    }
    ~Level() { --depth; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    int& depth;
  };

  /// The result of a step of algebra; what has no value, or one too large, is an error there.
  template <typename Make>
  Expression computed(std::size_t at, Make&& make) const {
    Expression result;
    try {
      result = make();
    } catch (const std::invalid_argument& error) {
      fail_at(at, error.what());
    }
    require_small(at, value(result));
    return result;
  }

  void require_small(std::size_t at, const ex& e, double power = 1.0) const {
    int visits = most_parts();
    if (weight(e, visits) * power > limits_.number_bits)
      fail_at(at, "a number of more than " + std::to_string(limits_.number_bits) +
                      " bits arises, expected smaller numbers and powers");
    if (visits < 0) fail_long(at);
  }

  /// x − y is a sum, a product and a number.
  int most_parts() const { return 2 * limits_.nodes; }

  [[noreturn]] void fail_long(std::size_t at) const {
    fail_at(at, "the formula, with functions written out, has more than " +
                    std::to_string(most_parts()) + " parts, expected fewer");
  }

  /// Adds or multiplies in pairs of pairs: numbers are seen before they can grow.
  template <typename Combine>
  Expression combine(std::size_t at, std::vector<Expression>& parts, Combine&& pair) const {
    for (std::size_t step = 1; step < parts.size(); step *= 2)
      for (std::size_t k = 0; k + step < parts.size(); k += 2 * step)
        parts[k] = computed(at, [&] { return pair(parts[k], parts[k + step]); });
    return parts.front();
  }

  Expression sum() {
    skip_space();
    const std::size_t begin = at_;
    std::vector<Expression> terms{product()};
    while (true) {
      const bool plus = take('+');
      if (!plus && !take('-')) break;
      count_node();
      const Expression term = product();
      terms.push_back(plus ? term : -term);
    }
    return combine(begin, terms, [](const auto& a, const auto& b) { return a + b; });
  }

  Expression product() {
    skip_space();
    const std::size_t begin = at_;
    std::vector<Expression> factors{signed_power()};
    while (true) {
      const bool times = take('*');
      const std::size_t sign = at_;
      if (!times && !take('/')) break;
      count_node();
      const Expression factor = signed_power();
      if (!times && is_number(factor) && factor == Expression(0))
        fail_at(sign, "a division by zero, expected another divisor");
      factors.push_back(times ? factor : computed(sign, [&] { return Expression(1) / factor; }));
    }
    return combine(begin, factors, [](const auto& a, const auto& b) { return a * b; });
  }

  Expression signed_power() {
    const Level level(*this);
    if (take('-')) {
      count_node();
      return -signed_power();
    }
    if (take('+')) return signed_power();
    return power();
  }

  Expression power() {
    skip_space();
    const std::size_t begin = at_;
    const Expression base = primary();
    if (!take('^')) return base;
    count_node();
    const std::size_t at = at_;
    const Expression exponent = signed_power();
    if (is_number(exponent)) {
      const auto& n = GiNaC::ex_to<numeric>(value(exponent));
      if (GiNaC::abs(n) > limits_.exponent || n.denom() > 1000000)
        fail_at(at, "the power is beyond " + std::to_string(limits_.exponent) +
                        " or no simple fraction, expected a smaller one");
      require_small(at, value(base), std::max(1.0, std::fabs(n.to_double())));
    }
    const Expression result = computed(begin, [&] { return pow(base, exponent); });
    const ex& e = value(result);
    if (GiNaC::is_a<GiNaC::power>(e) && GiNaC::is_a<numeric>(e.op(1)) &&
        GiNaC::abs(GiNaC::ex_to<numeric>(e.op(1))) > limits_.exponent)
      fail_at(at, "powers of powers are beyond " + std::to_string(limits_.exponent) +
                      " together, expected smaller ones");
    return result;
  }

  Expression primary() {
    skip_space();
    if (at_ == text_.size()) fail("the formula ends, expected a number, a name or a bracket");
    const char c = text_[at_];
    if (is_digit(c) || c == '.') return number();
    if (is_letter(c)) return name();
    if (!take('(')) fail("found " + here() + ", expected a number, a name or \"(\"");
    const Expression inner = sum();
    expect(')', "to close the bracket");
    return inner;
  }

  std::string digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    if (at_ - begin > static_cast<std::size_t>(limits_.literal_digits))
      fail_at(begin, "a number has more than " + std::to_string(limits_.literal_digits) +
                         " digits, expected fewer");
    return std::string(text_.substr(begin, at_ - begin));
  }

  Expression number() {
    count_node();
    const std::size_t begin = at_;
    std::string whole = digits();
    long power = 0;
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      const std::string fraction = digits();
      if (whole.empty() && fraction.empty()) fail_at(begin, "found \".\", expected a number");
      power = -static_cast<long>(fraction.size());
      whole += fraction;
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      const bool negative = at_ < text_.size() && text_[at_] == '-';
      if (negative || (at_ < text_.size() && text_[at_] == '+')) ++at_;
      const std::string exponent = digits();
      if (exponent.empty()) fail("found " + here() + ", expected the digits of a power of ten");
      const long size = exponent.size() > 6 ? 1000000 : std::stol(exponent);
      if (size > limits_.literal_digits)
        fail_at(begin, "the power of ten is beyond " + std::to_string(limits_.literal_digits) +
                           ", expected a smaller one");
      power += negative ? -size : size;
    }
    if (at_ < text_.size() && (is_letter(text_[at_]) || text_[at_] == '.' || text_[at_] == '_'))
      fail("found " + here() + " after a number, expected an operator such as \"*\"");
    const std::size_t first = std::min(whole.find_first_not_of('0'), whole.size() - 1);
    const numeric value = numeric(whole.substr(first).c_str()) * numeric(10).power(numeric(power));
    return Engine::wrap(value);
  }

  Expression name() {
    count_node();
    const std::size_t begin = at_;
    const std::string text(word());
    at_ += text.size();
    if (take('(')) return call(begin, text);
    if (text == "pi") return pi();
    const auto& symbols = names_.symbols;
    if (std::find(symbols.begin(), symbols.end(), text) == symbols.end()) {
      std::vector<std::string> known = symbols;
      known.emplace_back("pi");
      unknown(begin, "the name", text, known);
    }
    return symbol(text);
  }

  [[noreturn]] void unknown(std::size_t at, const std::string& what, const std::string& text,
                            const std::vector<std::string>& known) const {
    std::string list;
    for (const std::string& name : known)
      if (list.size() < 400) list += (list.empty() ? "" : ", ") + name;
    fail_at(at, what + " " + io::in_quotes(text) + " is not known, expected one of " + list +
                    networks::suggestion(text.substr(0, 64), known));
  }

  Expression call(std::size_t begin, const std::string& name) {
    const auto own = names_.functions.find(name);
    if (own != names_.functions.end()) {
      const auto u = arguments(name, 1, 1);
      const Expression& body = own->second;
      const Expression argument = symbol("u");
      const double uses =
          count(value(body), [&](const ex& e) { return e.is_equal(value(argument)); });
      const double parts = count(value(u[0]), [](const ex&) { return true; });
      if (uses * parts > most_parts()) fail_long(begin);
      return computed(begin, [&] { return substitute(body, {{argument, u[0]}}); });
    }
    if (const auto found = unary_functions().find(name); found != unary_functions().end()) {
      const auto u = arguments(name, 1, 1);
      return computed(begin, [&] { return found->second(u[0]); });
    }
    if (name == "softplus") {
      const auto u = arguments(name, 1, 2);
      return computed(begin, [&] { return softplus(u[0], u.size() > 1 ? u[1] : Expression(1)); });
    }
    if (name == "leaky_relu") {
      const auto u = arguments(name, 2, 2);
      return computed(begin, [&] { return leaky_relu(u[0], u[1]); });
    }
    if (name == "smoothed") return smoothed_call(begin);
    if (name == "transmitted_variance") {
      const auto f = activation();
      expect(',', "after the activation");
      const auto u = arguments(name, 2, 2);
      return computed(begin, [&] { return transmitted_variance(f, u[0], u[1]); });
    }
    std::vector<std::string> known = reserved_names();
    std::erase(known, "pi");
    for (const auto& [other, function] : names_.functions) known.push_back(other);
    unknown(begin, "the function", name, known);
  }

  Expression smoothed_call(std::size_t begin) {
    const auto f = activation();
    expect(',', "after the activation");
    const auto u = arguments("smoothed", 2, 3);
    int order = 0;
    if (u.size() == 3) {
      const bool ok = is_number(u[2]) && GiNaC::ex_to<numeric>(value(u[2])).is_nonneg_integer() &&
                      GiNaC::ex_to<numeric>(value(u[2])) <= 20;
      if (!ok) fail("the order of smoothed is not an integer in [0, 20], expected one");
      order = GiNaC::ex_to<numeric>(value(u[2])).to_int();
    }
    return computed(begin, [&] { return smoothed(f, u[0], u[1], order); });
  }

  /// A name, and a number in brackets where the activation has a parameter.
  activations::Activation activation() {
    skip_space();
    const std::size_t begin = at_;
    const std::string name(word());
    at_ += name.size();
    std::vector<std::string> known;
    for (const auto other : activations::activation_names()) known.emplace_back(other);
    if (std::find(known.begin(), known.end(), name) == known.end())
      unknown(begin, "the activation", name, known);
    auto f = activations::make_activation(name);
    if (!take('(')) return f;
    auto parameters = activations::parameters(f);
    if (parameters.empty())
      fail_at(begin, name + " has no parameter, expected it without brackets");
    const Expression parameter = arguments(name, 1, 1)[0];
    if (!is_number(parameter)) fail("the parameter of " + name + " is no number, expected one");
    parameters.begin()->second = GiNaC::ex_to<numeric>(value(parameter)).to_double();
    try {
      return activations::make_activation(name, parameters);
    } catch (const std::invalid_argument& error) {
      fail_at(begin, error.what());
    }
  }

  /// The arguments of a call up to its closing bracket.
  std::vector<Expression> arguments(const std::string& name, std::size_t fewest, std::size_t most) {
    std::vector<Expression> result;
    const std::size_t begin = at_;
    if (!take(')')) {
      do {
        result.push_back(sum());
      } while (take(','));
      expect(')', "to close the call of " + name.substr(0, 80));
    }
    if (result.size() < fewest || result.size() > most) {
      std::string expected = std::to_string(fewest);
      if (most > fewest) expected += " or " + std::to_string(most);
      fail_at(begin, name.substr(0, 80) + " is called with " + std::to_string(result.size()) +
                         " arguments, expected " + expected);
    }
    return result;
  }

  std::string_view text_;
  const FormulaNames& names_;
  const FormulaLimits& limits_;
  std::size_t at_ = 0;
  int depth_ = 0;
  int nodes_ = 0;
};

}  // namespace

const std::vector<std::string>& reserved_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& [name, function] : unary_functions()) all.push_back(name);
    for (const char* name : {"softplus", "leaky_relu", "smoothed", "transmitted_variance", "pi"})
      all.emplace_back(name);
    return all;
  }();
  return names;
}

Expression parse(std::string_view text, const FormulaNames& names, const FormulaLimits& limits) {
  return Parser(text, names, limits).formula();
}

}  // namespace stillpoint::symbolic
