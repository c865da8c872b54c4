// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/training/back_propagation.hpp"

#include <algorithm>
#include <string_view>
#include <variant>

#include "lib/core/parallel.hpp"
#include "lib/core/require.hpp"
#include "lib/random/noise_panels.hpp"
#include "solvers/ensemble/chain_block.hpp"
#include "solvers/ensemble/panel_activation.hpp"
#include "solvers/training/kernels.hpp"

namespace stillpoint::training {
namespace {

using ensemble::AlignedArray;
using ensemble::PackedMatrix;
using random::panel_paths;

constexpr std::string_view where = "training::BackPropagation";

/// (W_in, b, W), which multiplies (u, 1, h).
Matrix joined(const networks::Network& network) {
  Matrix A(network.units(), network.inputs() + 1 + network.units());
  A << network.W_in, network.b, network.W;
  return A;
}

/// (b_out, W_out), which multiplies (1, h).
Matrix joined_read_out(const networks::Network& network) {
  Matrix C(network.outputs(), 1 + network.units());
  C << network.b_out, network.W_out;
  return C;
}

using ByRows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace

/// What the panels of a batch share.
struct BackPropagation::Batch {
  const networks::Network& network;
  const networks::StepNoise& noise;
  const tasks::Trials& trials;
  const Draws& draws;
  const Shape& shape;
  double activity_penalty;

  bool rate = network.equation == networks::Equation::rate;
  double keep = 1.0 - network.leak;
  bool inside = !noise.argument_sd.isZero(0.0);
  bool on_state = !noise.state_sd.isZero(0.0);
  /// Of what a step adds to its state before the activation (rate) or after it (current).
  double factor = rate ? 1.0 : network.leak;
  PackedMatrix weights = PackedMatrix(factor * joined(network));
  PackedMatrix weights_back = PackedMatrix(factor * network.W.transpose());
  PackedMatrix read_out = PackedMatrix(joined_read_out(network));
  PackedMatrix read_out_back = PackedMatrix(network.W_out.transpose());
  ensemble::PanelActivation activation = ensemble::panel_activation(network.activation);
  const ensemble::Kernels& products = ensemble::kernels(instruction_set());
  const Kernels& steps = kernels(instruction_set());
  random::NoiseKernel fill = random::noise_kernel(instruction_set());
  Vector zero = Vector::Zero(network.units());
  Vector one = Vector::Ones(network.units());
  Vector kept = Vector::Constant(network.units(), keep);
  double scale = 1.0 / trials.total_weight();  // of the loss
  std::vector<bool> counts = counted_steps(trials);

  static std::vector<bool> counted_steps(const tasks::Trials& trials) {
    std::vector<bool> counts(static_cast<std::size_t>(trials.steps));
    for (Index t = 0; t < trials.steps; ++t)
      counts[static_cast<std::size_t>(t)] = (trials.weights.row(t).array() > 0.0).any();
    return counts;
  }

  Index depth() const { return shape.inputs + 1 + shape.units; }
  Index size() const { return shape.units * panel_paths; }
  /// Trials of a panel that are there.
  Index live(Index number) const {
    return std::min<Index>(panel_paths, trials.count - number * panel_paths);
  }
  bool is_counted(Index step) const { return counts[static_cast<std::size_t>(step - 1)]; }
  /// True if the read-out or the penalty looks at the rates after a step.
  bool is_read(Index step) const { return activity_penalty > 0.0 || is_counted(step); }
  /// Per trial, step and unit.
  double activity_scale() const {
    return 1.0 / static_cast<double>(trials.count * trials.steps * shape.units);
  }

  double* operand(Panel& panel, Index step) const {
    return panel.operands.get() + (step - 1) * depth() * panel_paths;
  }
  /// What W multiplies, within X_t.
  double* recurrent(Panel& panel, Index step) const {
    return operand(panel, step) + (shape.inputs + 1) * panel_paths;
  }
  double* slope(Panel& panel, Index step) const { return panel.slopes.get() + (step - 1) * size(); }
  double* delta(Panel& panel, Index step) const { return panel.deltas.get() + (step - 1) * size(); }
  double* error(Panel& panel, Index step) const {
    return panel.errors.get() + (step - 1) * shape.outputs * panel_paths;
  }
  /// (1, rates) after step t, which the read-out multiplies.
  double* rates(Panel& panel, Index step) const {
    return shape.own_rates ? panel.rates.get() + (step - 1) * (1 + shape.units) * panel_paths
                           : operand(panel, step + 1) + shape.inputs * panel_paths;
  }
  Index rates_stride() const { return (shape.own_rates ? 1 + shape.units : depth()) * panel_paths; }
  /// f' where the read-out looks, current equation.
  double* rate_slope(Panel& panel, Index step) const {
    return shape.own_rates ? panel.rate_slopes.get() + (step - 1) * size() : slope(panel, step + 1);
  }

  /// out = scale in + sd ξ of a step (from 1).
  void add_noise(Index number, Index step, std::uint32_t index, const double* in,
                 const Vector& in_scale, const Vector& sd, double* out) const {
    fill({.seed = draws.stream.seed,
          .stream = draws.stream.stream,
          .step = static_cast<std::uint32_t>(step - 1),
          .first_path = draws.first_path + static_cast<std::uint64_t>(number * panel_paths),
          .first_index = index,
          .rows = shape.units,
          .panels = 1,
          .in = in,
          .out = out,
          .scale = in_scale.data(),
          .offset = zero.data(),
          .sd = sd.data()});
  }

  void multiply(const PackedMatrix& matrix, const double* in, double* out) const {
    products.multiply({.matrix = matrix.data(),
                       .rows = matrix.rows(),
                       .depth = matrix.depth(),
                       .panels = 1,
                       .in = in,
                       .out = out});
  }

  void activate(const double* a, const double* previous, double* y, double* slopes,
                double kept_share, double gain) const {
    steps.activate({.kind = activation.kind,
                    .parameter = activation.parameter,
                    .count = size(),
                    .a = a,
                    .previous = previous,
                    .y = y,
                    .slope = slopes,
                    .keep = kept_share,
                    .gain = gain});
  }

  /// rate_adjoint += W_outᵀ ∂L/∂z + penalty's part, after step t.
  void add_read_out_adjoint(Index number, Index step, Panel& panel, double* out) const {
    if (is_counted(step)) multiply(read_out_back, error(panel, step), out);
    if (activity_penalty == 0.0) return;
    const double factor_of_rate = 2.0 * activity_penalty * activity_scale();
    const double* const r = rates(panel, step) + panel_paths;
    for (Index i = 0; i < shape.units; ++i)
      for (Index p = 0; p < live(number); ++p)
        out[i * panel_paths + p] += factor_of_rate * r[i * panel_paths + p];
  }
};

BackPropagation::BackPropagation(const Options& options) : options_(options) {
  require(options.activity_penalty >= 0.0 && options.activity_penalty < 1e300, where,
          "activity_penalty = ", options.activity_penalty, ", expected >= 0");
  require(options.threads >= 0, where, "threads = ", options.threads, ", expected >= 0");
}

void BackPropagation::reserve(const Shape& shape) {
  if (shape == shape_) return;
  shape_ = shape;
  const Index n = shape.units, T = shape.steps, depth = shape.inputs + 1 + n;
  const Index own = shape.own_rates ? T : 0;
  const auto array = [](Index rows) { return AlignedArray(rows * panel_paths); };
  panels_.clear();
  for (Index k = 0; k < shape.panels; ++k) {
    Panel panel{.operands = array((T + 1) * depth),
                .slopes = array((T + 1) * n),
                .rates = array(own * (1 + n)),
                .rate_slopes = array(own * n),
                .deltas = array(T * n),
                .errors = array(T * shape.outputs),
                .state = array(n),
                .argument = array(n),
                .adjoint = array(n),
                .rate_adjoint = array(n),
                .weights_gradient = AlignedArray(n * depth),
                .read_out_gradient = AlignedArray(shape.outputs * (1 + n))};
    for (Index t = 0; t <= T; ++t)
      std::fill_n(panel.operands.get() + (t * depth + shape.inputs) * panel_paths, panel_paths,
                  1.0);
    for (Index t = 0; t < own; ++t)
      std::fill_n(panel.rates.get() + t * (1 + n) * panel_paths, panel_paths, 1.0);
    panels_.push_back(std::move(panel));
  }
}

void BackPropagation::forward(const Batch& batch, Index number, Panel& panel) {
  const auto& trials = batch.trials;
  const Index n = batch.shape.units, T = trials.steps, live = batch.live(number),
              first = number * panel_paths;
  const Vector& s = batch.noise.argument_sd;
  const Vector& nu = batch.noise.state_sd;

  for (Index t = 1; t <= T; ++t) {
    double* const u = batch.operand(panel, t);
    const Matrix& input = trials.input(t);
    for (Index i = 0; i < input.rows(); ++i)
      for (Index p = 0; p < live; ++p) u[i * panel_paths + p] = input(i, first + p);
  }
  double* const start = batch.rate ? batch.recurrent(panel, 1) : panel.state.get();
  for (Index i = 0; i < n; ++i)
    for (Index p = 0; p < live; ++p)
      start[i * panel_paths + p] = trials.h0(i, trials.h0.cols() == 1 ? 0 : first + p);

  panel.loss = panel.activity = 0.0;
  double* const a = panel.argument.get();
  double* const x = panel.state.get();
  if (!batch.rate && !batch.inside)  // r_1 = f(x_0)
    batch.activate(x, nullptr, batch.recurrent(panel, 1), batch.slope(panel, 1), 0.0, 1.0);
  for (Index t = 1; t <= T; ++t) {
    if (batch.rate) {
      if (batch.inside)
        batch.add_noise(number, t, 0, nullptr, batch.one, s, a);
      else
        panel.argument.set_zero();
      batch.multiply(batch.weights, batch.operand(panel, t), a);
      double* const next = batch.recurrent(panel, t + 1);
      const double* previous = batch.recurrent(panel, t);
      if (batch.on_state) {
        batch.add_noise(number, t, ensemble::state_index, previous, batch.kept, nu, next);
        previous = next;
      }
      batch.activate(a, previous, next, batch.slope(panel, t), batch.on_state ? 1.0 : batch.keep,
                     batch.network.leak);
    } else {
      if (batch.inside) {
        batch.add_noise(number, t, 0, x, batch.one, s, a);
        batch.activate(a, nullptr, batch.recurrent(panel, t), batch.slope(panel, t), 0.0, 1.0);
      }
      batch.add_noise(number, t, ensemble::state_index, x, batch.kept, nu, x);
      batch.multiply(batch.weights, batch.operand(panel, t), x);
      if (!batch.inside || batch.is_read(t))
        batch.activate(x, nullptr, batch.rates(panel, t) + panel_paths, batch.rate_slope(panel, t),
                       0.0, 1.0);
    }
    if (batch.is_read(t)) read(batch, number, t, panel);
  }
}

void BackPropagation::read(const Batch& batch, Index number, Index step, Panel& panel) {
  const Index live = batch.live(number), first = number * panel_paths;
  const double* const rates = batch.rates(panel, step);
  if (batch.activity_penalty > 0.0)
    for (Index i = 1; i <= batch.shape.units; ++i)
      for (Index p = 0; p < live; ++p)
        panel.activity += rates[i * panel_paths + p] * rates[i * panel_paths + p];
  if (!batch.is_counted(step)) return;
  double* const z = batch.error(panel, step);
  std::fill_n(z, batch.shape.outputs * panel_paths, 0.0);
  batch.multiply(batch.read_out, rates, z);
  const Matrix& target = batch.trials.target(step);
  for (Index o = 0; o < batch.shape.outputs; ++o) {
    double* const row = z + o * panel_paths;
    for (Index p = 0; p < live; ++p) {
      const double error = row[p] - target(o, first + p);
      const double weighted = batch.scale * batch.trials.weight(step, first + p) *
                              batch.trials.output_weights(o) * error;
      panel.loss += weighted * error;
      row[p] = 2.0 * weighted;
    }
    std::fill(row + live, row + panel_paths, 0.0);
  }
}

void BackPropagation::backward(const Batch& batch, Index number, Panel& panel) {
  const Index T = batch.shape.steps, size = batch.size();
  double* const adjoint = panel.adjoint.get();
  double* const rate_adjoint = panel.rate_adjoint.get();
  panel.adjoint.set_zero();
  for (Index t = T; t >= 1; --t) {
    double* const delta = batch.delta(panel, t);
    if (batch.rate) {
      batch.add_read_out_adjoint(number, t, panel, adjoint);
      batch.steps.step_back({.count = size,
                             .slope = batch.slope(panel, t),
                             .adjoint = adjoint,
                             .product = delta,
                             .keep = batch.keep});
      if (t > 1) batch.multiply(batch.weights_back, delta, adjoint);
      continue;
    }
    if (batch.is_read(t)) {
      panel.rate_adjoint.set_zero();
      batch.add_read_out_adjoint(number, t, panel, rate_adjoint);
      batch.steps.scale_add({.count = size,
                             .slope = batch.rate_slope(panel, t),
                             .increment = rate_adjoint,
                             .adjoint = adjoint,
                             .keep = 1.0});
    }
    std::copy_n(adjoint, size, delta);
    if (t == 1) continue;
    panel.rate_adjoint.set_zero();
    batch.multiply(batch.weights_back, delta, rate_adjoint);
    batch.steps.scale_add({.count = size,
                           .slope = batch.slope(panel, t),
                           .increment = rate_adjoint,
                           .adjoint = adjoint,
                           .keep = batch.keep});
  }

  panel.weights_gradient.set_zero();
  batch.steps.gradient({.rows = batch.shape.units,
                        .columns = batch.depth(),
                        .steps = T,
                        .left = batch.delta(panel, 1),
                        .left_stride = size,
                        .right = batch.operand(panel, 1),
                        .right_stride = batch.depth() * panel_paths,
                        .out = panel.weights_gradient.get()});
  panel.read_out_gradient.set_zero();
  for (Index t = 1; t <= T;) {  // runs of steps that count
    Index end = t;
    while (end <= T && batch.is_counted(end)) ++end;
    if (end > t)
      batch.steps.gradient({.rows = batch.shape.outputs,
                            .columns = 1 + batch.shape.units,
                            .steps = end - t,
                            .left = batch.error(panel, t),
                            .left_stride = batch.shape.outputs * panel_paths,
                            .right = batch.rates(panel, t),
                            .right_stride = batch.rates_stride(),
                            .out = panel.read_out_gradient.get()});
    t = end + 1;
  }
}

BatchLoss BackPropagation::operator()(const networks::Network& network,
                                      const networks::StepNoise& noise, const tasks::Trials& trials,
                                      const Draws& draws, Gradient* gradient) {
  tasks::require_fits(trials, network);
  require(noise.coloured.empty(), where,
          "a noise source has a correlation time, expected white noise");
  require(!std::holds_alternative<activations::Heaviside>(network.activation), where,
          "the activation is heaviside, whose derivative is 0; expected another");
  require(draws.first_path % panel_paths == 0, where, "first_path = ", draws.first_path,
          ", expected a multiple of ", panel_paths);
  const bool own_rates =
      network.equation == networks::Equation::current && !noise.argument_sd.isZero(0.0);
  reserve({.units = network.units(),
           .inputs = network.inputs(),
           .outputs = network.outputs(),
           .steps = trials.steps,
           .panels = (trials.count + panel_paths - 1) / panel_paths,
           .own_rates = own_rates});
  const Batch batch{.network = network,
                    .noise = noise,
                    .trials = trials,
                    .draws = draws,
                    .shape = shape_,
                    .activity_penalty = options_.activity_penalty};
  parallel_for(shape_.panels, options_.threads, [&](Index k) {
    Panel& panel = panels_[static_cast<std::size_t>(k)];
    forward(batch, k, panel);
    if (gradient != nullptr) backward(batch, k, panel);
  });

  BatchLoss result;
  for (const Panel& panel : panels_) {
    result.loss += panel.loss;
    result.activity += panel.activity * batch.activity_scale();
  }
  result.objective = result.loss + options_.activity_penalty * result.activity;
  if (gradient == nullptr) return result;
  ByRows A = ByRows::Zero(network.units(), batch.depth());
  ByRows C = ByRows::Zero(network.outputs(), 1 + network.units());
  for (const Panel& panel : panels_) {
    A += Eigen::Map<const ByRows>(panel.weights_gradient.get(), A.rows(), A.cols());
    C += Eigen::Map<const ByRows>(panel.read_out_gradient.get(), C.rows(), C.cols());
  }
  A *= batch.factor;
  gradient->W_in = A.leftCols(network.inputs());
  gradient->b = A.col(network.inputs());
  gradient->W = A.rightCols(network.units());
  gradient->b_out = C.col(0);
  gradient->W_out = C.rightCols(network.units());
  return result;
}

}  // namespace stillpoint::training
