// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/random/noise_kernel.hpp"

namespace stillpoint::random::v3 {

void fill_noise(const NoisePanels& job) { fill_panels(job); }

}  // namespace stillpoint::random::v3
