// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ensemble/process.hpp"

#include <variant>

namespace stillpoint::ensemble {

ChainProcess::ChainProcess(models::NoisyChain chain, const Vector& input)
    : chain_(std::move(chain)),
      argument_offset_(chain_.argument_offset(input)),
      state_offset_(chain_.state_offset(input)),
      argument_(chain_.units()) {}

void ChainProcess::step(const StepAddress& address, Vector& y) {
  constexpr Index state_index = Index{1} << 31;
  const Vector &s = chain_.argument_sd(), &sd = chain_.state_sd();
  argument_ = argument_offset_;
  argument_.noalias() += chain_.argument_weights() * y;
  for (Index i = 0; i < s.size(); ++i)
    if (s(i) > 0.0) argument_(i) += s(i) * address.normal(i);
  std::visit(
      [this](const auto& f) {
        for (double& a : argument_) a = f(a);
      },
      chain_.activation());
  y = chain_.retention().cwiseProduct(y) + state_offset_;
  y.noalias() += chain_.gain() * argument_;
  for (Index j = 0; j < sd.size(); ++j)
    if (sd(j) > 0.0) y(j) += sd(j) * address.normal(state_index + j);
}

}  // namespace stillpoint::ensemble
