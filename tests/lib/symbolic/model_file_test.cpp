// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE model_file
#include "lib/symbolic/model_file.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "lib/symbolic/functions.hpp"
#include "lib/symbolic/latex.hpp"
#include "tests/support/mutations.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace stillpoint;
using namespace stillpoint::symbolic;

namespace {

const std::string data = STILLPOINT_TEST_DATA "/models/";

struct Case {
  tests::ScratchFolder folder;

  Model load(const std::string& text) const {
    const auto path = folder.path() / "model.toml";
    std::filesystem::remove(path);
    std::ofstream(path, std::ios::binary) << text;
    return load_model(path);
  }
  /// The sentence a text is refused with; empty if it is a model.
  std::string message(const std::string& text) const {
    const auto begin = std::chrono::steady_clock::now();
    std::string sentence;
    try {
      load(text);
    } catch (const std::invalid_argument& error) {
      sentence = error.what();
      BOOST_TEST_MESSAGE(sentence);
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    BOOST_TEST(seconds.count() < 20.0);
    BOOST_TEST(sentence.size() < 2000);
    return sentence;
  }
};

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string result;
  for (std::size_t k = 0; k < times; ++k) result += text;
  return result;
}

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_diffusion_is_read) {
  const Model model = load_model(data + "two_units.toml");
  const Expression x = symbol("x"), y = symbol("y"), w = symbol("w"), s = symbol("sigma");
  BOOST_TEST(model.name == "two units");
  BOOST_TEST((model.kind == Model::Kind::diffusion));
  BOOST_TEST((model.drift[0] == -x + tanh(w * x - y)));
  BOOST_TEST((model.drift[1] == symbol("third") * x - y));
  BOOST_TEST(model.noise_size() == 2);
  BOOST_TEST((model.noise[1][1] == s * (1 + y * y)));
  BOOST_TEST((model.noise[0][1] == 0));
  // In the order of the file, decimals exact.
  BOOST_REQUIRE(model.parameters.size() == 3);
  BOOST_TEST((model.parameters[0].symbol == w));
  BOOST_TEST((model.parameters[1].value == rational(1, 10)));
  BOOST_TEST((model.parameters[2].value == rational(1, 3)));
  BOOST_TEST(drift_tape(model).evaluate({0.2, -0.3})[0] == -0.2 + std::tanh(0.6),
             boost::test_tools::tolerance(1e-15));
}

BOOST_AUTO_TEST_CASE(a_chain_is_read) {
  const Model model = load_model(data + "chain.toml");
  BOOST_TEST(model.name == "chain");
  BOOST_TEST((model.kind == Model::Kind::chain));
  BOOST_TEST(model.noise_size() == 1);
  const double h = 0.7, xi = -1.1, u = 2 * h + 0.3 * xi;
  BOOST_TEST(drift_tape(model).evaluate({h, xi})[0] == 0.8 * h + 0.2 * u / (1 + std::abs(u)),
             boost::test_tools::tolerance(1e-15));
}

BOOST_AUTO_TEST_CASE(diagonal_noise_is_read) {
  const Model model = load_model(data + "diagonal.toml");
  BOOST_TEST(model.noise_size() == 3);
  BOOST_TEST((model.noise[0][0] == rational(1, 10)));
  BOOST_TEST((model.noise[1][1] == 0));
  BOOST_TEST((model.noise[2][2] == sqrt(1 + pow(symbol("x"), 2)) / 5));
  BOOST_TEST((model.drift[0] == softplus(symbol("y"), 4) - symbol("x")));
}

BOOST_AUTO_TEST_CASE(a_mistake_is_a_sentence_with_key_and_place) {
  const Case one;
  const std::string head = "kind = \"diffusion\"\nstate = [\"x\"]\n";
  const std::string drift = "[drift]\nx = \"-x\"\n";
  BOOST_TEST(one.message(head + drift).empty());
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"", {"kind", "missing"}},
      {"kind = \"difusion\"\n" + drift, {"\"difusion\"", "expected \"diffusion\" or \"chain\""}},
      {"kind = 3\n", {"kind (line 1)", "text in quotes"}},
      {"kind = \"diffusion\"\n" + drift, {"state", "missing"}},
      {head, {"drift", "missing"}},
      {head + "drif = 3\n" + drift, {"drif (line 3)", "did you mean \"drift\"?"}},
      {head + "[drift]\ny = \"x\"\n", {"drift.y (line 4)", "not known"}},
      {head + "[drift]\n", {"drift.x", "missing"}},
      {head + "[drift]\nx = 3\n", {"drift.x (line 4)", "text in quotes"}},
      {head + "[drift]\nx = \"-x + tanhh(x)\"\n",
       {"drift.x (line 4)", "column 6", "did you mean \"tanh\"?"}},
      {head + "[drift]\nx = \"x/0\"\n", {"drift.x (line 4)", "division by zero"}},
      {head + "[update]\nx = \"x\"\n", {"update", "belongs to a chain"}},
      {head + "normals = [\"xi\"]\n" + drift, {"normals", "belongs to a chain"}},
      {"kind = \"chain\"\nstate = [\"x\"]\n" + drift, {"drift", "belongs to a diffusion"}},
      {"kind = \"diffusion\"\nstate = [\"x\", \"x\"]\n" + drift, {"different names"}},
      {"kind = \"diffusion\"\nstate = [\"exp\"]\n[drift]\nexp = \"1\"\n", {"\"exp\"", "function"}},
      {"kind = \"diffusion\"\nstate = [\"f\"]\n[drift]\nf = \"1\"\n", {"\"f\"", "function"}},
      {"kind = \"diffusion\"\nstate = [\"1x\"]\n", {"\"1x\"", "a letter"}},
      {"kind = \"diffusion\"\nstate = []\n[drift]\n", {"no states"}},
      {head + drift + "[parameters]\nw = \"x\"\n", {"parameters.w (line 6)", "not known"}},
      {head + drift + "[parameters]\nw = inf\n", {"parameters.w (line 6)", "finite"}},
      {head + drift + "[parameters]\nw = true\n", {"parameters.w (line 6)", "number"}},
      {head + drift + "[parameters]\nx = 1\n", {"different names"}},
      {head + "slope = 0.1\n" + drift, {"slope (line 3)", "without activation"}},
      {head + "activation = \"leaky_relu\"\nslope = 3\n" + drift, {"activation", "slope"}},
      {head + "activation = \"u*v\"\n" + drift, {"activation (line 3)", "\"v\""}},
      {head + "activation = \"u^2\"\nslope = 0.1\n" + drift, {"slope", "in the formula"}},
      {head + "[drift]\nx = \"f(x)\"\n", {"\"f\"", "not known"}},
      {head + drift + "[noise]\nx = [\"1\", \"y\"]\n", {"noise.x (line 6)", "\"y\""}},
      {head + drift + "[noise]\nz = \"1\"\n", {"noise.z (line 6)", "not known"}},
      {head + drift + "[noise]\nx = 0.1\n", {"noise.x (line 6)"}},
      {head + drift + "[drift]\n", {"not valid toml"}},
      {head + "[drift]\nx = \"-x", {"not valid toml"}},
  };
  for (const auto& [text, parts] : cases) {
    const std::string sentence = one.message(text);
    for (const std::string& part : parts)
      BOOST_TEST(mentions(sentence, part), text << "gave: " << sentence << "; expected " << part);
  }
}

BOOST_AUTO_TEST_CASE(hostile_files_are_sentences) {
  const Case one;
  const std::string head = "kind = \"diffusion\"\nstate = [\"x\"]\n[drift]\n";
  std::vector<std::string> texts = {
      head + "x = \"" + repeated("(", 10'000'000) + "\"\n",
      head + "x = \"" + repeated("(", 900'000) + "\"\n",
      head + "x = " + repeated("[", 900'000) + "\n",
      repeated("[", 10'000'000),
      head + repeated("a.", 100'000) + "x = 1\n",
      head + "x = \"9^9^9^9\"\n",
      head + "x = \"1e999999999\"\n",
      head + "x = \"x\\u0000y\"\n",
      head + "x = \"" + std::string(1, '\0') + "\"\n",
      head + "x = \"\xff\xfe\"\n",
      head + "x = \"\u2212x\"\n",
      "kind = \"diffusion\"\nstate = [" + repeated("\"x\",", 100'000) + "]\n",
      head + "x = \"x\"\n[parameters]\nw = 1e400\n",
      head + "x = \"x\"\n[parameters]\nw = \"2^(10^9)\"\n",
  };
  // A function that uses its argument twice, inside itself 60 times.
  texts.push_back(
      "kind = \"diffusion\"\nstate = [\"x\"]\nactivation = \"sin(u) + cos(u)\"\n[drift]\nx = \"" +
      repeated("f(", 60) + "x" + repeated(")", 60) + "\"\n");
  // A number of 10⁹ bits, and 3·10⁶ terms, behind a function's name.
  const auto with_activation = [](const std::string& f, const std::string& drift) {
    return "kind = \"diffusion\"\nstate = [\"x\"]\nactivation = \"" + f + "\"\n[drift]\nx = \"" +
           drift + "\"\n";
  };
  texts.push_back(with_activation("(u^1000 + 1)^1000", "f(2^1000)*x"));
  std::string uses = "u", terms = "x";
  for (int k = 2; k < 3000; ++k) uses += "+sin(u+" + std::to_string(k) + ")";
  for (int k = 2; k < 1000; ++k) terms += "+x^" + std::to_string(k);
  texts.push_back(with_activation(uses, "f(" + terms + ")"));
  texts.push_back(with_activation("1/u", "f(0)"));
  texts.push_back(with_activation("log(u)", "f(0)"));
  for (const std::string& text : texts) BOOST_TEST(!one.message(text).empty());
  BOOST_CHECK_THROW(load_model(one.folder.path() / "nothing.toml"), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(mutants_give_a_model_or_a_sentence) {
  const Case one;
  tests::Mutator mutate;
  int models = 0, refused = 0;
  for (const char* name : {"two_units.toml", "chain.toml", "diagonal.toml"}) {
    const std::string text = read(data + name);
    for (int k = 0; k < 500; ++k) {
      try {
        drift_tape(one.load(mutate(text)));
        ++models;
      } catch (const std::invalid_argument&) {
        ++refused;
      }
    }
  }
  BOOST_TEST(models > 50);
  BOOST_TEST(refused > 200);
}
