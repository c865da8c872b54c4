// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/activations/activation.hpp"

#include <array>
#include <cstddef>
#include <utility>

#include "lib/core/require.hpp"

namespace stillpoint::activations {

namespace {

// One of each kind with its default parameters, in the order of the variant.
const auto& defaults() {
  static const auto all = []<std::size_t... k>(std::index_sequence<k...>) {
    return std::array{Activation(std::variant_alternative_t<k, Activation>{})...};
  }
  (std::make_index_sequence<std::variant_size_v<Activation>>{});
  return all;
}

std::string joined(const auto& words) {
  std::string list;
  for (const auto& word : words) list.append(list.empty() ? "" : ", ").append(word);
  return list.empty() ? "none" : list;
}

}  // namespace

std::string_view name(const Activation& f) {
  return std::visit([](const auto& g) { return g.name; }, f);
}

double value(const Activation& f, double u) {
  return std::visit([u](const auto& g) { return g(u); }, f);
}

double derivative(const Activation& f, int order, double u) {
  return std::visit([=](const auto& g) { return g.derivative(order, u); }, f);
}

std::vector<double> kinks(const Activation& f) {
  return std::visit([](const auto& g) { return g.kinks(); }, f);
}

Range range(const Activation& f) {
  return std::visit([](const auto& g) { return g.range(); }, f);
}

GaussianAverages averages(const Activation& f, double u, double q) {
  return std::visit([=](const auto& g) { return g.averages(u, q); }, f);
}

Attenuation attenuation(const Activation& f, double u, double q) {
  return std::visit([=](const auto& g) { return g.attenuation(u, q); }, f);
}

Activation make_activation(std::string_view name, const std::map<std::string, double>& parameters) {
  for (const Activation& f : defaults()) {
    if (activations::name(f) != name) continue;
    auto values = activations::parameters(f);
    std::vector<std::string> known;
    for (const auto& [key, value] : values) known.push_back(key);
    for (const auto& [key, value] : parameters) {
      require(values.contains(key), name, "parameter \"", key, "\", expected ", joined(known));
      values[key] = value;
    }
    if (std::holds_alternative<LeakyRelu>(f)) return LeakyRelu(values.at("slope"));
    if (std::holds_alternative<Softplus>(f)) return Softplus(values.at("sharpness"));
    return f;
  }
  require(false, "make_activation", "activation \"", name, "\", expected one of ",
          joined(activation_names()));
  return Identity{};  // not reached
}

std::vector<std::string_view> activation_names() {
  std::vector<std::string_view> names;
  for (const Activation& f : defaults()) names.push_back(name(f));
  return names;
}

std::map<std::string, double> parameters(const Activation& f) {
  if (const auto* leaky = std::get_if<LeakyRelu>(&f)) return {{"slope", leaky->slope()}};
  if (const auto* softplus = std::get_if<Softplus>(&f)) {
    return {{"sharpness", softplus->sharpness()}};
  }
  return {};
}

}  // namespace stillpoint::activations
