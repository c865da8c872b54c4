// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "lib/models/noisy_chain.hpp"
#include "lib/random/normal.hpp"
#include "solvers/ensemble/panels.hpp"

namespace stillpoint::ensemble {

/// Index of the draw ξ_i on the argument of unit i is i; that of the draw ξ'_j on component j of
/// the state, coloured blocks included, is state_index + j.
constexpr std::uint32_t state_index = std::uint32_t{1} << 31;

/// @brief A noisy chain under one input, made ready for the kernels. Shared by all threads.
///
/// The identity blocks of the chain's matrices B and G are not multiplied out: one dense product a
/// step is left, B's first n columns in the rate equation and G's first n rows in the current one.
class ChainProgram {
 public:
  /// @param[in] inputs         (inputs, steps), or (inputs, 1) for a constant input.
  /// @param[in] initial_state  (n), or (m) with the coloured blocks.
  /// @throws std::invalid_argument for a wrong shape, a NaN, or an activation without a kernel.
  ChainProgram(const models::NoisyChain& chain, const Matrix& inputs, const Vector& initial_state,
               const random::Stream& stream);

  const models::NoisyChain& chain() const { return *chain_; }
  Index panels_per_block() const;  ///< Depends on n alone, so that results depend on n alone.

 private:
  friend class ChainBlock;
  const models::NoisyChain* chain_;
  random::Stream stream_;
  const Kernels* kernels_;
  random::NoiseKernel noise_;
  PanelActivation activation_;         // kind and parameter set
  PackedMatrix recurrent_;             // (n, n)
  PackedMatrix read_out_;              // (outputs, n)
  Matrix offset_;                      // c(u) or d(u), (n, steps or 1)
  Vector initial_;                     // (m)
  Vector no_offset_, one_, keep_;      // (n): 0, 1, 1 − g
  std::vector<Vector> coloured_keep_;  // ρ of each source, (n)
  std::vector<Vector> coloured_sd_;    // ν of each source, (n)
  Vector state_sd_;                    // ν of the network's state, (n)
};

/// @brief The states of consecutive paths of a program, stepped together by one thread.
class ChainBlock {
 public:
  /// @param[in] program     Borrowed; must outlive the block.
  /// @param[in] first_path  Multiple of 32.
  /// @param[in] antithetic  The second half of the panels, then an even number, sees the noise of
  ///                        the first half with the opposite sign.
  ChainBlock(const ChainProgram& program, Index first_path, Index panels, bool antithetic = false);

  /// Advances every path from step t to t + 1 with the draws of step t, input column t.
  void step(Index t);

  const Panels& state() const { return state_; }  ///< The network's state, (n, paths).
  void read_out(Panels& z);                       ///< z of the state as it is, (outputs, paths).
  bool finite() const;                            ///< No NaN and no infinity in the state.

 private:
  void add_noise(Index t, std::uint32_t index, const Panels* in, const Vector& scale,
                 const double* offset, const Vector& sd, Panels& out);

  const ChainProgram& program_;
  Index first_path_;
  bool antithetic_;
  Vector opposite_sd_;            // −sd of the noise being added, (n)
  Panels state_;                  // y, (n)
  std::vector<Panels> coloured_;  // η of each source, (n)
  Panels argument_;               // a, then f(a), (n)
};

}  // namespace stillpoint::ensemble
