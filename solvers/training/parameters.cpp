// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/training/parameters.hpp"

namespace stillpoint::training {
namespace {

/// use(part) for every trained part of a network or gradient, in the order of the vector.
template <typename Parts, typename Use>
void for_each(const Trained& trained, Parts& parts, const Use& use) {
  if (trained.W) use(parts.W);
  if (trained.W_in) use(parts.W_in);
  if (trained.b) use(parts.b);
  if (trained.W_out) use(parts.W_out);
  if (trained.b_out) use(parts.b_out);
}

template <typename Parts>
Vector gather(const Trained& trained, const Parts& parts, Index size) {
  Vector values(size);
  Index at = 0;
  for_each(trained, parts, [&](const auto& part) {
    values.segment(at, part.size()) = Eigen::Map<const Vector>(part.data(), part.size());
    at += part.size();
  });
  return values;
}

}  // namespace

Parameters::Parameters(const networks::Network& network, const Trained& trained)
    : trained_(trained),
      units_(network.units()),
      inputs_(network.inputs()),
      outputs_(network.outputs()),
      size_(0) {
  for_each(trained_, network, [&](const auto& part) { size_ += part.size(); });
}

Vector Parameters::values(const networks::Network& network) const {
  return gather(trained_, network, size_);
}

Vector Parameters::values(const Gradient& gradient) const {
  return gather(trained_, gradient, size_);
}

void Parameters::assign(const Vector& values, networks::Network& network) const {
  Index at = 0;
  for_each(trained_, network, [&](auto& part) {
    Eigen::Map<Vector>(part.data(), part.size()) = values.segment(at, part.size());
    at += part.size();
  });
}

Vector Parameters::is_weight() const {
  const Gradient one{.W = Matrix::Ones(units_, units_),
                     .W_in = Matrix::Ones(units_, inputs_),
                     .b = Vector::Zero(units_),
                     .W_out = Matrix::Ones(outputs_, units_),
                     .b_out = Vector::Zero(outputs_)};
  return values(one);
}

}  // namespace stillpoint::training
