// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/networks/save_network.hpp"

#include <algorithm>
#include <map>
#include <sstream>
#include <string>

#include "lib/core/require.hpp"
#include "lib/io/npz.hpp"
#include "lib/io/results.hpp"
#include "lib/io/table.hpp"

namespace stillpoint::networks {
namespace {

/// (conditions, rows), or (conditions, T, rows) where a condition changes with time; shorter series
/// are the last steps.
io::Array joined(const std::vector<Matrix>& conditions, Index steps) {
  const Index rows = conditions.front().rows();
  const bool constant = std::all_of(conditions.begin(), conditions.end(),
                                    [](const Matrix& series) { return series.cols() == 1; });
  io::Array array{.shape = {static_cast<Index>(conditions.size())}};
  if (!constant) array.shape.push_back(steps);
  array.shape.push_back(rows);
  for (const Matrix& series : conditions)
    for (Index t = 0; t < (constant ? 1 : steps); ++t)
      for (Index i = 0; i < rows; ++i) {
        const Index column = series.cols() == 1 ? 0 : t - (steps - series.cols());
        array.values.push_back(column < 0 ? 0.0 : series(i, column));
      }
  return array;
}

std::string in_quotes(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "save_network",
            "a text holds a control character, expected printable ones");
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

std::string number(double value) {
  const std::string text = io::to_text(value);
  const bool is_float = text.find_first_of(".eE") != std::string::npos;
  return is_float ? text : text + ".0";
}

/// The keys noise_placement, convention and sigma_train say it, if this is one scalar source.
bool has_simple_keys(const NetworkFile& file) {
  if (file.unit_noise.size() != 1) return false;
  const NoiseSource& source = file.unit_noise.front();
  const bool spelled = file.network.equation == Equation::rate
                           ? source.convention != NoiseConvention::psychrnn
                           : source.convention != NoiseConvention::per_sqrt_time;
  return spelled && source.sigma == std::vector<double>{1.0} && source.correlation_time == 0.0;
}

void write_noise(std::ostream& out, const NetworkFile& file) {
  if (has_simple_keys(file)) {
    const NoiseSource& source = file.unit_noise.front();
    // In the current equation psychrnn is spelled per_sqrt_time, see NetworkFile.
    const auto convention = source.convention == NoiseConvention::psychrnn
                                ? NoiseConvention::per_sqrt_time
                                : source.convention;
    out << "noise_placement = " << in_quotes(std::string(to_string(source.where)))
        << "\nconvention = " << in_quotes(std::string(to_string(convention)))
        << "\nsigma_train = " << number(file.training_level) << '\n';
    if (file.reference_level) out << "sigma_reference = " << number(*file.reference_level) << '\n';
    return;
  }
  for (const NoiseSource& source : file.noise_at(file.default_level())) {
    out << "\n[[noise]]\nwhere = " << in_quotes(std::string(to_string(source.where)))
        << "\nconvention = " << in_quotes(std::string(to_string(source.convention)))
        << "\ncorrelation_time = " << number(source.correlation_time) << "\nsigma = ";
    if (source.sigma.size() == 1) {
      out << number(source.sigma.front()) << '\n';
      continue;
    }
    const char* separator = "[";
    for (const double sigma : source.sigma) {
      out << separator << number(sigma);
      separator = ", ";
    }
    out << "]\n";
  }
}

}  // namespace

void save_network(const std::filesystem::path& toml, const NetworkFile& file,
                  io::Precision precision) {
  require(toml.extension() == ".toml", "save_network", "the file is ", toml.string(),
          ", expected a name that ends in .toml");
  std::filesystem::path weights = toml;
  weights.replace_extension(".npz");
  const Network& network = file.network;

  std::ostringstream out;
  out << "name = " << in_quotes(file.name)
      << "\nweights = " << in_quotes(weights.filename().string())
      << "\nequation = " << in_quotes(std::string(to_string(network.equation)))
      << "\nactivation = " << in_quotes(std::string(activations::name(network.activation))) << '\n';
  for (const auto& [name, value] : activations::parameters(network.activation))
    out << name << " = " << number(value) << '\n';
  out << "leak = " << number(network.leak) << '\n';
  if (file.steps > 0)
    out << "steps = " << file.steps << "\nread_window = " << file.read_window << '\n';
  write_noise(out, file);

  std::map<std::string, io::Array, std::less<>> arrays = {{"W_rec", io::to_array(network.W)},
                                                          {"b_rec", io::to_array(network.b)},
                                                          {"h0", io::to_array(file.h0)}};
  if (network.inputs() > 0) {
    arrays["W_in"] = io::to_array(network.W_in);
    if (!file.inputs.empty()) arrays["u_eval"] = joined(file.inputs, file.steps);
  }
  if (network.outputs() > 0) {
    arrays["W_out"] = io::to_array(network.W_out);
    arrays["b_out"] = io::to_array(network.b_out);
    if (!file.targets.empty()) arrays["y_eval"] = joined(file.targets, file.steps);
  }
  io::write_npz(weights, arrays, precision);
  io::write_file(toml, out.str());
}

}  // namespace stillpoint::networks
