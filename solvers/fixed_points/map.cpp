// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fixed_points/map.hpp"

#include <memory>
#include <optional>
#include <variant>

#include "lib/core/require.hpp"
#include "solvers/ensemble/panels.hpp"
#include "solvers/fixed_points/group.hpp"

namespace stillpoint::fixed_points {

namespace {

/// The kernel of a smooth activation; the others have none here.
std::optional<GroupActivation> group_activation(const activations::Activation& f) {
  using ensemble::ActivationKind;
  if (std::holds_alternative<activations::Tanh>(f)) return GroupActivation{ActivationKind::tanh};
  if (std::holds_alternative<activations::Erf>(f)) return GroupActivation{ActivationKind::erf};
  if (std::holds_alternative<activations::Logistic>(f))
    return GroupActivation{ActivationKind::logistic};
  if (std::holds_alternative<activations::Identity>(f))
    return GroupActivation{ActivationKind::identity};
  if (const auto* softplus = std::get_if<activations::Softplus>(&f))
    return GroupActivation{ActivationKind::softplus, softplus->sharpness()};
  return std::nullopt;
}

/// True for f(−u) = −f(u).
bool is_odd(const activations::Activation& f) {
  return std::holds_alternative<activations::Tanh>(f) ||
         std::holds_alternative<activations::Erf>(f) ||
         std::holds_alternative<activations::Identity>(f) ||
         std::holds_alternative<activations::SaturatingLinear>(f);
}

/// argument_map() without smoothing for eight points side by side.
class GroupArgumentMap {
 public:
  GroupArgumentMap(const models::NoisyChain& chain, const Vector& constant,
                   const GroupActivation& activation)
      : n_(chain.units()),
        gain_(chain.leak()),
        weights_(padded(n_) * padded(n_)),
        constant_(padded(n_)),
        activation_(activation),
        kernels_(&group_kernels(instruction_set())) {
    for (Index i = 0; i < n_; ++i) {
      constant_.get()[i] = constant(i);
      for (Index j = 0; j < n_; ++j) weights_.get()[entry(n_, i, j)] = chain.network().W(i, j);
    }
  }

  void operator()(const double* a, double* residual, double* matrix, double* work) const {
    double* const value = work;
    double* const slope = work + padded(n_) * group_size;
    GroupActivation job = activation_;
    job.count = padded(n_);
    job.a = a;
    job.value = value;
    job.slope = slope;
    kernels_->activate(job);
    const GroupChain chain{n_, weights_.get(), constant_.get(), gain_};
    kernels_->residual(chain, a, value, residual);
    if (matrix != nullptr) kernels_->matrix(chain, slope, matrix);
  }

 private:
  Index n_;
  double gain_;
  ensemble::AlignedArray weights_, constant_;
  GroupActivation activation_;
  const GroupKernels* kernels_;
};

/// The map of either equation with the chain's weights, leak, activation and constant.
Map make_map(const models::NoisyChain& chain, networks::Equation equation, const Vector& constant,
             const Vector& q) {
  const Index n = chain.units();
  require(q.size() == 0 || q.size() == n, "chain_map", "q has ", q.size(), " entries, expected ", n,
          " (one a unit) or none");
  require(q.allFinite() && (q.array() >= 0.0).all(), "chain_map",
          "q holds a negative or non-finite number, expected >= 0");
  const bool smoothed = (q.array() > 0.0).any();
  const bool rate = equation == networks::Equation::rate;
  return {.size = n,
          .evaluate =
              [n, q, smoothed, rate, g = chain.leak(), W = chain.network().W, constant,
               f = chain.activation()](const Vector& y, Vector& image, Matrix* jacobian) {
                Vector argument = y;
                if (rate) argument = constant + W * y;
                Vector value(n), slope(n);
                std::visit(
                    [&](const auto& activation) {
                      for (Index i = 0; i < n; ++i) {
                        if (smoothed) {
                          const auto average = activation.averages(argument(i), q(i));
                          value(i) = average.mean;
                          slope(i) = average.slope;
                        } else {
                          value(i) = activation(argument(i));
                          slope(i) = jacobian ? activation.derivative(1, argument(i)) : 0.0;
                        }
                      }
                    },
                    f);
                if (rate) {
                  image = (1.0 - g) * y + g * value;
                } else {
                  image = (1.0 - g) * y + g * constant;
                  image.noalias() += g * (W * value);
                }
                if (!jacobian) return;
                if (rate) {
                  jacobian->noalias() = (g * slope).asDiagonal() * W;
                } else {
                  jacobian->noalias() = W * (g * slope).asDiagonal();
                }
                jacobian->diagonal().array() += 1.0 - g;
              },
          .odd = is_odd(chain.activation()) && (constant.array() == 0.0).all()};
}

}  // namespace

Vector constant_drive(const models::NoisyChain& chain, const Vector& input) {
  if (chain.equation() == networks::Equation::rate) return chain.argument_offset(input);
  return chain.state_offset(input).head(chain.units()) / chain.leak();
}

Map chain_map(const models::NoisyChain& chain, const Vector& input, const Vector& q) {
  return make_map(chain, chain.equation(), constant_drive(chain, input), q);
}

Map argument_map(const models::NoisyChain& chain, const Vector& input, const Vector& q) {
  const Vector constant = constant_drive(chain, input);
  Map map = make_map(chain, networks::Equation::current, constant, q);
  const auto activation = group_activation(chain.activation());
  if (activation && !(q.array() > 0.0).any())
    map.evaluate_group =
        [group = std::make_shared<const GroupArgumentMap>(chain, constant, *activation)](
            const double* a, double* residual, double* matrix, double* work) {
          (*group)(a, residual, matrix, work);
        };
  return map;
}

Vector state_of_argument(const models::NoisyChain& chain, const Vector& argument, const Vector& q) {
  if (chain.equation() == networks::Equation::current) return argument;
  return Vector::NullaryExpr(argument.size(), [&](Index i) {
    return q.size() > 0 && q(i) > 0.0
               ? activations::averages(chain.activation(), argument(i), q(i)).mean
               : activations::value(chain.activation(), argument(i));
  });
}

}  // namespace stillpoint::fixed_points
