// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ginac/ginac.h>

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

/// GiNaC keeps the terms of a sum, and the sign it draws out of (x − y)², in an order of addresses,
/// which changes from run to run. The canonical form has an order of its own, by name and
/// structure. Everything that leaves the folder (LaTeX, text, tapes) is made from it.
namespace stillpoint::symbolic {

/// coefficient × node; the coefficient is rational.
struct Term {
  GiNaC::numeric coefficient;
  int node;
};

/// @brief One subexpression; equal ones are one node.
///
/// | kind | operands |
/// | --- | --- |
/// | one | none: the term is its coefficient |
/// | constant, symbol | none; name |
/// | power | base, exponent; an integer exponent has a base with coefficient 1 |
/// | product | factors (symbols, functions, sums, powers) with coefficient 1, sorted |
/// | sum | two or more terms, sorted; coefficients coprime where they were drawn out |
/// | function | arguments; name. smoothed has (kind, parameter, n, u, q), transmitted_variance
///     (kind, parameter, u, q), unspecified (orders…, arguments…) and the function's name as label
///     |
struct Node {
  enum class Kind { one, constant, symbol, power, product, sum, function };
  Kind kind;
  std::string name;
  std::vector<Term> operands;
  std::string label;
  double degree = 0.0;  ///< A polynomial's total degree; other functions count as symbols.
};

class Canonical {
 public:
  Canonical();

  /// @brief The canonical form of e.
  /// @throws std::invalid_argument if it holds what is not a rational, real formula.
  Term add(const GiNaC::ex& e);

  const Node& node(int id) const { return nodes_[static_cast<std::size_t>(id)]; }

  static constexpr int one = 0;  ///< The node of plain numbers.

 private:
  using Terms = std::vector<Term>;
  struct ExHash {
    std::size_t operator()(const GiNaC::ex& e) const { return e.gethash(); }
  };
  struct ExEqual {
    bool operator()(const GiNaC::ex& a, const GiNaC::ex& b) const { return a.is_equal(b); }
  };

  Term convert(const GiNaC::ex& e);
  Term convert_sum(const GiNaC::ex& e);
  Term convert_product(const GiNaC::ex& e);
  Term convert_power(const GiNaC::ex& base, const GiNaC::ex& exponent);
  Term convert_function(const GiNaC::ex& e);
  Term sum_of(Terms terms);
  Term product_of(GiNaC::numeric coefficient, const std::vector<int>& factors);
  Term power_of(Term base, const GiNaC::numeric& exponent);
  Term positive_leading(Term term);
  int intern(Node node);

  // Order; −1, 0, 1.
  int compare(int a, int b) const;
  int compare(const Term& a, const Term& b) const;
  int compare_terms(const Terms& a, const Terms& b) const;
  int compare_factors(int a, int b) const;
  int compare_bases(const Term& a, const Term& b) const;
  Terms factors(int id) const;
  std::pair<Term, Term> base_and_exponent(const Term& factor) const;

  std::vector<Node> nodes_;
  std::unordered_map<GiNaC::ex, Term, ExHash, ExEqual> done_;
  std::unordered_map<std::size_t, std::vector<int>> interned_;
};

/// "exponent is an integer": the number of a power's exponent, or null if it is a formula.
const GiNaC::numeric* number_exponent(const Node& power);

}  // namespace stillpoint::symbolic
