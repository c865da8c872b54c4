// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/broken_networks.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <stdexcept>

#include "lib/io/npz.hpp"
#include "tests/support/array_bytes.hpp"

namespace stillpoint::tests {
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

/// Collects mistakes made from the good network's text, weights file and arrays.
class Mistakes {
 public:
  explicit Mistakes(const std::filesystem::path& good) {
    const auto read = [](const std::filesystem::path& path) {
      const auto bytes = io::read_bytes(path, 1u << 24);
      return std::string(bytes.begin(), bytes.end());
    };
    auto npz = good;
    npz.replace_extension(".npz");
    npz_ = read(npz);
    toml_ = line_replaced(read(good), "weights", "weights = \"weights.npz\"");
    arrays_ = io::read_npz(npz).arrays;
  }

  std::vector<BrokenNetwork> take() { return std::move(mistakes_); }

  const std::string& toml() const { return toml_; }
  const std::string& npz() const { return npz_; }
  const std::map<std::string, io::Array, std::less<>>& arrays() const { return arrays_; }

  /// The text with the line of a top-level key replaced; an empty line removes it.
  static std::string line_replaced(std::string text, const std::string& key,
                                   const std::string& line) {
    const auto begin = text.find("\n" + key + " =");
    if (begin == std::string::npos) throw std::runtime_error("no line of " + key);
    const auto end = text.find('\n', begin + 1);
    return text.replace(begin + 1, end - begin - 1, line);
  }

  void add(const std::string& name, Files files) { mistakes_.push_back({name, std::move(files)}); }

  /// Another toml text beside the good weights.
  void text(const std::string& name, const std::string& toml) {
    add(name, {{"network.toml", toml}, {"weights.npz", npz_}});
  }

  /// The good toml text with one line replaced.
  void line(const std::string& name, const std::string& key, const std::string& replacement) {
    text(name, line_replaced(toml_, key, replacement));
  }

  /// A line more at the top level.
  void extra(const std::string& name, const std::string& lines) {
    text(name, lines + "\n" + toml_);
  }

  /// The good text beside another weights.npz.
  void weights(const std::string& name, const std::string& npz) {
    add(name, {{"network.toml", toml_}, {"weights.npz", npz}});
  }

  /// The good text with weights in another format.
  void other(const std::string& name, const std::string& file, const std::string& bytes) {
    add(name, {{"network.toml", line_replaced(toml_, "weights", "weights = \"" + file + "\"")},
               {file, bytes}});
  }

  /// The good arrays as zip entries, one of them with other bytes.
  std::vector<ZipEntry> entries(const std::string& changed = "",
                                const std::string& bytes = "") const {
    std::vector<ZipEntry> result;
    for (const auto& [key, array] : arrays_)
      result.push_back({.name = key + ".npy", .data = key == changed ? bytes : npy(array)});
    return result;
  }

  void entry(const std::string& name, const std::string& key, const std::string& bytes) {
    weights(name, zip(entries(key, bytes)));
  }

 private:
  std::string toml_, npz_;
  std::map<std::string, io::Array, std::less<>> arrays_;
  std::vector<BrokenNetwork> mistakes_;
};

io::Array filled(std::vector<Index> shape, double value = 0.1) {
  Index size = 1;
  for (const Index extent : shape) size *= extent;
  return {.shape = std::move(shape),
          .values = std::vector<double>(static_cast<std::size_t>(size), value)};
}

void wrong_values(Mistakes& all) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> lines = {
      {"weights",
       {"\"missing.npz\"", "\"weights.txt\"", "\"\"", "\"weights\"", "5", "[]", "\".\"",
        "{ W_rec = \"missing.npy\" }", "{ W_rec = 3 }", "\"network.toml\"", "\"a\\u0000b.npz\""}},
      {"equation", {"\"rates\"", "\"\"", "3", "\"Rate\"", "[\"rate\"]"}},
      {"activation", {"\"reluu\"", "\"\"", "\"sine\"", "true", "1.0"}},
      {"leak",
       {"0", "0.0", "-0.1", "1.0001", "nan", "inf", "-inf", "\"0.5\"", "[0.5]", "1e308",
        "1979-05-27"}},
      {"noise_placement", {"\"beside\"", "\"\"", "1", "\"Inside\"", "\"state\""}},
      {"sigma_train", {"-0.5", "nan", "inf", "\"0.5\"", "[0.5]", "true"}},
      {"convention",
       {"\"per_second\"", "\"\"", "0", "\"psychrnn\"", "\"raw_step\"", "\"stationary_sd\"",
        "\"per_sqrt_time\""}},
      {"noise_sd_per_step", {"0.4", "-0.5", "nan", "\"0.5\"", "0.500002", "0.0"}},
      {"steps", {"0", "-1", "14.0", "\"14\"", "1000000000000", "nan", "[14]"}},
      {"read_window", {"0", "15", "-1", "6.0", "\"6\"", "9223372036854775807"}},
      {"h0", {"\"ones\"", "3", "true", "[1.0, 2.0]", "[]", "[\"a\"]", "[nan]"}},
  };
  for (const auto& [key, values] : lines)
    for (std::size_t k = 0; k < values.size(); ++k)
      all.line(key + "_value_" + std::to_string(k), key, key + " = " + values[k]);

  all.extra("slope_of_relu", "slope = 0.1");
  all.line("slope_negative", "activation", "activation = \"leaky_relu\"\nslope = -0.1");
  all.line("sharpness_zero", "activation", "activation = \"softplus\"\nsharpness = 0.0");
  all.line("sharpness_text", "activation", "activation = \"softplus\"\nsharpness = \"4\"");
  for (const char* key : {"weights", "equation", "activation", "leak", "noise_placement",
                          "sigma_train", "convention"})
    all.line(std::string(key) + "_missing", key, "");
  for (const char* key : {"equation", "activation", "leak", "sigma_train"})
    all.line(std::string(key) + "_misspelt", key, std::string(key) + "s = 1");
}

void contradictory_keys(Mistakes& all) {
  all.extra("keys_number", "keys = 3");
  all.extra("keys_value_number", "keys = { W_rec = 3 }");
  all.extra("keys_rename_to_missing", "keys = { W_rec = \"W_recurrent\" }");
  all.extra("keys_rename_to_other_shape", "keys = { W_rec = \"W_in\" }");
  all.extra("keys_h0_missing", "keys = { h0 = \"init_state\" }");
  all.extra("keys_mask_missing", "keys = { mask_rec = \"rec_connectivity\" }");
  all.extra("keys_mask_shape", "keys = { mask_rec = \"W_in\" }");
  all.extra("tau_contradicts_leak", "dt = 10.0\ntau = 100.0");
  all.extra("dt_zero", "dt = 0.0\ntau = 1.0");
  all.extra("tau_text", "dt = 0.5\ntau = \"1\"");
  all.line("dt_alone", "leak", "dt = 0.5");
  all.line("dt_above_tau", "leak", "dt = 2.0\ntau = 1.0");
  all.extra("sigma_reference_negative", "sigma_reference = -0.1");
  all.extra("sigma_reference_text", "sigma_reference = \"0.1\"");
  all.extra("evaluation_set_missing", "evaluation_set = \"missing.npz\"");
  all.extra("evaluation_set_number", "evaluation_set = 4");
  all.extra("noise_beside_simple_keys",
            "noise = [{ where = \"inside\", sigma = 0.5, convention = \"per_step\" }]");
  all.line("read_window_without_steps", "steps", "");

  std::string bare = all.toml();
  for (const char* key : {"noise_placement", "sigma_train", "convention", "noise_sd_per_step"})
    bare = Mistakes::line_replaced(bare, key, "");
  const std::map<std::string, std::string> lists = {
      {"number", "3"},
      {"empty", "[]"},
      {"of_numbers", "[0.5]"},
      {"without_where", "[{ sigma = 0.5, convention = \"per_step\" }]"},
      {"without_sigma", "[{ where = \"inside\", convention = \"per_step\" }]"},
      {"without_convention", "[{ where = \"inside\", sigma = 0.5 }]"},
      {"where_unknown", "[{ where = \"under\", sigma = 0.5, convention = \"per_step\" }]"},
      {"sigma_negative", "[{ where = \"inside\", sigma = -0.5, convention = \"per_step\" }]"},
      {"sigma_nan", "[{ where = \"inside\", sigma = nan, convention = \"per_step\" }]"},
      {"sigma_count", "[{ where = \"inside\", sigma = [0.5, 0.5], convention = \"per_step\" }]"},
      {"sigma_of_text", "[{ where = \"inside\", sigma = [\"a\"], convention = \"per_step\" }]"},
      {"sigma_array_missing", "[{ where = \"inside\", sigma = \"s\", convention = \"per_step\" }]"},
      {"sigma_array_shape",
       "[{ where = \"inside\", sigma = \"W_rec\", convention = \"per_step\" }]"},
      {"sigma_array_negative",
       "[{ where = \"inside\", sigma = \"W_in\", convention = \"per_step\" }]"},
      {"state_per_step", "[{ where = \"state\", sigma = 0.5, convention = \"per_step\" }]"},
      {"inside_psychrnn", "[{ where = \"inside\", sigma = 0.5, convention = \"psychrnn\" }]"},
      {"correlation_negative",
       "[{ where = \"inside\", sigma = 0.5, convention = \"stationary_sd\", "
       "correlation_time = -1.0 }]"},
      {"correlation_outside",
       "[{ where = \"outside\", sigma = 0.5, convention = \"stationary_sd\", "
       "correlation_time = 1.0 }]"},
      {"correlation_per_step",
       "[{ where = \"inside\", sigma = 0.5, convention = \"per_step\", "
       "correlation_time = 1.0 }]"}};
  for (const auto& [name, list] : lists) all.text("noise_" + name, "noise = " + list + "\n" + bare);

  const std::string head = all.toml().substr(0, all.toml().find("[evaluation]"));
  const std::map<std::string, std::string> tables = {
      {"without_sigma", "loss = [0.1]"},
      {"without_loss", "sigma_test = [0.1]"},
      {"lengths", "sigma_test = [0.0, 0.1]\nloss = [0.1]"},
      {"negative_loss", "sigma_test = [0.0]\nloss = [-0.1]"},
      {"nan_loss", "sigma_test = [0.0]\nloss = [nan]"},
      {"se_length", "sigma_test = [0.0]\nloss = [0.1]\nloss_se = [0.0, 0.0]"},
      {"empty", "sigma_test = []\nloss = []"},
      {"number", "sigma_test = 0.0\nloss = 0.1"},
      {"ragged", "sigma_test = [0.0]\nloss = [0.1]\nmean_output_zero_noise = [[0.0], [0.0, 1.0]]"},
      {"conditions", "sigma_test = [0.0]\nloss = [0.1]\nmean_output_zero_noise = [[0.0], [0.0]]"},
      {"reference", "sigma_test = [0.0]\nloss = [0.1]\nmean_output_sigma_reference = [[0.0]]"}};
  for (const auto& [name, table] : tables)
    all.text("evaluation_" + name, head + "[evaluation]\n" + table + "\n");
}

void bad_toml(Mistakes& all) {
  const std::string& good = all.toml();
  all.text("toml_empty", "");
  all.text("toml_is_a_zip", all.npz());
  all.text("toml_in_utf16", [&] {
    std::string wide = "\xff\xfe";
    for (const char c : good) wide += {c, '\0'};
    return wide;
  }());
  all.extra("toml_key_twice", "leak = 0.5");
  all.extra("toml_without_value", "note =");
  all.extra("toml_without_equals", "note");
  all.extra("toml_open_string", "note = \"open");
  all.extra("toml_open_array", "note = [1, 2");
  all.extra("toml_not_utf8", "note = \"\xff\xfe\"");
  all.extra("toml_null_byte", std::string("note = \"a\0b\"", 12));
  all.extra("toml_control_character", "note = \"\x01\"");
  all.extra("toml_two_values", "note = 1 2");
  all.extra("toml_leading_zero", "note = 007");
  all.extra("toml_bad_date", "note = 2020-13-45");
  all.extra("toml_huge_integer", "note = 99999999999999999999");
  all.extra("toml_nested_arrays", "note = " + std::string(100000, '['));
  std::string key = "a";
  for (int k = 0; k < 100000; ++k) key += ".a";
  all.extra("toml_long_key", key + " = 1");
  all.extra("toml_long_header", "[" + key + "]");
  // Any cut before the end of the last required key leaves something out.
  const auto last = good.find("\"per_step\"");
  for (std::size_t k = 0; k < 12; ++k)
    all.text("toml_cut_" + std::to_string(k), good.substr(0, (k + 1) * last / 12));
}

void bad_zip(Mistakes& all) {
  const std::string& good = all.npz();
  const auto flipped = [&](std::size_t at, unsigned char bits) {
    std::string bytes = good;
    bytes.at(at) = static_cast<char>(bytes.at(at) ^ bits);
    return bytes;
  };
  for (std::size_t k = 0; k < 20; ++k)
    all.weights("npz_cut_" + std::to_string(k), good.substr(0, k * good.size() / 20));
  all.weights("npz_cut_by_one", good.substr(0, good.size() - 1));
  all.weights("npz_text", "these are no weights\n");
  all.weights("npz_zeros", std::string(4096, '\0'));
  all.weights("npz_is_toml", all.toml());
  all.weights("npz_is_npy", npy(all.arrays().at("W_rec")));

  // Values: the checksum has to notice. The first entry's data begin after 30 bytes and its name.
  const std::size_t directory = good.find("PK\x01\x02"), end = good.rfind("PK\x05\x06");
  for (std::size_t k = 0; k < 8; ++k)
    all.weights("npz_flip_" + std::to_string(k),
                flipped(400 + k * 2300, static_cast<unsigned char>(1u << k)));

  // Fields of the end record and of the first entry in the directory, by their offset.
  const std::map<std::string, std::size_t> fields = {
      {"end_signature", end},          {"end_entries", end + 10},
      {"directory_size", end + 12},    {"directory_offset", end + 16},
      {"signature", directory},        {"encrypted", directory + 8},
      {"method", directory + 10},      {"checksum", directory + 16},
      {"packed_size", directory + 20}, {"packed_size_high", directory + 23},
      {"size", directory + 24},        {"size_high", directory + 27},
      {"name_length", directory + 28}, {"extra_length", directory + 31},
      {"offset", directory + 42},      {"offset_high", directory + 45},
      {"local_signature", 0}};
  for (const auto& [name, at] : fields) all.weights("npz_field_" + name, flipped(at, 1));

  const std::string zeros(1u << 20, '\0');
  const auto entries = all.entries();
  const auto recurrent = [](std::vector<ZipEntry>& e) -> ZipEntry& {
    return *std::find_if(e.begin(), e.end(),
                         [](const ZipEntry& x) { return x.name == "W_rec.npy"; });
  };
  const auto with = [&](auto change) {
    auto changed = entries;
    change(changed);
    return zip(changed);
  };
  all.weights("npz_empty", zip({}));
  all.weights("npz_key_twice", with([](auto& e) { e.push_back(e.front()); }));
  all.weights("npz_without_W_rec", with([](auto& e) {
                std::erase_if(e, [](const ZipEntry& x) { return x.name == "W_rec.npy"; });
              }));
  all.weights("npz_no_npy_names", with([](auto& e) {
                for (ZipEntry& x : e) x.name += ".txt";
              }));
  all.weights("npz_unknown_method", with([](auto& e) { e[0].claimed_method = 99; }));
  all.weights("npz_wrong_checksum", with([](auto& e) { e[0].claimed_checksum = 1; }));
  all.weights("npz_claims_2_GiB", with([](auto& e) { e[0].claimed_size = 0x7fffffff; }));
  all.weights("npz_claims_packed_4_GiB",
              with([](auto& e) { e[0].claimed_packed_size = 0xfffffffe; }));
  all.weights("npz_stored_claims_deflated", with([](auto& e) { e[0].claimed_method = 8; }));
  all.weights("npz_bomb_ratio", with([&](auto& e) {
                recurrent(e) = {
                    .name = "W_rec.npy", .data = zeros, .deflated = true, .claimed_size = 1u << 29};
              }));
  all.weights("npz_bomb_short_claim", with([&](auto& e) {
                recurrent(e) = {
                    .name = "W_rec.npy", .data = zeros, .deflated = true, .claimed_size = 128};
              }));
  all.weights("npz_many_entries", [] {
    std::vector<ZipEntry> many;
    for (int k = 0; k < 5000; ++k) many.push_back({.name = std::to_string(k)});
    return zip(many);
  }());
}

void wrong_arrays(Mistakes& all) {
  const Index n = all.arrays().at("W_rec").shape[0];
  const Index conditions = all.arrays().at("u_eval").shape[0];
  const std::vector<std::tuple<std::string, std::string, std::vector<Index>>> shapes = {
      {"W_rec", "vector", {n}},
      {"W_rec", "not_square", {n, n + 1}},
      {"W_rec", "empty", {0, 0}},
      {"W_rec", "rank_3", {n, n, 1}},
      {"W_rec", "scalar", {}},
      {"W_rec", "larger", {n + 1, n + 1}},
      {"W_in", "transposed", {1, n}},
      {"W_in", "rows", {n - 1, 1}},
      {"W_in", "two_inputs", {n, 2}},
      {"W_in", "rank_3", {n, 1, 1}},
      {"b_rec", "short", {n - 1}},
      {"b_rec", "matrix", {n, n}},
      {"b_rec", "scalar", {}},
      {"W_out", "transposed", {n, 1}},
      {"W_out", "columns", {1, n + 1}},
      {"W_out", "two_outputs", {2, n}},
      {"b_out", "two", {2}},
      {"b_out", "empty", {0}},
      {"h0", "short", {n - 1}},
      {"h0", "two_rows", {2, n}},
      {"u_eval", "two_inputs", {conditions, 2}},
      {"u_eval", "no_conditions", {0, 1}},
      {"u_eval", "wrong_steps", {conditions, 13, 1}},
      {"u_eval", "rank_4", {conditions, 14, 1, 1}},
      {"y_eval", "two_outputs", {conditions, 2}},
      {"y_eval", "wrong_steps", {conditions, 15, 1}},
      {"y_eval", "conditions", {conditions + 1, 1}}};
  for (const auto& [key, name, shape] : shapes)
    all.entry(key + "_shape_" + name, key, npy(filled(shape)));

  for (const auto& [key, good] : all.arrays())
    for (const auto& [name, bad] : {std::pair{"nan", std::nan("")}, std::pair{"inf", -HUGE_VAL}}) {
      io::Array array = good;
      array.values.back() = bad;
      all.entry(key + "_" + name, key, npy(array));
    }

  const std::string text = "(" + std::to_string(n) + ", " + std::to_string(n) + ")";
  const std::string data(static_cast<std::size_t>(8 * n * n), '\0');
  all.entry("W_rec_pickle", "W_rec", npy("|O", "()", std::string("\x80\x04N.")));
  all.entry("b_rec_pickle", "b_rec", npy("|O", "()", std::string("\x80\x04N.")));
  for (const char* type : {"<U12", "|S8", "<c16", "<M8[ns]", "<f16", "<f9", "f8", ""})
    all.entry("W_rec_type_" + std::to_string(std::string(type).size()) +
                  (*type ? std::string(1, type[1]) : "none"),
              "W_rec", npy(type, text, data));
  const std::map<std::string, std::string> headers = {
      {"records", "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': " + text + ", }"},
      {"code", "{'descr': __import__('os'), 'fortran_order': False, 'shape': " + text + ", }"},
      {"without_shape", "{'descr': '<f8', 'fortran_order': False, }"},
      {"without_order", "{'descr': '<f8', 'shape': " + text + ", }"},
      {"order_number", "{'descr': '<f8', 'fortran_order': 0, 'shape': " + text + ", }"},
      {"shape_open", "{'descr': '<f8', 'fortran_order': False, 'shape': (50, 50"},
      {"shape_negative", "{'descr': '<f8', 'fortran_order': False, 'shape': (-50, -50), }"},
      {"shape_overflow",
       "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }"},
      {"shape_huge",
       "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }"},
      {"shape_rank", "{'descr': '<f8', 'fortran_order': False, 'shape': (" +
                         std::string(100, '1').insert(1, ",") + "), }"},
      {"empty", ""},
      {"list", "['<f8', False, (50, 50)]"},
      {"key_twice",
       "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': " + text + "}"},
      {"text_after", "{'descr': '<f8', 'fortran_order': False, 'shape': " + text + "} + 1"},
      {"unknown_key",
       "{'descr': '<f8', 'fortran_order': False, 'shape': " + text + ", 'eval': '1'}"}};
  for (const auto& [name, header] : headers)
    all.entry("npy_header_" + name, "W_rec", npy_with_header(header, data));
  const std::string good = npy("<f8", text, data);
  all.entry("npy_magic", "W_rec", "X" + good.substr(1));
  all.entry("npy_version", "W_rec", good.substr(0, 6) + '\x04' + good.substr(7));
  all.entry("npy_header_length", "W_rec", good.substr(0, 8) + "\xff\xff" + good.substr(10));
  all.entry("npy_too_short", "W_rec", good.substr(0, good.size() - 8));
  all.entry("npy_too_long", "W_rec", good + "12345678");
  all.entry("npy_empty", "W_rec", "");
  all.entry("npy_only_magic", "W_rec", good.substr(0, 8));
}

void other_formats(Mistakes& all) {
  const std::map<std::string, std::string> json = {
      {"empty", ""},
      {"list", "[1, 2, 3]"},
      {"open", "{\"W_rec\": [[0.5]"},
      {"nan", "{\"W_rec\": [[NaN]]}"},
      {"null", "{\"W_rec\": null}"},
      {"ragged", "{\"W_rec\": [[0.5, 0.5], [0.5]]}"},
      {"text", "{\"W_rec\": \"zeros\"}"},
      {"mixed", "{\"W_rec\": [[0.5, \"a\"], [0.5, 0.5]]}"},
      {"without_W_rec", "{\"W\": [[0.5]]}"},
      {"key_twice", "{\"W_rec\": [[0.5]], \"W_rec\": [[0.5]]}"},
      {"overflow", "{\"W_rec\": [[1e999]]}"},
      {"not_utf8", "{\"W_rec\xff\": [[0.5]]}"},
      {"nested", "{\"W_rec\": " + std::string(100000, '[')},
      {"wrong_shape", "{\"W_rec\": [[0.5, 0.5]]}"}};
  for (const auto& [name, text] : json) all.other("json_" + name, "weights.json", text);

  const std::string data = encode({0.5, 0.25, 0.25, 0.5}, io::ElementType::float64);
  const MatMatrix good{.name = "W_rec", .shape = {2, 2}, .data = data};
  const std::string matrix = mat_matrix(good);
  const auto changed = [&](auto change) {
    MatMatrix other = good;
    change(other);
    return mat_header() + mat_matrix(other);
  };
  const std::map<std::string, std::string> mat = {
      {"empty", ""},
      {"header_only", mat_header()},
      {"cut", mat_header() + matrix.substr(0, matrix.size() - 8)},
      {"header_cut", mat_header().substr(0, 100)},
      {"no_byte_order", std::string(200, ' ')},
      {"version_2", mat_header(std::endian::little, 0x0200) + matrix},
      {"version_7_3", "MATLAB 7.3 MAT-file" + std::string(493, ' ') + "\x89HDF\r\n\x1a\n"},
      {"hdf5", "\x89HDF\r\n\x1a\n" + std::string(600, '\0')},
      {"cell", changed([](MatMatrix& m) { m.array_class = 1; })},
      {"structure", changed([](MatMatrix& m) { m.array_class = 2; })},
      {"text", changed([](MatMatrix& m) { m.array_class = 4; })},
      {"sparse", changed([](MatMatrix& m) { m.array_class = 5; })},
      {"opaque", changed([](MatMatrix& m) { m.array_class = 17; })},
      {"complex", changed([](MatMatrix& m) { m.flags = 0x0800; })},
      {"negative_shape", changed([](MatMatrix& m) {
         m.shape = {-2, -2};
       })},
      {"shape_overflow", changed([](MatMatrix& m) {
         m.shape = {0x7fffffff, 0x7fffffff};
       })},
      {"one_dimension", changed([](MatMatrix& m) { m.shape = {4}; })},
      {"values_type", changed([](MatMatrix& m) { m.type = 14; })},
      {"values_short", changed([](MatMatrix& m) { m.data.resize(24); })},
      {"wrong_shape", changed([](MatMatrix& m) {
         m.shape = {1, 4};
       })},
      {"twice", mat_header() + matrix + matrix},
      {"element_type", mat_header() + mat_element(9, data)},
      {"compressed_cut", mat_header() + mat_element(15, deflated(matrix, false).substr(0, 40))},
      {"compressed_noise", mat_header() + mat_element(15, std::string(64, 'x'))},
      {"compressed_twice", mat_header() + mat_compressed(mat_compressed(matrix))},
      {"compressed_element", mat_header() + mat_compressed(mat_element(9, data))}};
  for (const auto& [name, bytes] : mat) all.other("mat_" + name, "weights.mat", bytes);

  all.other("npy_lone_file_of_other_name", "weights.npy", npy(all.arrays().at("W_rec")));
  all.other("npy_lone_file_empty", "W_rec.npy", "");
}

}  // namespace

std::vector<BrokenNetwork> broken_networks(const std::filesystem::path& good_toml) {
  Mistakes all(good_toml);
  wrong_values(all);
  contradictory_keys(all);
  bad_toml(all);
  bad_zip(all);
  wrong_arrays(all);
  other_formats(all);
  return all.take();
}

std::filesystem::path write(const BrokenNetwork& network, const std::filesystem::path& folder) {
  const auto here = folder / network.name;
  std::filesystem::create_directories(here);
  for (const auto& [name, bytes] : network.files) {
    std::ofstream stream(here / name, std::ios::binary);
    stream << bytes;
    if (!stream.flush()) throw std::runtime_error("cannot write " + (here / name).string());
  }
  return here / network.files.front().first;
}

}  // namespace stillpoint::tests
