// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/symbolic/model.hpp"

#include <algorithm>
#include <set>

#include "lib/core/require.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/models/noisy_diffusion.hpp"
#include "lib/symbolic/calculus.hpp"
#include "lib/symbolic/functions.hpp"
#include "lib/symbolic/latex.hpp"

namespace stillpoint::symbolic {
namespace {

void require_names(const std::vector<Expression>& list, std::string_view what,
                   std::set<std::string>& names) {
  for (const Expression& e : list) {
    require(is_symbol(e), "Model", what, " is ", to_text(e), ", expected a symbol");
    require(names.insert(to_text(e)).second, "Model", what, " ", to_text(e),
            " has the name of another symbol of the model, expected different names");
  }
}

void require_known(const Expression& e, const std::string& what,
                   const std::set<std::string>& names) {
  for (const std::string& name : symbols(e))
    require(names.contains(name), "Model", what, " holds the symbol ", name,
            ", which is neither a state nor a parameter", "; expected these only");
}

/// (n, m) formulas by columns, with the parameters' values put in where they are not free.
Tape compile(const Model& model, std::vector<Expression> outputs,
             const std::vector<std::string>& free) {
  std::vector<Expression> inputs = model.states;
  inputs.insert(inputs.end(), model.normals.begin(), model.normals.end());
  std::vector<Substitution> values;
  for (const std::string& name : free) {
    const auto same = [&](const Model::Parameter& p) { return p.symbol == symbol(name); };
    require(std::any_of(model.parameters.begin(), model.parameters.end(), same), "Model",
            "the free parameter ", name, " is none of the model's");
    inputs.push_back(symbol(name));
  }
  for (const auto& [name, value] : model.parameters)
    if (std::find(inputs.begin(), inputs.end(), name) == inputs.end())
      values.push_back({name, value});
  for (Expression& output : outputs) output = substitute(output, values);
  return Tape::compile(outputs, inputs);
}

std::vector<Expression> derivatives(const Model& model, const std::vector<Expression>& variables) {
  std::vector<Expression> outputs;
  for (const Expression& variable : variables)
    for (const Expression& f : model.drift) outputs.push_back(derivative(f, variable));
  return outputs;
}

std::string numbered(const std::string& name, Index k) {
  return name + "_" + std::to_string(k + 1);
}

/// States, and the arguments a = B y + c of the units without their noise.
struct Parts {
  Model model;
  std::vector<Expression> arguments;
};

Parts begin_model(const models::NoisyChain& chain, const Vector& input, Model::Kind kind) {
  Parts parts;
  parts.model.kind = kind;
  const Index n = chain.units();
  for (Index i = 0; i < chain.state_size(); ++i) {
    const std::string base = i >= n                     ? numbered("c", i / n - 1)
                             : chain.reads_activation() ? "x"
                                                        : "h";
    parts.model.states.push_back(symbol(numbered(base, i % n)));
  }
  const Vector c = chain.argument_offset(input);
  for (Index i = 0; i < n; ++i) {
    Expression a = c(i);
    for (Index j = 0; j < chain.state_size(); ++j)
      a += Expression(chain.argument_weights()(i, j)) *
           parts.model.states[static_cast<std::size_t>(j)];
    parts.arguments.push_back(a);
  }
  return parts;
}

Model chain_model(const models::NoisyChain& chain, const Vector& input) {
  auto [model, arguments] = begin_model(chain, input, Model::Kind::chain);
  std::vector<Expression> rates;
  for (Index i = 0; i < chain.units(); ++i) {
    Expression a = arguments[static_cast<std::size_t>(i)];
    if (chain.argument_sd()(i) > 0.0) {
      model.normals.push_back(symbol(numbered("xi", i)));
      a += Expression(chain.argument_sd()(i)) * model.normals.back();
    }
    rates.push_back(call(chain.activation(), a));
  }
  const Vector d = chain.state_offset(input);
  for (Index i = 0; i < chain.state_size(); ++i) {
    Expression next =
        Expression(chain.retention()(i)) * model.states[static_cast<std::size_t>(i)] + d(i);
    for (Index j = 0; j < chain.units(); ++j)
      next += Expression(chain.gain()(i, j)) * rates[static_cast<std::size_t>(j)];
    if (chain.state_sd()(i) > 0.0) {
      model.normals.push_back(symbol(numbered("zeta", i)));
      next += Expression(chain.state_sd()(i)) * model.normals.back();
    }
    model.drift.push_back(next);
  }
  return model;
}

Model diffusion_model(const models::NoisyDiffusion& diffusion, const Vector& input) {
  const models::NoisyChain& chain = diffusion.chain();
  auto [model, arguments] = begin_model(chain, input, Model::Kind::diffusion);
  const auto& f = chain.activation();
  const Expression g = chain.leak();
  const auto gain = [&](Index i, Index j) { return Expression(chain.gain()(i, j)); };
  model.noise.resize(static_cast<std::size_t>(chain.state_size()));
  std::vector<Expression> rates;
  for (Index j = 0; j < chain.units(); ++j) {
    const Expression s = chain.argument_sd()(j), a = arguments[static_cast<std::size_t>(j)];
    rates.push_back(smoothed(f, a, s));
    if (chain.argument_sd()(j) <= 0.0) continue;
    const Expression passed = sqrt(transmitted_variance(f, a, s) / g);
    for (Index i = 0; i < chain.state_size(); ++i)
      model.noise[static_cast<std::size_t>(i)].push_back(gain(i, j) * passed);
  }
  for (Index i = 0; i < chain.state_size(); ++i) {
    Expression drift = Expression(diffusion.rate()(i)) * model.states[static_cast<std::size_t>(i)] +
                       diffusion.state_offset()(i);
    for (Index j = 0; j < chain.units(); ++j)
      drift += gain(i, j) / g * rates[static_cast<std::size_t>(j)];
    model.drift.push_back(drift);
    if (diffusion.state_noise()(i) <= 0.0) continue;
    for (Index k = 0; k < chain.state_size(); ++k)
      model.noise[static_cast<std::size_t>(k)].push_back(k == i ? diffusion.state_noise()(i) : 0.0);
  }
  return model;
}

}  // namespace

Index Model::noise_size() const {
  if (kind == Kind::chain) return static_cast<Index>(normals.size());
  return noise.empty() ? 0 : static_cast<Index>(noise.front().size());
}

Model make_model(Model model) {
  const std::size_t n = model.states.size();
  require(n > 0, "Model", "there are no states, expected at least one");
  require(model.drift.size() == n, "Model", model.drift.size(), " formulas for ", n,
          " states, expected one a state");
  std::set<std::string> names;
  require_names(model.states, "a state", names);
  require_names(model.normals, "a normal", names);
  std::vector<Expression> parameters;
  for (const auto& [symbol, value] : model.parameters) {
    parameters.push_back(symbol);
    require(symbols(value).empty(), "Model", "the value of parameter ", to_text(symbol), " is ",
            to_text(value), ", expected a number");
  }
  require_names(parameters, "a parameter", names);
  if (model.kind == Model::Kind::chain) {
    require(model.noise.empty(), "Model",
            "a chain has a noise matrix, expected its normals in the update formulas");
  } else {
    require(model.normals.empty(), "Model",
            "a diffusion has normals, expected a noise matrix (n, m)");
    require(model.noise.empty() || model.noise.size() == n, "Model", "the noise matrix has ",
            model.noise.size(), " rows, expected ", n, " or none");
  }
  for (std::size_t i = 0; i < n; ++i) {
    const std::string state = to_text(model.states[i]);
    require_known(model.drift[i], "the formula of " + state, names);
    if (model.noise.empty()) continue;
    require(model.noise[i].size() == model.noise[0].size(), "Model", "the noise of ", state,
            " has ", model.noise[i].size(), " entries, that of the first state ",
            model.noise[0].size(), "; expected as many");
    for (const Expression& entry : model.noise[i])
      require_known(entry, "the noise of " + state, names);
  }
  return model;
}

Model make_model(const networks::Network& network, const networks::NoiseSpec& noise,
                 const Vector& input, Model::Kind kind) {
  models::NoisyChain chain(network, noise);
  require(input.size() == chain.inputs() && input.allFinite(), "make_model", "input has ",
          input.size(), " entries or is not finite, expected ", chain.inputs());
  return make_model(kind == Model::Kind::chain
                        ? chain_model(chain, input)
                        : diffusion_model(models::NoisyDiffusion(std::move(chain), input), input));
}

Tape drift_tape(const Model& model, const std::vector<std::string>& free) {
  return compile(model, model.drift, free);
}

Tape jacobian_tape(const Model& model, const std::vector<std::string>& free) {
  return compile(model, derivatives(model, model.states), free);
}

Tape noise_tape(const Model& model, const std::vector<std::string>& free) {
  if (model.kind == Model::Kind::chain)
    return compile(model, derivatives(model, model.normals), free);
  std::vector<Expression> outputs;
  for (std::size_t k = 0; k < static_cast<std::size_t>(model.noise_size()); ++k)
    for (const auto& row : model.noise) outputs.push_back(row[k]);
  return compile(model, std::move(outputs), free);
}

}  // namespace stillpoint::symbolic
