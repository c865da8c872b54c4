// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/cumulants/cumulant_evolution.hpp"

#include <sstream>
#include <string>

#include "lib/core/interrupt.hpp"
#include "lib/core/recoverable_error.hpp"
#include "lib/core/require.hpp"
#include "solvers/cumulants/cumulant_equations.hpp"
#include "solvers/ode/integrate.hpp"

namespace stillpoint::cumulants {
namespace {

/// Notes the first loss of realisability.
void look(CumulantTrajectory& run, const Support& bounds, const std::string& when) {
  const Realizability here = check_realizability(run.laws.back(), bounds);
  if (here.possible || run.first_loss >= 0) return;
  run.first_loss = static_cast<Index>(run.laws.size()) - 1;
  run.report = Report::failure(Status::lost_positivity,
                               when + " the cumulants stop being those of a law: " + here.violated);
}

void require_start(const CumulantLaw& start, Index state_size) {
  require(start.state_size() == state_size && start.finite(), "cumulants::evolve_cumulants",
          "the law is of ", start.state_size(), " states or holds a NaN, expected ", state_size,
          " and finite cumulants");
}

}  // namespace

CumulantTrajectory evolve_cumulants(const models::NoisyChain& chain, const Vector& input,
                                    const CumulantLaw& start, Index steps, Index degree) {
  require_start(start, chain.state_size());
  require(steps >= 0, "cumulants::evolve_cumulants", "steps = ", steps, ", expected >= 0");
  const CumulantChain map(chain, input, start.order(), degree);
  CumulantTrajectory run{.report = {}, .laws = {start}};
  look(run, {}, "at the start");
  for (Index t = 1; t <= steps; ++t) {
    throw_if_interrupted();
    const std::string when = "after step " + std::to_string(t);
    try {
      run.laws.push_back(map.step(run.laws.back()));
    } catch (const RecoverableError& error) {
      if (run.first_loss < 0) run.first_loss = t;
      run.report = Report::failure(Status::lost_positivity, when + ": " + error.what());
      return run;
    }
    look(run, {}, when);
    ++run.report.iterations;
  }
  return run;
}

CumulantTrajectory evolve_cumulants(const models::NoisyDiffusion& diffusion,
                                    const CumulantLaw& start, const Vector& times, Index degree) {
  require_start(start, diffusion.state_size());
  const CumulantDiffusion rate(diffusion, start.order(), degree);
  const Index size = start.indices().size();
  const auto field = [&](double, const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> dxdt) {
    throw_if_interrupted();
    CumulantLaw law = start;
    for (Index p = 1; p < size; ++p) law.cumulants()[p] = x(p - 1);
    const statistics::Series<double> change = rate.rate(law);
    for (Index p = 1; p < size; ++p) dxdt(p - 1) = change[p];
  };
  CumulantTrajectory run{.report = {}, .laws = {}};
  ode::Trajectory path;
  try {
    path = ode::integrate(field, Eigen::Map<const Vector>(start.cumulants().data() + 1, size - 1),
                          times, {.relative_tolerance = 1e-10, .absolute_tolerance = 1e-12});
  } catch (const RecoverableError& error) {
    run.report = Report::failure(Status::lost_positivity, error.what());
    run.first_loss = 0;
    return run;
  }
  run.report = path.report;
  for (Index k = 0; k < path.states.cols(); ++k) {
    CumulantLaw law = start;
    for (Index p = 1; p < size; ++p) law.cumulants()[p] = path.states(p - 1, k);
    run.laws.push_back(law);
    std::ostringstream when;
    when << "at time " << path.times(k);
    look(run, {}, when.str());
  }
  return run;
}

}  // namespace stillpoint::cumulants
