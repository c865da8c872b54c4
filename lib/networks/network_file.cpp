// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/networks/network_file.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "lib/core/require.hpp"
#include "lib/io/array.hpp"
#include "lib/io/bytes.hpp"
#include "lib/io/npy.hpp"
#include "lib/networks/network_settings.hpp"

namespace stillpoint::networks {
namespace {

using io::Array;
using io::shape_text;

void require_finite(const Array& array, const std::string& where) {
  const auto bad = std::find_if(array.values.begin(), array.values.end(),
                                [](double value) { return !std::isfinite(value); });
  if (bad == array.values.end()) return;
  std::vector<Index> position(array.shape.size());
  Index rest = bad - array.values.begin();
  for (std::size_t k = array.shape.size(); k-- > 0; rest /= array.shape[k])
    position[k] = rest % array.shape[k];
  require(false, where, "holds ", *bad, " at ", shape_text(position), ", expected finite numbers");
}

/// Arrays of one file under our keys, which the file may spell otherwise.
class Arrays {
 public:
  Arrays(io::ArrayFile file, const std::map<std::string, std::string, std::less<>>& keys)
      : file_(std::move(file)), keys_(keys) {}

  const io::ArrayFile& file() const { return file_; }

  std::string where(const std::string& key) const {
    const std::string name = name_of(key);
    return file_.source + ": key " + io::in_quotes(name) + (name == key ? "" : " (" + key + ")");
  }

  /// The array, or nothing if the file does not have it. An entry that could not be read as numbers
  /// throws.
  const Array* find(const std::string& key) {
    const std::string name = name_of(key);
    if (const auto skipped = file_.skipped.find(name); skipped != file_.skipped.end())
      require(false, where(key), skipped->second);
    const auto found = file_.arrays.find(name);
    if (found == file_.arrays.end()) {
      return nullptr;
    }
    used_.insert(name);
    require_finite(found->second, where(key));
    return &found->second;
  }

  const Array& at(const std::string& key) {
    const Array* array = find(key);
    if (array == nullptr) missing(key);
    return *array;
  }

  bool has(const std::string& key) const { return file_.arrays.contains(name_of(key)); }

  /// Sentences on what the file holds beyond what was used.
  std::vector<std::string> leftovers() const {
    std::vector<std::string> notes;
    for (const auto& [name, why] : file_.skipped)
      notes.push_back(file_.source + ": key " + io::in_quotes(name) + " was skipped: it " + why);
    std::string unused;
    for (const auto& [name, array] : file_.arrays)
      if (!used_.contains(name)) unused += (unused.empty() ? "" : ", ") + name;
    if (!unused.empty()) notes.push_back(file_.source + ": not used: " + unused);
    // PsychRNN's masks multiply the weights; a reader who does not name them has to know.
    for (const auto& [name, mask] :
         {std::pair{"input_connectivity", "mask_in"}, std::pair{"rec_connectivity", "mask_rec"},
          std::pair{"output_connectivity", "mask_out"}}) {
      const auto found = file_.arrays.find(name);
      if (found == file_.arrays.end() || used_.contains(name)) continue;
      const auto& values = found->second.values;
      if (std::any_of(values.begin(), values.end(), [](double value) { return value != 1.0; }))
        notes.push_back(file_.source + ": key \"" + name +
                        "\" is a mask that is not all ones and was "
                        "not applied; to apply it, state " +
                        mask + " = \"" + name + "\" under [keys]");
    }
    return notes;
  }

 private:
  std::string name_of(const std::string& key) const {
    const auto renamed = keys_.find(key);
    return renamed == keys_.end() ? key : renamed->second;
  }

  [[noreturn]] void missing(const std::string& key) const {
    std::vector<std::string> names;
    std::string list;
    for (const auto& [name, array] : file_.arrays) {
      names.push_back(name);
      if (names.size() <= 20) list += (list.empty() ? "" : ", ") + io::in_quotes(name);
    }
    if (list.empty()) list = "no arrays";
    if (names.size() > 20) list += ", …";
    throw std::invalid_argument(where(key) + ": is missing; the file has " + list +
                                suggestion(name_of(key), names));
  }

  io::ArrayFile file_;
  const std::map<std::string, std::string, std::less<>>& keys_;
  std::set<std::string> used_;
};

io::ArrayFile read_weights(const NetworkSettings& settings, const std::string& toml) {
  if (const auto* file = std::get_if<std::filesystem::path>(&settings.weights))
    return io::read_arrays(*file);
  io::ArrayFile result{.source = toml + ": weights"};
  for (const auto& [key, file] : std::get<1>(settings.weights))
    io::add(result, key, io::read_npy(file));
  return result;
}

Vector read_vector(const Array& array, Index size, const std::string& where,
                   std::string_view what) {
  const bool flat = std::count_if(array.shape.begin(), array.shape.end(),
                                  [](Index extent) { return extent != 1; }) <= 1;
  require(flat && array.size() == size, where, "shape ", shape_text(array.shape), ", expected (",
          size, ",): one number ", what);
  return io::to_vector(array, where);
}

/// A matrix of n rows (W_in) or n columns (W_out); a lone vector of n is one column or one row.
Matrix read_coupling(const Array& array, Index n, bool units_are_rows, const std::string& where) {
  if (array.rank() == 1 && array.size() == n) {
    const Vector values = io::to_vector(array, where);
    return units_are_rows ? Matrix(values) : Matrix(values.transpose());
  }
  Matrix matrix = io::to_matrix(array, where);
  const Index units = units_are_rows ? matrix.rows() : matrix.cols();
  const Index others = units_are_rows ? matrix.cols() : matrix.rows();
  const std::string expected = units_are_rows ? "(" + std::to_string(n) + ", inputs)"
                                              : "(outputs, " + std::to_string(n) + ")";
  require(units == n || others != n, where, "shape ", shape_text(array.shape), ", expected ",
          expected, "; it looks transposed");
  require(units == n, where, "shape ", shape_text(array.shape), ", expected ", expected,
          ", as W_rec is (", n, ", ", n, ")");
  return matrix;
}

void apply_mask(Arrays& weights, const std::string& key, Matrix& matrix,
                std::vector<std::string>& notes) {
  const Array* array = weights.find(key);
  if (array == nullptr) return;
  const Matrix mask = io::to_matrix(*array, weights.where(key));
  require(mask.rows() == matrix.rows() && mask.cols() == matrix.cols(), weights.where(key),
          "shape ", shape_text(array->shape), ", expected (", matrix.rows(), ", ", matrix.cols(),
          "), the shape of what it multiplies");
  matrix = matrix.cwiseProduct(mask);
  std::ostringstream note;
  note << key << " was applied: " << (mask.array() == 0.0).count() << " of " << mask.size()
       << " weights are masked out";
  notes.push_back(note.str());
}

Network read_network(const NetworkSettings& settings, Arrays& weights,
                     std::vector<std::string>& notes) {
  Network network{
      .equation = settings.equation, .activation = settings.activation, .leak = settings.leak};
  const Array& recurrent = weights.at("W_rec");
  require(recurrent.rank() == 2 && recurrent.shape[0] == recurrent.shape[1] && recurrent.size() > 0,
          weights.where("W_rec"), "shape ", shape_text(recurrent.shape),
          ", expected a square matrix (units, units)");
  network.W = io::to_matrix(recurrent, weights.where("W_rec"));
  const Index n = network.W.rows();
  apply_mask(weights, "mask_rec", network.W, notes);
  if (const Array* array = weights.find("W_in")) {
    network.W_in = read_coupling(*array, n, true, weights.where("W_in"));
    apply_mask(weights, "mask_in", network.W_in, notes);
  }
  if (const Array* array = weights.find("b_rec"))
    network.b = read_vector(*array, n, weights.where("b_rec"), "a unit");
  if (const Array* array = weights.find("W_out")) {
    network.W_out = read_coupling(*array, n, false, weights.where("W_out"));
    apply_mask(weights, "mask_out", network.W_out, notes);
  }
  if (const Array* array = weights.find("b_out")) {
    require(network.W_out.rows() > 0, weights.where("b_out"),
            "is given without W_out, expected both");
    network.b_out = read_vector(*array, network.W_out.rows(), weights.where("b_out"), "an output");
  }
  return make_network(std::move(network));
}

NoiseSpec read_noise(const NetworkSettings& settings, Index n, Arrays& weights) {
  NoiseSpec noise;
  for (const NetworkSettings::Source& source : settings.noise) {
    noise.push_back(source.noise);
    if (source.array.empty()) continue;
    const Array& array = weights.at(source.array);
    const std::string where = weights.where(source.array);
    const Vector sigma = read_vector(array, array.size() == 1 ? 1 : n, where,
                                     "a unit (the sigma of a noise source)");
    require((sigma.array() >= 0.0).all(), where, "holds ", sigma.minCoeff(),
            ", expected numbers >= 0 (the sigma of a noise source)");
    noise.back().sigma.assign(sigma.begin(), sigma.end());
  }
  return noise;
}

/// Resolves every source once, so that one that cannot be is named, and notes what was converted.
void resolve_noise(const NetworkSettings& settings, NetworkFile& file) {
  for (std::size_t k = 0; k < file.unit_noise.size(); ++k) {
    try {
      step_noise(file.network, {file.unit_noise[k]});
    } catch (const std::invalid_argument& error) {
      require(false, file.path.string(),
              settings.noise_list ? "noise[" + std::to_string(k) + "]"
                                  : "noise_placement with convention",
              ": ", error.what());
    }
  }
  StepNoise step = step_noise(file.network, file.noise_at(file.default_level()));
  bool finite = step.argument_sd.allFinite() && step.state_sd.allFinite();
  for (const StepNoise::Coloured& coloured : step.coloured) finite &= coloured.sd.allFinite();
  require(finite, file.path.string(), "the noise of one step is infinite, expected smaller sigmas");
  for (std::string& note : step_noise(file.network, file.unit_noise).notes)
    file.notes.push_back(std::move(note));
}

/// Compares the stated noise_sd_per_step with what the convention makes of sigma_train.
void check_noise_sd(const NetworkSettings& settings, const NetworkFile& file) {
  if (!settings.noise_sd_per_step) return;
  const NoiseSource& source = file.unit_noise.front();
  const auto converted = [&](NoiseConvention convention) {
    NoiseSource other = source;
    other.convention = convention;
    other.sigma = {file.training_level};
    const StepNoise step = step_noise(file.network, {other});
    return source.where == NoiseSource::inside ? step.argument_sd(0) : step.state_sd(0);
  };
  const double stated = *settings.noise_sd_per_step;
  const double expected = converted(source.convention);
  if (std::abs(stated - expected) <= 1e-6 * expected) return;
  std::ostringstream message;
  message.precision(9);
  message << "is " << stated << ", expected " << expected << ", which convention "
          << to_string(source.convention) << " makes of sigma_train = " << file.training_level;
  if (source.where != NoiseSource::inside) {
    message << "; per_sqrt_time would be sqrt(leak) sigma = "
            << converted(NoiseConvention::per_sqrt_time)
            << ", psychrnn sqrt(2 leak) sigma = " << converted(NoiseConvention::psychrnn);
  }
  require(false, file.path.string() + ": noise_sd_per_step", message.str());
}

Vector read_initial_state(const NetworkSettings& settings, Index n, Arrays& weights,
                          const std::string& toml, std::vector<std::string>& notes) {
  using InitialState = NetworkSettings::InitialState;
  const bool in_file = weights.has("h0");
  switch (settings.initial_state) {
    case InitialState::given:
      require(settings.h0.size() == n, toml + ": h0", "has ", settings.h0.size(),
              " numbers, expected ", n, ", one a unit");
      return settings.h0;
    case InitialState::trained:
      return read_vector(weights.at("h0"), n, weights.where("h0"), "a unit");
    case InitialState::unstated:
      notes.push_back(in_file ? "no h0 is stated: the array h0 of the weights is used"
                              : "no h0 is stated: the network starts at zero");
      if (in_file) return read_vector(weights.at("h0"), n, weights.where("h0"), "a unit");
      return Vector::Zero(n);
    case InitialState::zeros:
      if (in_file && !read_vector(weights.at("h0"), n, weights.where("h0"), "a unit").isZero(0.0))
        notes.push_back(
            "h0 = \"zeros\" is used; the array h0 of the weights, which is not zero, is not");
      return Vector::Zero(n);
  }
  return Vector::Zero(n);
}

/// (conditions, channels) -> (channels, 1) each; (conditions, T, channels) -> (channels, keep)
/// each, the last `keep` of T = steps. Where there is one channel its axis may be left out.
std::vector<Matrix> read_conditions(const Array& array, Index channels, Index steps, Index keep,
                                    const std::string& where, std::string_view what) {
  require(channels > 0, where, "is given, but the network has no ", what);
  std::vector<Index> shape = array.shape;
  if (channels == 1 &&
      (shape.size() == 1 || (shape.size() == 2 && shape[1] != 1 && shape[1] == steps)))
    shape.push_back(1);
  const std::string with_time = steps > 0 ? " or (conditions, " + std::to_string(steps) + ", " +
                                                std::to_string(channels) + ")"
                                          : "; without steps there is no time axis";
  require((shape.size() == 2 || (shape.size() == 3 && steps > 0 && shape[1] == steps)) &&
              shape.front() > 0 && shape.back() == channels,
          where, "shape ", shape_text(array.shape), ", expected (conditions, ", channels, ")",
          with_time, " (", what, " = ", channels, ")");
  const Index times = shape.size() == 3 ? shape[1] : 1;
  const Index kept = std::min(times, keep);
  std::vector<Matrix> conditions(static_cast<std::size_t>(shape[0]), Matrix(channels, kept));
  for (std::size_t c = 0; c < conditions.size(); ++c) {
    const double* first = array.values.data() + (static_cast<Index>(c) + 1) * times * channels;
    // In C order a condition is (T, channels), which Eigen reads as columns (channels, T).
    conditions[c] = Eigen::Map<const Matrix>(first - kept * channels, channels, kept);
  }
  return conditions;
}

void read_evaluation_set(Arrays& arrays, NetworkFile& file) {
  const Index inputs = file.network.inputs(), outputs = file.network.outputs();
  if (const Array* u = arrays.find("u_eval")) {
    file.inputs = read_conditions(*u, inputs, file.steps, file.steps > 0 ? file.steps : 1,
                                  arrays.where("u_eval"), "inputs");
  } else {
    file.inputs = {Matrix::Zero(inputs, 1)};
    if (inputs > 0)
      file.notes.push_back("no u_eval is given: one condition, with every input zero");
  }
  if (const Array* y = arrays.find("y_eval")) {
    file.targets = read_conditions(*y, outputs, file.steps, file.steps > 0 ? file.read_window : 1,
                                   arrays.where("y_eval"), "outputs");
    require(file.targets.size() == file.inputs.size(), arrays.where("y_eval"), "has ",
            file.targets.size(), " conditions, expected ", file.inputs.size(),
            ", as many as u_eval");
  }
}

void check_evaluation(const NetworkFile& file) {
  if (!file.evaluation) return;
  const Index conditions = static_cast<Index>(file.inputs.size());
  for (const auto& [key, matrix] :
       {std::pair{"mean_output_zero_noise", &file.evaluation->mean_output_zero_noise},
        std::pair{"the mean output with noise", &file.evaluation->mean_output_noisy},
        std::pair{"its standard error", &file.evaluation->mean_output_noisy_se}})
    require(matrix->size() == 0 ||
                (matrix->rows() == conditions && matrix->cols() == file.network.outputs()),
            file.path.string() + ": evaluation", key, " has shape (", matrix->rows(), ", ",
            matrix->cols(), "), expected (", conditions, ", ", file.network.outputs(),
            "): one row a condition, one column an output");
}

}  // namespace

NetworkFile load_network(const std::filesystem::path& toml) {
  NetworkSettings settings = read_settings(toml);
  Arrays weights(read_weights(settings, toml.string()), settings.keys);
  std::optional<Arrays> evaluation;
  if (settings.evaluation_set)
    evaluation.emplace(io::read_arrays(*settings.evaluation_set), settings.keys);
  for (const auto& [key, name] : settings.keys) {
    const bool in_set = evaluation && (key == "u_eval" || key == "y_eval");
    (in_set ? *evaluation : weights).at(key);
  }
  NetworkFile file{.name = settings.name,
                   .path = toml,
                   .training_level = settings.training_level,
                   .reference_level = settings.reference_level,
                   .steps = settings.steps,
                   .read_window = settings.read_window,
                   .evaluation = std::move(settings.evaluation),
                   .notes = std::move(settings.notes)};
  file.network = read_network(settings, weights, file.notes);
  file.unit_noise = read_noise(settings, file.network.units(), weights);
  resolve_noise(settings, file);
  check_noise_sd(settings, file);
  file.h0 = read_initial_state(settings, file.network.units(), weights, toml.string(), file.notes);

  if (evaluation) evaluation->at("u_eval");
  read_evaluation_set(evaluation ? *evaluation : weights, file);
  if (evaluation)
    for (std::string& note : evaluation->leftovers()) file.notes.push_back(std::move(note));
  for (std::string& note : weights.leftovers()) file.notes.push_back(std::move(note));
  check_evaluation(file);
  return file;
}

}  // namespace stillpoint::networks
