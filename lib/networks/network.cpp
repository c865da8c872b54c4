// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/networks/network.hpp"

#include "lib/core/require.hpp"

namespace stillpoint::networks {
namespace {

void require_shape(std::string_view name, const auto& matrix, Index rows, Index columns) {
  require(matrix.rows() == rows && matrix.cols() == columns, "Network", name, " has shape (",
          matrix.rows(), ", ", matrix.cols(), "), expected (", rows, ", ", columns, ")");
  require(matrix.array().isFinite().all(), "Network", name,
          " holds a NaN or an infinity, expected finite numbers");
}

}  // namespace

std::string_view to_string(Equation equation) {
  return equation == Equation::rate ? "rate" : "current";
}

Network make_network(Network network) {
  const Index n = network.W.rows();
  require(n > 0, "Network", "W is empty, expected a square matrix");
  if (network.b.size() == 0) network.b = Vector::Zero(n);
  if (network.W_in.size() == 0) network.W_in.resize(n, 0);
  if (network.W_out.size() == 0) network.W_out.resize(0, n);
  const Index outputs = network.W_out.rows();
  if (network.b_out.size() == 0) network.b_out = Vector::Zero(outputs);
  require_shape("W", network.W, n, n);
  require_shape("W_in", network.W_in, n, network.W_in.cols());
  require_shape("b", network.b, n, 1);
  require_shape("W_out", network.W_out, outputs, n);
  require_shape("b_out", network.b_out, outputs, 1);
  require(network.leak > 0.0 && network.leak <= 1.0, "Network", "leak = ", network.leak,
          ", expected in (0, 1] (leak = dt/tau)");
  return network;
}

}  // namespace stillpoint::networks
