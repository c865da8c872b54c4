// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <utility>

#include "lib/core/require.hpp"
#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/random/normal.hpp"
#include "solvers/sde/scheme.hpp"

namespace stillpoint::ensemble {

/// Where a step finds its noise: normal(stream, path, step, index) for the indices it likes.
struct StepAddress {
  random::Stream stream;
  std::uint64_t path = 0;
  std::uint32_t step = 0;

  double normal(Index index) const {
    return random::normal(stream, path, step, static_cast<std::uint32_t>(index));
  }
};

/// @brief A time-homogeneous Markov process in discrete time: x, (n), is advanced in place by a
/// step whose only randomness is that of its address. Copied once a task; owner of its workspace.
template <typename P>
concept MarkovProcess = std::copy_constructible<P> &&
    requires(P& process, const StepAddress& address, Vector& x) {
  { process.state_size() } -> std::convertible_to<Index>;
  process.step(address, x);
};

/// @brief A NoisyChain at a constant input, y' = λ∘y + G f(B y + c + s∘ξ) + d + ν∘ξ'.
///
/// ξ_i has index i, ξ'_j has 2³¹ + j, as everywhere in this folder.
class ChainProcess {
 public:
  /// @param[in] chain  Copied.
  /// @param[in] input  Constant input u, (inputs).
  /// @throws std::invalid_argument for a wrong shape.
  ChainProcess(models::NoisyChain chain, const Vector& input);

  Index state_size() const { return chain_.state_size(); }
  void step(const StepAddress& address, Vector& y);

 private:
  models::NoisyChain chain_;
  Vector argument_offset_, state_offset_;  // c (n), d (m)
  Vector argument_;                        // workspace, (n)
};

/// @brief A diffusion that does not depend on time, advanced by a scheme with a fixed step h.
///
/// ΔW_k has index k; the area ∫ W dt, drawn only for a scheme of strong order above one, m + k.
template <sde::Scheme S>
class SchemeProcess {
 public:
  /// @param[in] scheme  Copied; the model it borrows must outlive the process.
  /// @param[in] step    h > 0.
  /// @throws std::invalid_argument if h is not a positive number.
  SchemeProcess(S scheme, double step) : scheme_(std::move(scheme)), h_(step) {
    require(step > 0.0 && std::isfinite(step), "SchemeProcess", "step = ", step, ", expected > 0");
    increment_.dW.resize(scheme_.noise_size());
    increment_.dZ.setZero(scheme_.noise_size());
  }

  Index state_size() const { return scheme_.state_size(); }

  void step(const StepAddress& address, Vector& x) {
    const Index m = scheme_.noise_size();
    const double root = std::sqrt(h_);
    for (Index k = 0; k < m; ++k) increment_.dW(k) = root * address.normal(k);
    if constexpr (S::strong_order > 1.0)
      for (Index k = 0; k < m; ++k)
        increment_.dZ(k) =
            0.5 * h_ * increment_.dW(k) + h_ * root / std::sqrt(12.0) * address.normal(m + k);
    scheme_.step(0.0, h_, increment_, x);
  }

 private:
  S scheme_;
  double h_;
  random::Increment increment_;
};

}  // namespace stillpoint::ensemble
