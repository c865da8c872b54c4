// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/networks/initial_weights.hpp"

#include <cmath>

#include "lib/core/require.hpp"

namespace stillpoint::networks {

Network draw_network(const Network& shape, const InitialWeights& sd, const random::Stream& stream) {
  Network network = make_network(shape);
  for (const double value : {sd.recurrent, sd.input, sd.bias, sd.output})
    require(value >= 0.0 && std::isfinite(value), "draw_network", "a standard deviation is ", value,
            ", expected >= 0");
  const double root = std::sqrt(static_cast<double>(network.units()));
  // The draw of entry (i, j) of block k has the address (j, k, i): it does not depend on the shape.
  const auto draw = [&](double scale, std::uint32_t block, auto& values) {
    for (Index j = 0; j < values.cols(); ++j)
      for (Index i = 0; i < values.rows(); ++i)
        values(i, j) = scale * random::normal(stream, static_cast<std::uint64_t>(j), block,
                                              static_cast<std::uint32_t>(i));
  };
  draw(sd.recurrent / root, 0, network.W);
  draw(sd.input, 1, network.W_in);
  draw(sd.bias, 2, network.b);
  draw(sd.output / root, 3, network.W_out);
  network.b_out.setZero();
  return network;
}

}  // namespace stillpoint::networks
