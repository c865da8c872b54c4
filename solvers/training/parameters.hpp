// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "lib/networks/network.hpp"

namespace stillpoint::training {

/// Which parts of a network are trained; the others stay as they are.
struct Trained {
  bool W = true;
  bool W_in = true;
  bool b = true;
  bool W_out = true;
  bool b_out = true;
};

/// ∂L/∂(part), each in the part's shape.
struct Gradient {
  Matrix W;
  Matrix W_in;
  Vector b;
  Matrix W_out;
  Vector b_out;
};

/// @brief The trained numbers of a network in one vector: W, W_in, b, W_out, b_out, matrices by
/// columns.
class Parameters {
 public:
  Parameters(const networks::Network& network, const Trained& trained);

  Index size() const { return size_; }
  Vector values(const networks::Network& network) const;  ///< Of this shape; (size()).
  Vector values(const Gradient& gradient) const;          ///< The gradient's, (size()).
  /// Puts values (size()) into a network of this shape.
  void assign(const Vector& values, networks::Network& network) const;
  /// 1 where a number is a weight (of W, W_in or W_out), 0 where it is a bias; (size()).
  Vector is_weight() const;

 private:
  Trained trained_;
  Index units_, inputs_, outputs_, size_;
};

}  // namespace stillpoint::training
