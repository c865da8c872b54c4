// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/core/report.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/models/noisy_diffusion.hpp"
#include "solvers/cumulants/cumulant_law.hpp"

namespace stillpoint::cumulants {

/// @brief Cumulants along time. Realisability is looked at after every step, or at every time;
/// `first_loss` is where it failed first, −1 if it never did. The run goes on as long as the
/// covariance is positive; the report says what happened when.
struct CumulantTrajectory {
  Report report;
  std::vector<CumulantLaw> laws;
  Index first_loss = -1;
};

/// The chain's recursion: laws after 0, 1, …, steps steps.
/// @throws std::invalid_argument if the law's size or order does not fit.
CumulantTrajectory evolve_cumulants(const models::NoisyChain& chain, const Vector& input,
                                    const CumulantLaw& start, Index steps, Index degree = 0);

/// The diffusion's rates by CVODE, laws at the times.
/// @param[in] times  Ascending, at least two, units of τ.
CumulantTrajectory evolve_cumulants(const models::NoisyDiffusion& diffusion,
                                    const CumulantLaw& start, const Vector& times,
                                    Index degree = 0);

}  // namespace stillpoint::cumulants
