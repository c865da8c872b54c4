// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/piecewise_linear/pattern_search.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include "lib/core/interrupt.hpp"
#include "lib/core/progress.hpp"
#include "solvers/piecewise_linear/certifier.hpp"
#include "solvers/piecewise_linear/dictionary.hpp"

namespace stillpoint::piecewise_linear {
namespace {

using Obstacle = Dictionary::Obstacle;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// A set of patterns: units with a range of pieces each, and the linear programme of that.
struct Node {
  Dictionary dictionary;
  Pattern low, high;
  bool lost = false;  // a claim of the programme could not be proved: go on without it
};

struct Choice {
  Index unit;
  int kink;
  bool above_first;
};

class Search {
 public:
  Search(const PiecewiseLinearSystem& system, const ComplementarityForm& form,
         const SearchLimits& limits, const std::function<bool(const Pattern&)>& leaf)
      : form_(form), limits_(limits), leaf_(leaf), certifier_(form) {
    Node root{Dictionary(certifier_.equations(), certifier_.right()), {}, {}};
    for (const Pieces& f : system.f) {
      root.low.push_back(0);
      root.high.push_back(f.count() - 1);
    }
    path_.push_back(std::make_unique<Node>(std::move(root)));
  }

  SearchCounts run() {
    Node& root = *path_[0];
    if (const auto obstacle = root.dictionary.start()) {
      if (proved(root, *obstacle)) {
        counts_.nodes = 1;
        return counts_;
      }
    }
    visit(0, 1.0);
    return counts_;
  }

 private:
  Index pair(Index unit, int kink) const { return form_.first_pair[at(unit)] + kink; }
  Index below(Index unit, int kink) const { return 2 * pair(unit, kink); }
  Index above(Index unit, int kink) const { return 2 * pair(unit, kink) + 1; }

  bool rounded_proof(const Node& node, const Obstacle& obstacle, Index assumed) {
    return certifier_.holds_rounded(node.dictionary.multipliers(obstacle), node.dictionary.fixed(),
                                    assumed);
  }

  /// True if the obstacle is real; otherwise the node goes on without its programme.
  bool proved(Node& node, const Obstacle& obstacle) {
    if (rounded_proof(node, obstacle, -1)) {
      ++counts_.rounded;
    } else if (certifier_.holds_exactly(node.dictionary.basis(), obstacle.row, obstacle.negative,
                                        node.dictionary.fixed())) {
      ++counts_.exact;
    } else {
      ++counts_.unproved;
      node.lost = true;
      return false;
    }
    return true;
  }

  /// Sets a variable to zero; false if that is proved to be impossible.
  bool fix(Node& node, Index variable) {
    if (node.lost || node.dictionary.is_fixed(variable)) return true;
    const Index before = node.dictionary.pivots();
    const auto obstacle = node.dictionary.fix(variable);
    counts_.pivots += node.dictionary.pivots() - before;
    return !obstacle || !proved(node, *obstacle);
  }

  /// Keeps the pieces of a unit on one side of a kink; false if there is nothing.
  bool restrict_to(Node& node, Index unit, int kink, bool side_above) {
    int &low = node.low[at(unit)], &high = node.high[at(unit)];
    if (side_above) {
      for (; low <= kink; ++low)
        if (!fix(node, below(unit, low))) return false;
    } else {
      for (; high > kink; --high)
        if (!fix(node, above(unit, high - 1))) return false;
    }
    return true;
  }

  /// Fixes units that can be on one side of a kink only; false if nothing is left.
  bool tighten(Node& node) {
    for (bool again = true; again && !node.lost;) {
      again = false;
      for (Index unit = 0; unit < static_cast<Index>(node.low.size()); ++unit)
        for (int kink = node.low[at(unit)]; kink < node.high[at(unit)] && !node.lost; ++kink)
          for (const bool side_above : {false, true}) {
            const Index variable = side_above ? above(unit, kink) : below(unit, kink);
            const auto obstacle = node.dictionary.always_positive(variable);
            if (!obstacle || !rounded_proof(node, *obstacle, variable)) continue;
            ++counts_.rounded;
            if (!restrict_to(node, unit, kink, side_above)) return false;
            again = true;
            break;
          }
    }
    return true;
  }

  /// The kink both sides of which are hardest to reach.
  std::optional<Choice> choose(const Node& node) const {
    std::optional<Choice> best;
    double highest = -1.0;
    for (Index unit = 0; unit < static_cast<Index>(node.low.size()); ++unit)
      for (int kink = node.low[at(unit)]; kink < node.high[at(unit)]; ++kink) {
        if (node.lost) return Choice{unit, kink, true};
        constexpr double least = 1e-3;
        const double to_above = node.dictionary.resistance(below(unit, kink)),
                     to_below = node.dictionary.resistance(above(unit, kink)),
                     score = (to_above + least) * (to_below + least);
        if (score <= highest) continue;
        highest = score;
        best = Choice{unit, kink, to_above <= to_below};
      }
    return best;
  }

  Node& copy_of(const Node& parent, std::size_t depth) {
    if (depth == path_.size()) {
      path_.push_back(std::make_unique<Node>(parent));
    } else {
      *path_[depth] = parent;
    }
    return *path_[depth];
  }

  bool stopped() {
    if (!counts_.stopped.empty()) return true;
    std::ostringstream reason;
    if (counts_.nodes >= limits_.max_nodes) {
      reason << "max_nodes = " << limits_.max_nodes;
    } else if (counts_.nodes % 64 == 0) {
      throw_if_interrupted();
      const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start_;
      if (time.count() > limits_.max_seconds) reason << "max_seconds = " << limits_.max_seconds;
    }
    counts_.stopped = reason.str();
    return !counts_.stopped.empty();
  }

  void finished(double share) {
    done_ += share * progress_total;
    const auto whole = static_cast<Index>(done_);
    progress_.advance(whole - shown_);
    shown_ = whole;
  }

  void visit(std::size_t depth, double share) {
    if (stopped()) {
      ++counts_.open;
      return;
    }
    ++counts_.nodes;
    Node& node = *path_[depth];
    if (!tighten(node)) return finished(share);
    const auto choice = choose(node);
    if (!choice) {
      ++counts_.leaves;
      if (!leaf_(node.low)) counts_.stopped = "max_points";
      return finished(share);
    }
    for (const bool side_above : {choice->above_first, !choice->above_first}) {
      Node& child = copy_of(node, depth + 1);
      if (restrict_to(child, choice->unit, choice->kink, side_above)) {
        visit(depth + 1, 0.5 * share);
      } else {
        ++counts_.nodes;
        finished(0.5 * share);
      }
    }
  }

  static constexpr Index progress_total = Index{1} << 20;

  const ComplementarityForm& form_;
  const SearchLimits& limits_;
  const std::function<bool(const Pattern&)>& leaf_;
  Certifier certifier_;
  std::vector<std::unique_ptr<Node>> path_;  // one node for each depth
  SearchCounts counts_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  Progress progress_{"Patterns", progress_total};
  double done_ = 0.0;
  Index shown_ = 0;
};

}  // namespace

SearchCounts search_patterns(const PiecewiseLinearSystem& system, const ComplementarityForm& form,
                             const SearchLimits& limits,
                             const std::function<bool(const Pattern&)>& leaf) {
  return Search(system, form, limits, leaf).run();
}

}  // namespace stillpoint::piecewise_linear
