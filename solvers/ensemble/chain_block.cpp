// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ensemble/chain_block.hpp"

#include <cmath>
#include <string_view>

#include "lib/core/require.hpp"
#include "solvers/ensemble/panel_activation.hpp"

namespace stillpoint::ensemble {
namespace {

constexpr std::string_view where = "ensemble";

}  // namespace

ChainProgram::ChainProgram(const models::NoisyChain& chain, const Matrix& inputs,
                           const Vector& initial_state, const random::Stream& stream)
    : chain_(&chain),
      stream_(stream),
      kernels_(&kernels(instruction_set())),
      noise_(random::noise_kernel(instruction_set())),
      activation_(panel_activation(chain.activation())),
      read_out_(chain.network().W_out) {
  const Index n = chain.units();
  const Index m = chain.state_size();
  const bool rate = chain.equation() == networks::Equation::rate;
  require(inputs.rows() == chain.inputs(), where, "input has ", inputs.rows(), " rows, expected ",
          chain.inputs());
  require(inputs.cols() >= 1, where, "input has no column, expected one a step or one for all");
  require(inputs.allFinite(), where, "input holds a NaN or an infinity");
  require(initial_state.size() == n || initial_state.size() == m, where, "initial state has ",
          initial_state.size(), " entries, expected ", n, " (units) or ", m, " (with noise)");
  require(initial_state.allFinite(), where, "initial state holds a NaN or an infinity");

  recurrent_ = PackedMatrix(rate ? Matrix(chain.argument_weights().leftCols(n))
                                 : Matrix(chain.gain().topRows(n)));
  offset_.resize(n, inputs.cols());
  for (Index t = 0; t < inputs.cols(); ++t)
    offset_.col(t) = rate ? chain.argument_offset(inputs.col(t))
                          : Vector(chain.state_offset(inputs.col(t)).head(n));
  initial_ = initial_state.size() == m ? initial_state : chain.initial_state(initial_state);
  no_offset_ = Vector::Zero(n);
  one_ = Vector::Ones(n);
  keep_ = chain.retention().head(n);
  state_sd_ = chain.state_sd().head(n);
  for (Index block = n; block < m; block += n) {
    coloured_keep_.push_back(chain.retention().segment(block, n));
    coloured_sd_.push_back(chain.state_sd().segment(block, n));
  }
}

Index ChainProgram::panels_per_block() const {
  // Long rows for tiny networks, where calls would cost as much as work; else 128 paths: they share
  // each pass over the weights, and the states of 100 units stay in the second-level cache.
  const Index n = chain_->units();
  return n == 1 ? 16 : n <= 4 ? 8 : 4;
}

ChainBlock::ChainBlock(const ChainProgram& program, Index first_path, Index panels, bool antithetic)
    : program_(program),
      first_path_(first_path),
      antithetic_(antithetic),
      state_(program.chain().units(), panels),
      argument_(program.chain().units(), panels) {
  const Index n = program.chain().units();
  state_.set_columns(program.initial_.head(n));
  for (std::size_t k = 0; k < program.coloured_keep_.size(); ++k) {
    coloured_.emplace_back(n, panels);
    coloured_.back().set_columns(program.initial_.segment(n * static_cast<Index>(k + 1), n));
  }
}

void ChainBlock::add_noise(Index t, std::uint32_t index, const Panels* in, const Vector& scale,
                           const double* offset, const Vector& sd, Panels& out) {
  random::NoisePanels job{.seed = program_.stream_.seed,
                          .stream = program_.stream_.stream,
                          .step = static_cast<std::uint32_t>(t),
                          .first_path = static_cast<std::uint64_t>(first_path_),
                          .first_index = index,
                          .rows = out.rows(),
                          .panels = antithetic_ ? out.panels() / 2 : out.panels(),
                          .in = in == nullptr ? nullptr : in->data(),
                          .out = out.data(),
                          .scale = scale.data(),
                          .offset = offset,
                          .sd = sd.data()};
  program_.noise_(job);
  if (!antithetic_) return;
  opposite_sd_ = -sd;
  job.sd = opposite_sd_.data();
  job.out += out.size() / 2;
  if (in != nullptr) job.in += in->size() / 2;
  program_.noise_(job);
}

void ChainBlock::step(Index t) {
  const ChainProgram& program = program_;
  const models::NoisyChain& chain = program.chain();
  const Index n = chain.units();
  const bool rate = chain.equation() == networks::Equation::rate;
  const double* const offset = program.offset_.col(program.offset_.cols() == 1 ? 0 : t).data();
  const double* const zero = program.no_offset_.data();
  const Vector& argument_sd = chain.argument_sd();
  const bool argument_noise = !argument_sd.isZero(0.0);
  const bool state_noise = !program.state_sd_.isZero(0.0);
  PanelActivation activation = program.activation_;
  activation.count = argument_.size();
  activation.a = argument_.data();
  PanelProduct product{
      .matrix = program.recurrent_.data(), .rows = n, .depth = n, .panels = state_.panels()};

  // The argument a without its product, its noise included.
  const Panels* const first = rate ? (coloured_.empty() ? nullptr : coloured_.data()) : &state_;
  if (rate || argument_noise || !coloured_.empty())
    add_noise(t, 0, first, program.one_, rate ? offset : zero, argument_sd, argument_);
  else
    activation.a = state_.data();
  for (std::size_t k = rate ? 1 : 0; k < coloured_.size(); ++k) argument_ += coloured_[k];

  if (rate) {
    // a += W y;  y' = (1 − g) y + ν ξ' + g f(a)
    product.in = state_.data();
    product.out = argument_.data();
    program.kernels_->multiply(product);
    if (state_noise)
      add_noise(t, state_index, &state_, program.keep_, zero, program.state_sd_, state_);
    activation.y = state_.data();
    activation.keep = state_noise ? 1.0 : 1.0 - chain.leak();
    activation.gain = chain.leak();
    program.kernels_->activate(activation);
  } else {
    // y' = (1 − g) y + d + ν ξ' + (g W) f(a)
    activation.y = argument_.data();
    activation.keep = 0.0;
    activation.gain = 1.0;
    program.kernels_->activate(activation);
    add_noise(t, state_index, &state_, program.keep_, offset, program.state_sd_, state_);
    product.in = argument_.data();
    product.out = state_.data();
    program.kernels_->multiply(product);
  }
  for (std::size_t k = 0; k < coloured_.size(); ++k)
    add_noise(t, state_index + static_cast<std::uint32_t>(n * static_cast<Index>(k + 1)),
              &coloured_[k], program.coloured_keep_[k], zero, program.coloured_sd_[k],
              coloured_[k]);
}

void ChainBlock::read_out(Panels& z) {
  const Index n = program_.chain().units();
  z.set_columns(program_.chain().network().b_out);
  const Panels* source = &state_;
  if (program_.chain().reads_activation()) {
    PanelActivation activation = program_.activation_;
    activation.count = argument_.size();
    activation.a = state_.data();
    activation.y = argument_.data();
    activation.keep = 0.0;
    activation.gain = 1.0;
    program_.kernels_->activate(activation);
    source = &argument_;
  }
  program_.kernels_->multiply({.matrix = program_.read_out_.data(),
                               .rows = z.rows(),
                               .depth = n,
                               .panels = z.panels(),
                               .in = source->data(),
                               .out = z.data()});
}

bool ChainBlock::finite() const {
  double sum = 0.0;  // x − x is 0, or NaN for a NaN or an infinity
  for (Index k = 0; k < state_.size(); ++k) sum += state_.data()[k] - state_.data()[k];
  return sum == 0.0;
}

}  // namespace stillpoint::ensemble
