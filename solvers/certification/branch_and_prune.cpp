// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/certification/branch_and_prune.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "lib/core/interrupt.hpp"
#include "lib/core/progress.hpp"
#include "solvers/fixed_points/newton.hpp"

namespace stillpoint::certification {
namespace {

using intervals::Interval;
using intervals::IntervalVector;

using Piece = ActivationCurve::Piece;

/// A box with f over each of its sides.
struct Node {
  std::vector<Piece> pieces;
  double share;  // of the whole search, for the progress line

  IntervalVector box() const {
    IntervalVector X(static_cast<Index>(pieces.size()));
    for (Index i = 0; i < X.size(); ++i) X.set(i, pieces[slot(i)].arguments());
    return X;
  }
  IntervalVector values() const {
    IntervalVector values(static_cast<Index>(pieces.size()));
    for (Index i = 0; i < values.size(); ++i) values.set(i, pieces[slot(i)].values());
    return values;
  }
  static std::size_t slot(Index i) { return static_cast<std::size_t>(i); }
};

class Search {
 public:
  Search(const ArgumentEquation& equation, const BranchAndPruneOptions& options)
      : equation_(equation),
        options_(options),
        step_(equation.map),
        newton_(equation.W, equation.c) {}

  BranchAndPruneResult run(const IntervalVector& box) {
    stack_.push_back({{}, 1.0});
    for (Index i = 0; i < box.size(); ++i)
      stack_.back().pieces.push_back(equation_.f.piece(box.lower(i), box.upper(i)));
    constexpr double units = 1 << 20;
    Progress progress("branch and prune", static_cast<Index>(units));
    double done = 0.0;
    Index drawn = 0;
    while (!stack_.empty() && result_.nodes < options_.max_nodes &&
           static_cast<Index>(result_.undecided.size()) < options_.max_undecided) {
      throw_if_interrupted();
      ++result_.nodes;
      Node node = std::move(stack_.back());
      stack_.pop_back();
      if (decide(node) || !split(node)) done += node.share;
      const auto reached = static_cast<Index>(done * units);
      progress.advance(reached - std::exchange(drawn, reached));
    }
    result_.ended_early = !stack_.empty();
    for (const Node& node : stack_) result_.undecided.push_back(node.box());
    join_undecided();
    return std::move(result_);
  }

 private:
  /// Shrinks a node; true if it holds no solution but those in the list.
  bool decide(Node& node) {
    constexpr int passes = 10;
    Vector slopes(equation_.size());
    weight_.resize(0);
    for (int pass = 0; pass < passes; ++pass) {
      IntervalVector X = node.box();
      if (is_alone(X)) return true;
      const IntervalVector natural =
          intersection(X, product(equation_.W, node.values()) + equation_.c);
      if (natural.is_empty()) return true;
      shrink(node, natural);
      X = node.box();
      IntervalVector remainder(X.size());
      for (Index i = 0; i < X.size(); ++i) {
        const auto strip = equation_.f.strip(node.pieces[Node::slot(i)]);
        slopes(i) = strip.slope;
        remainder.set(i, strip.remainder);
      }
      if (!newton_.linearize(slopes)) break;
      const IntervalVector image = newton_.apply(X, remainder);
      const IntervalVector both = intersection(X, image);
      if (both.is_empty()) return true;
      weight_ =
          newton_.gain().magnitude().colwise().sum().transpose().cwiseProduct(remainder.width());
      if (X.contains(image) && newton_.contracts(slopes_of(node)) &&
          add_root_in(X, image, newton_.determinant_sign()))
        return true;
      if (shrink(node, both) > 0.8) break;
    }
    return belongs_to_root(node);
  }

  /// Replaces each side that `smaller` is notably narrower in; the least ratio of widths.
  double shrink(Node& node, const IntervalVector& smaller) {
    double least = 1.0;
    for (Index i = 0; i < smaller.size(); ++i) {
      Piece& piece = node.pieces[Node::slot(i)];
      const double ratio = (smaller.upper(i) - smaller.lower(i)) / (piece.upper - piece.lower);
      if (!(ratio < 0.95)) continue;
      least = std::min(least, ratio);
      if (smaller.lower(i) > piece.lower) {
        piece.lower = smaller.lower(i);
        piece.at_lower = equation_.f.value(Interval(piece.lower));
      }
      if (smaller.upper(i) < piece.upper) {
        piece.upper = smaller.upper(i);
        piece.at_upper = equation_.f.value(Interval(piece.upper));
      }
    }
    return least;
  }

  IntervalVector slopes_of(const Node& node) const {
    IntervalVector slopes(equation_.size());
    for (Index i = 0; i < slopes.size(); ++i) {
      const Piece& piece = node.pieces[Node::slot(i)];
      slopes.set(i, equation_.f.slope(piece.arguments(), piece.values()));
    }
    return slopes;
  }

  bool is_alone(const IntervalVector& X) const {
    return std::any_of(result_.roots.begin(), result_.roots.end(),
                       [&](const CertifiedRoot& root) { return root.alone.contains(X); });
  }

  /// Adds a root unless it is known. False if it cannot be told from a known one.
  bool add(CertifiedRoot root) {
    for (const CertifiedRoot& other : result_.roots) {
      if (other.alone.contains(root.box) || root.alone.contains(other.box)) return true;
      if (!intersection(other.box, root.box).is_empty()) return false;
    }
    widen(equation_, newton_, root);
    result_.roots.push_back(std::move(root));
    return true;
  }

  /// Adds the only root in X, which lies in image ⊂ X.
  bool add_root_in(const IntervalVector& X, const IntervalVector& image, int index) {
    auto root = certify_root(equation_, newton_, image.midpoint());
    if (root && !intersection(root->box, X).is_empty()) return add(std::move(*root));
    IntervalVector values(X.size());
    for (Index i = 0; i < X.size(); ++i) values.set(i, equation_.f.value(image(i)));
    return add({.box = image,
                .alone = X,
                .values = values,
                .slopes = slopes_over(equation_.f, image),
                .index = index});
  }

  /// True if any solution in the node is one that Newton's method reaches from its middle.
  bool belongs_to_root(const Node& node) {
    const IntervalVector X = node.box();
    Vector p = X.midpoint();
    if (!newton(step_, p, {.max_iterations = 12}).converged) return false;
    const auto at = [&p](const CertifiedRoot& root) { return root.alone.contains(p); };
    auto& roots = result_.roots;
    auto root = std::find_if(roots.begin(), roots.end(), at);
    if (root == roots.end()) {
      auto found = certify_root(equation_, newton_, p);
      if (!found || !add(std::move(*found))) return false;
      root = std::find_if(roots.begin(), roots.end(), at);
      if (root == roots.end()) return false;
    }
    if (is_alone(X)) return true;
    return at_most_one(newton_, slopes_over(equation_.f, hull(X, root->box)));
  }

  /// Pushes the two halves of a node; false if it is too small, and then it is undecided.
  bool split(const Node& node) {
    Index side = -1;
    double largest = -1.0;
    for (Index i = 0; i < equation_.size(); ++i) {
      const Piece& piece = node.pieces[Node::slot(i)];
      const double size = std::max({1.0, std::fabs(piece.lower), std::fabs(piece.upper)});
      if (piece.upper - piece.lower <= options_.smallest_width * size) continue;
      const double weight =
          weight_.size() > 0 ? weight_(i) : equation_.W.col(i).lpNorm<1>() * width(piece.values());
      if (!(weight > largest)) continue;
      largest = weight;
      side = i;
    }
    if (side < 0) {
      result_.undecided.push_back(node.box());
      return false;
    }
    const double at = equation_.f.cut(node.pieces[Node::slot(side)]);
    const Interval value = equation_.f.value(Interval(at));
    for (const bool lower : {false, true}) {
      Node half{node.pieces, 0.5 * node.share};
      Piece& piece = half.pieces[Node::slot(side)];
      (lower ? piece.upper : piece.lower) = at;
      (lower ? piece.at_upper : piece.at_lower) = value;
      stack_.push_back(std::move(half));
    }
    return true;
  }

  /// Replaces boxes that touch by their hull until none do.
  void join_undecided() {
    auto& boxes = result_.undecided;
    std::vector<IntervalVector> apart;
    while (!boxes.empty()) {
      IntervalVector box = std::move(boxes.back());
      boxes.pop_back();
      const auto touches = [&box](const IntervalVector& other) {
        return !intersection(box, other).is_empty();
      };
      const auto first = std::find_if(apart.begin(), apart.end(), touches);
      if (first == apart.end()) {
        apart.push_back(std::move(box));
      } else {
        boxes.push_back(hull(box, *first));
        apart.erase(first);
      }
    }
    boxes = std::move(apart);
  }

  const ArgumentEquation& equation_;
  const BranchAndPruneOptions& options_;
  fixed_points::NewtonStep step_;
  NewtonOperator newton_;
  BranchAndPruneResult result_;
  std::vector<Node> stack_;
  Vector weight_;  // what each side of the last node adds to the Newton operator's width
};

}  // namespace

BranchAndPruneResult branch_and_prune(const ArgumentEquation& equation, const IntervalVector& box,
                                      const BranchAndPruneOptions& options) {
  return Search(equation, options).run(box);
}

}  // namespace stillpoint::certification
