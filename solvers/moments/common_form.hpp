// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"

/// Products with the matrices B and G of a NoisyChain that know where they are an identity: half
/// the work of dense ones. Included by the .cpp files of this folder.
namespace stillpoint::moments {

/// result = B X for X (m, columns), result (n, columns): W on the state in the rate equation, the
/// identity on it in the current equation, and the identity on every coloured block.
inline void apply_arguments(const models::NoisyChain& chain, const Matrix& X, Matrix& result) {
  const Index n = chain.units();
  if (chain.equation() == networks::Equation::current)
    result = X.topRows(n);
  else
    result.noalias() = chain.network().W * X.topRows(n);
  for (Index block = n; block < chain.state_size(); block += n) result += X.middleRows(block, n);
}

/// result.topRows(n) += G F for F (n, columns); the other rows of G are zero.
inline void add_gain(const models::NoisyChain& chain, const Matrix& F, Matrix& result) {
  if (chain.equation() == networks::Equation::current)
    result.topRows(chain.units()).noalias() += chain.leak() * chain.network().W * F;
  else
    result.topRows(chain.units()) += chain.leak() * F;
}

/// Gᵀ p, (n), for p (m).
inline Vector gain_transpose(const models::NoisyChain& chain, const Vector& p) {
  const auto state = p.head(chain.units());
  if (chain.equation() == networks::Equation::current)
    return chain.leak() * (chain.network().W.transpose() * state);
  return chain.leak() * state;
}

}  // namespace stillpoint::moments
