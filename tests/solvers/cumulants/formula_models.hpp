// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/symbolic/calculus.hpp"
#include "lib/symbolic/latex.hpp"
#include "lib/symbolic/model.hpp"

namespace stillpoint::tests {

/// Every symbol that is neither a state nor a normal becomes a parameter, with the value 1.
inline symbolic::Model with_parameters(symbolic::Model model) {
  std::set<std::string> known;
  for (const auto& e : model.states) known.insert(symbolic::to_text(e));
  for (const auto& e : model.normals) known.insert(symbolic::to_text(e));
  std::vector<symbolic::Expression> formulas = model.drift;
  for (const auto& row : model.noise) formulas.insert(formulas.end(), row.begin(), row.end());
  for (const auto& e : formulas)
    for (const std::string& name : symbolic::symbols(e))
      if (known.insert(name).second) model.parameters.push_back({symbolic::symbol(name), 1});
  return model;
}

inline symbolic::Model formula_diffusion(std::vector<symbolic::Expression> states,
                                         std::vector<symbolic::Expression> drift,
                                         std::vector<std::vector<symbolic::Expression>> noise) {
  return with_parameters({.name = "",
                          .kind = symbolic::Model::Kind::diffusion,
                          .states = std::move(states),
                          .parameters = {},
                          .drift = std::move(drift),
                          .noise = std::move(noise),
                          .normals = {}});
}

inline symbolic::Model formula_chain(std::vector<symbolic::Expression> states,
                                     std::vector<symbolic::Expression> map,
                                     std::vector<symbolic::Expression> normals) {
  return with_parameters({.name = "",
                          .kind = symbolic::Model::Kind::chain,
                          .states = std::move(states),
                          .parameters = {},
                          .drift = std::move(map),
                          .noise = {},
                          .normals = std::move(normals)});
}

/// The model with these values of parameters.
inline symbolic::Model with_values(
    symbolic::Model model, const std::vector<std::pair<symbolic::Expression, double>>& values) {
  for (auto& parameter : model.parameters)
    for (const auto& [name, value] : values)
      if (parameter.symbol == name) parameter.value = value;
  return model;
}

}  // namespace stillpoint::tests
