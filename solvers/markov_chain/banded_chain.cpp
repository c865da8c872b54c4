// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/markov_chain/banded_chain.hpp"

#include <cmath>
#include <string_view>

#include "lib/core/require.hpp"

namespace stillpoint::markov_chain {

Index BandedChain::bandwidth(const Rates& rates) {
  Index width = 0;
  for (Index i = 0; i < rates.rows(); ++i)
    for (Rates::InnerIterator entry(rates, i); entry; ++entry)
      width = std::max(width, std::abs(entry.col() - i));
  return width;
}

/// From the upper end to the root, then from the lower end to it.
template <typename Visit>
void BandedChain::in_order(Visit&& visit) const {
  for (Index k = states() - 1; k > root_; --k) visit(k);
  for (Index k = 0; k < root_; ++k) visit(k);
}
template <typename Visit>
void BandedChain::in_reverse(Visit&& visit) const {
  for (Index k = root_ - 1; k >= 0; --k) visit(k);
  for (Index k = root_ + 1; k < states(); ++k) visit(k);
}

bool BandedChain::earlier(Index i, Index j) const {
  const bool above_i = i > root_, above_j = j > root_;
  if (above_i != above_j) return above_i;
  return above_i ? i > j : i < j;
}

double& BandedChain::rate(Index from, Index to) {
  const Index distance = std::abs(from - to);
  return earlier(from, to) ? out_(from, distance - 1) : in_(to, distance - 1);
}

Eigen::Map<const Vector, 0, Eigen::InnerStride<>> BandedChain::near(const Vector& x,
                                                                    Index k) const {
  return {x.data() + neighbour(k, 1), neighbours(k), Eigen::InnerStride<>(k > root_ ? -1 : 1)};
}
Eigen::Map<Vector, 0, Eigen::InnerStride<>> BandedChain::near(Vector& x, Index k) const {
  return {x.data() + neighbour(k, 1), neighbours(k), Eigen::InnerStride<>(k > root_ ? -1 : 1)};
}

BandedChain::BandedChain(const Rates& rates, const Vector& exits)
    : width_(std::max<Index>(1, bandwidth(rates))), closed_(exits.isZero(0.0)) {
  constexpr std::string_view where = "BandedChain";
  const Index n = rates.rows();
  require(n > 0 && rates.cols() == n && exits.size() == n, where, "rates of shape (", n, ", ",
          rates.cols(), ") and ", exits.size(), " exits, expected a square matrix and as many");
  require(exits.allFinite() && exits.minCoeff() >= 0.0, where,
          "exits hold a NaN, an infinity or a negative number");
  for (Index i = 0; i < n; ++i)
    for (Rates::InnerIterator entry(rates, i); entry; ++entry)
      require(i == entry.col() || (std::isfinite(entry.value()) && entry.value() >= 0.0), where,
              "the rate from ", i, " to ", entry.col(), " is ", entry.value(),
              ", expected a finite number >= 0");
  constexpr double improbable = 1e-3;
  eliminate(rates, exits, n / 2);
  Index probable = 0;
  const double most = stationary_.maxCoeff(&probable);
  if (stationary_(root_) < improbable * most) eliminate(rates, exits, probable);
}

void BandedChain::eliminate(const Rates& rates, const Vector& exits, Index root) {
  const Index n = rates.rows();
  root_ = root;
  out_ = Row::Zero(n, width_);
  in_ = Row::Zero(n, width_);
  leaving_ = Vector::Zero(n);
  for (Index i = 0; i < n; ++i)
    for (Rates::InnerIterator entry(rates, i); entry; ++entry)
      if (i != entry.col()) rate(i, entry.col()) = entry.value();
  Vector leaks = exits;
  in_order([&](Index k) { eliminate_state(k, leaks); });
  leaving_(root_) = leaks(root_);
  find_stationary();
}

/// What comes from i to k goes on to j, or leaves the chain: rate(i, j) += rate(i, k) rate(k, j)/s.
void BandedChain::eliminate_state(Index k, Vector& exits) {
  // A state without a way on keeps what comes, as good as for ever.
  constexpr double never = 1e-290;
  const Index count = neighbours(k);
  leaving_(k) = std::max(out_.row(k).head(count).sum() + exits(k), never);
  in_.row(k).head(count) /= leaving_(k);
  near(exits, k) += exits(k) * in_.row(k).head(count).transpose();
  for (Index m = 1; m < count; ++m) {
    const Index i = neighbour(k, m), further = count - m;
    if ((k > root_) == (i > root_) && i != root_) {
      // i is eliminated before the neighbours of k beyond it, so that its rows hold both ways.
      out_.row(i).head(further) += in_(k, m - 1) * out_.row(k).segment(m, further);
      in_.row(i).head(further) += out_(k, m - 1) * in_.row(k).segment(m, further);
    } else {
      for (Index l = m + 1; l <= count; ++l) {
        const Index j = neighbour(k, l);
        rate(i, j) += in_(k, m - 1) * out_(k, l - 1);
        rate(j, i) += in_(k, l - 1) * out_(k, m - 1);
      }
    }
  }
}

void BandedChain::find_stationary() {
  constexpr double large = 1e10;
  stationary_ = Vector::Zero(states());
  stationary_(root_) = 1.0;
  in_reverse([&](Index k) {
    stationary_(k) = near(stationary_, k).dot(in_.row(k).head(neighbours(k)).transpose());
    if (stationary_(k) > large) stationary_ /= stationary_(k);
  });
  stationary_ /= stationary_.sum();
}

Vector BandedChain::solve_forward(Vector b) const {
  in_order([&](Index k) {
    near(b, k) += b(k) / leaving_(k) * out_.row(k).head(neighbours(k)).transpose();
  });
  Vector x(states());
  x(root_) = closed_ ? 0.0 : -b(root_) / leaving_(root_);
  in_reverse([&](Index k) {
    x(k) = near(x, k).dot(in_.row(k).head(neighbours(k)).transpose()) - b(k) / leaving_(k);
  });
  if (closed_) x -= x.sum() * stationary_;
  return x;
}

Vector BandedChain::solve_backward(Vector b) const {
  in_order([&](Index k) { near(b, k) += b(k) * in_.row(k).head(neighbours(k)).transpose(); });
  Vector x(states());
  x(root_) = closed_ ? 0.0 : -b(root_) / leaving_(root_);
  in_reverse([&](Index k) {
    x(k) = (near(x, k).dot(out_.row(k).head(neighbours(k)).transpose()) - b(k)) / leaving_(k);
  });
  return x;
}

}  // namespace stillpoint::markov_chain
