// SPDX-License-Identifier: GPL-3.0-or-later
#include "studies/support/fate_rows.hpp"

#include <fmt/core.h>

#include <cmath>
#include <limits>

namespace stillpoint::studies {
namespace {

std::string text_of(double number) {
  return std::isnan(number) ? "-" : fmt::format("{:.4g}", number);
}

std::string end_text(double level, const std::string& how) {
  if (std::isnan(level)) return how.empty() ? "-" : how;
  return fmt::format("{:.3g} {}", level, how);
}

std::string closure_text(const Fate& fate, const Vector& state) {
  const double shift = fate.closure_shift(state);
  return text_of(shift) + (std::isnan(shift) || fate.closure_valid ? "" : " (no)");
}

std::string simulated_text(const Fate& fate, const Vector& state) {
  if (!fate.simulated) return fate.rejected.empty() ? "-" : "rejected";
  return fmt::format("{:.4g} +- {:.1g}", fate.monte_carlo_shift(state),
                     fate.monte_carlo_shift_error(state));
}

}  // namespace

FateTables::FateTables()
    : points({"input",
              "point",
              "stability",
              "unstable_directions",
              "index",
              "proof",
              "radius",
              "residual",
              "on_kink",
              "largest_multiplier",
              "smoothed_shift",
              "closure_shift",
              "closure_valid",
              "monte_carlo_shift",
              "monte_carlo_shift_se",
              "ends_smoothed",
              "how_smoothed",
              "ends_closure",
              "how_closure",
              "note"}),
      states({"input", "point", "stability", "unit", "noise_free", "smoothed", "closure",
              "closure_valid", "monte_carlo", "monte_carlo_se", "sd"}),
      shift({"input", "point", "unit", "smoothed", "closure", "closure_valid", "monte_carlo",
             "monte_carlo_se"}),
      survival({"number", "input", "point", "smoothed", "how_smoothed", "closure", "how_closure",
                "largest"}) {}

void FateTables::add(Index input, Index number, const certification::ListedPoint& listed,
                     const Fate& fate, double largest) {
  constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
  const auto& point = listed.point;
  const std::string stability(to_string(point.stability));
  std::string on_kink;
  for (const Index unit : listed.on_kink)
    on_kink += (on_kink.empty() ? "" : " ") + std::to_string(unit);
  points.row({input,
              number,
              stability,
              point.unstable_directions,
              static_cast<Index>(point.index),
              std::string(to_string(listed.proof)),
              listed.radius,
              point.residual,
              on_kink,
              point.multipliers.size() > 0 ? std::abs(point.multipliers(0)) : not_a_number,
              fate.smoothed_shift(point.state),
              fate.closure_shift(point.state),
              fate.closure_valid,
              fate.monte_carlo_shift(point.state),
              fate.monte_carlo_shift_error(point.state),
              fate.ends_smoothed,
              fate.end_smoothed,
              fate.ends_closure,
              fate.end_closure,
              fate.note});
  for (Index i = 0; i < point.state.size(); ++i)
    states.row({input, number, stability, i, point.state(i), fate.smoothed(i), fate.closure(i),
                fate.closure_valid, fate.monte_carlo(i), fate.standard_error(i),
                fate.simulated_sd(i)});
  const bool stable = point.stability == fixed_points::Stability::stable;
  if (stable && (fate.smoothed.allFinite() || fate.closure.allFinite()))
    for (Index i = 0; i < point.state.size(); ++i)
      shift.row({input, number, i, fate.smoothed(i) - point.state(i),
                 fate.closure(i) - point.state(i), fate.closure_valid,
                 fate.monte_carlo(i) - point.state(i), fate.standard_error(i)});
  if (!fate.end_smoothed.empty() || !fate.end_closure.empty())
    survival.row({survival.rows(), input, number, fate.ends_smoothed, fate.end_smoothed,
                  fate.ends_closure, fate.end_closure, largest});
}

void FateTables::save(io::Results& results) const {
  if (points.rows() > 0) results.table("fixed_points", points);
  if (states.rows() > 0) results.table("states", states);
  if (shift.rows() > 0) results.table("shift", shift);
  if (survival.rows() > 0) results.table("survival", survival);
}

void FateLines::add(Index number, const certification::ListedPoint& listed, const Fate& fate) {
  if (++count_ > most) return;
  constexpr auto line = "  {:>5}  {:9} {:8}  {:10} {:14} {:20}  {:20} {}\n";
  const Vector& state = listed.point.state;
  if (count_ == 1)
    lines_ = fmt::format(line, "point", "stability", "proof", "smoothed", "closure", "Monte Carlo",
                         "ends: smoothed", "closure");
  lines_ +=
      fmt::format(line, number, to_string(listed.point.stability), to_string(listed.proof),
                  text_of(fate.smoothed_shift(state)), closure_text(fate, state),
                  simulated_text(fate, state), end_text(fate.ends_smoothed, fate.end_smoothed),
                  end_text(fate.ends_closure, fate.end_closure));
}

std::string FateLines::text() const {
  if (count_ == 0) return "";
  std::string all = lines_;
  if (count_ > most) all += fmt::format("  and {} more, see fixed_points.csv\n", count_ - most);
  return all +
         "  shifts: rms over the units, (no) where the closure does not hold; ends: noise over the "
         "network's;\n  -: not computed; unknown: see note in fixed_points.csv\n";
}

}  // namespace stillpoint::studies
