// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/cumulants/cumulant_equations.hpp"

#include <algorithm>
#include <cmath>

#include "lib/core/recoverable_error.hpp"
#include "lib/core/require.hpp"
#include "solvers/cumulants/argument_averages.hpp"

namespace stillpoint::cumulants {
namespace {

using statistics::MultiIndex;
using statistics::Series;

void require_order(std::string_view where, Index state_size, Index order, Index degree) {
  require(order >= 1 && order <= largest_order(state_size), where, "order = ", order,
          ", expected 1 to ", largest_order(state_size), " for a state of size ", state_size,
          "; the number of cumulants and integrals grows too fast above");
  require(degree == 0 || (degree >= order && degree <= order + 6), where, "degree = ", degree,
          ", expected 0 or ", order, " to ", order + 6);
}

/// The Gram–Charlier series holds the second order at least.
GramCharlier::Tables make_tables(Index state_size, Index order, Index degree) {
  return {state_size, std::max<Index>(order - 1, 0),
          std::max<Index>(degree == 0 ? order : degree, 2)};
}

/// Units of a set, ascending, for every set of at most `most` of n units.
std::vector<std::vector<Index>> sets(Index n, Index most) {
  std::vector<std::vector<Index>> all, last = {{}};
  for (Index size = 1; size <= most; ++size) {
    std::vector<std::vector<Index>> next;
    for (const auto& set : last)
      for (Index unit = set.empty() ? 0 : set.back() + 1; unit < n; ++unit) {
        next.push_back(set);
        next.back().push_back(unit);
      }
    all.insert(all.end(), next.begin(), next.end());
    last = std::move(next);
  }
  return all;
}

double integer_power(double x, int n) {
  double result = 1.0;
  for (; n > 0; --n) result *= x;
  return result;
}

}  // namespace

Index largest_order(Index state_size) {
  constexpr Index orders[] = {10, 6, 4, 3, 3};
  return state_size >= 1 && state_size <= 5 ? orders[state_size - 1] : 2;
}

CumulantChain::CumulantChain(const models::NoisyChain& chain, const Vector& input, Index order,
                             Index degree)
    : chain_(chain),
      c_(chain.argument_offset(input)),
      d_(chain.state_offset(input)),
      order_((require_order("cumulants::CumulantChain", chain.state_size(), order, degree), order)),
      tables_(make_tables(chain.state_size(), order, degree)),
      joint_(chain.state_size() + chain.units(), order),
      features_(moments::features(chain.activation())) {}

CumulantLaw CumulantChain::step(const CumulantLaw& law) const {
  eigen_assert(law.state_size() == chain_.state_size() && law.order() == order_);
  const Index m = chain_.state_size(), n = chain_.units();
  const GramCharlier state(law, tables_);
  const Matrix& B = chain_.argument_weights();
  const Vector a = B * state.mean() + c_;
  const Vector q =
      ((B * state.root()).rowwise().squaredNorm() + Vector(chain_.argument_sd().cwiseAbs2()))
          .cwiseSqrt();
  if (!a.allFinite() || !q.allFinite()) throw RecoverableError("an argument is not finite");
  Vector reference(n);  // f_q
  for (Index j = 0; j < n; ++j)
    reference(j) = activations::averages(chain_.activation(), a(j), q(j)).mean;

  // Joint moments of z and φ, those of z alone first.
  Series<double> joint(static_cast<std::size_t>(joint_.size()), 0.0);
  const Series<double> own = state.moment_series();
  for (Index p = 0; p < joint_.size(); ++p) {
    const MultiIndex z(joint_[p].begin(), joint_[p].begin() + m);
    if (statistics::order(z) == statistics::order(joint_[p])) joint[p] = own[tables_.terms.find(z)];
  }
  for (const auto& units : sets(n, std::min(n, order_))) {
    const auto count = static_cast<Index>(units.size());
    // The powers β with exactly these units.
    const statistics::MultiIndices all(count, order_);
    std::vector<MultiIndex> powers;
    for (Index p = 0; p < all.size(); ++p)
      if (std::all_of(all[p].begin(), all[p].end(), [](int power) { return power > 0; }))
        powers.push_back(all[p]);
    Vector offset(count), fresh(count);
    Matrix weights(count, m);
    for (Index i = 0; i < count; ++i) {
      offset(i) = a(units[i]);
      fresh(i) = chain_.argument_sd()(units[i]);
      weights.row(i) = B.row(units[i]);
    }
    const ArgumentAverages average(state, offset, weights, fresh, features_);
    const Matrix moments = std::visit(
        [&](const auto& f) {
          Vector phi(count);
          return average(order_ - count, static_cast<Index>(powers.size()),
                         [&](const Vector& arguments, Vector& values) {
                           for (Index i = 0; i < count; ++i)
                             phi(i) = f(arguments(i)) - reference(units[i]);
                           for (std::size_t p = 0; p < powers.size(); ++p) {
                             double product = 1.0;
                             for (Index i = 0; i < count; ++i)
                               product *= integer_power(phi(i), powers[p][i]);
                             values(static_cast<Index>(p)) = product;
                           }
                         });
        },
        chain_.activation());
    for (Index alpha = 0; alpha < moments.rows(); ++alpha)
      for (std::size_t p = 0; p < powers.size(); ++p) {
        MultiIndex index = tables_.powers[alpha];
        index.resize(static_cast<std::size_t>(m + n), 0);
        for (Index i = 0; i < count; ++i) index[m + units[i]] = powers[p][i];
        const Index position = joint_.find(index);
        if (position >= 0)
          joint[position] = moments(alpha, static_cast<Index>(p)) / joint_.factorial(position);
      }
  }

  Matrix T(m + n, m);  // transposed
  T.topRows(m) = (chain_.retention().asDiagonal() * state.root()).transpose();
  T.bottomRows(n) = chain_.gain().transpose();
  CumulantLaw result = law;
  result.cumulants() = statistics::times_factorials(
      result.indices(),
      statistics::substitute(joint_, statistics::logarithm(joint_, joint), result.indices(), T));
  result.set_mean(result.mean() + chain_.retention().cwiseProduct(state.mean()) +
                  chain_.gain() * reference + d_);
  if (order_ >= 2) {
    Matrix covariance = result.covariance();
    covariance.diagonal() += chain_.state_sd().cwiseAbs2();
    result.set_covariance(covariance);
  }
  return result;
}

CumulantDiffusion::CumulantDiffusion(const models::NoisyDiffusion& diffusion, Index order,
                                     Index degree)
    : diffusion_(diffusion),
      tables_((require_order("cumulants::CumulantDiffusion", diffusion.state_size(), order, degree),
               make_tables(diffusion.state_size(), order, degree))),
      order_(order),
      features_(moments::features(diffusion.chain().activation())) {}

Series<double> CumulantDiffusion::rate(const CumulantLaw& law) const {
  const models::NoisyChain& chain = diffusion_.chain();
  const Index m = chain.state_size(), n = chain.units();
  const double g = chain.leak();
  eigen_assert(law.state_size() == m && law.order() == order_);
  const GramCharlier state(law, tables_);
  const statistics::MultiIndices& indices = law.indices();
  const Vector a = chain.argument_weights() * state.mean() + diffusion_.argument_offset();
  if (!a.allFinite()) throw RecoverableError("an argument is not finite");

  // M(t) of y − μ, and E F e^{t·(y−μ)} for F = f_s and v_s of every unit, to order k − 1 at least.
  const Matrix to_state =
      statistics::linear_substitution(tables_.terms, indices, state.root().transpose());
  const auto in_state = [&](const statistics::MultiIndices& from, const Vector& coefficients) {
    Series<double> series(static_cast<std::size_t>(indices.size()), 0.0);
    Eigen::Map<Vector>(series.data(), indices.size()) =
        to_state.topRows(from.size()).transpose() * coefficients;
    return series;
  };
  const Series<double> z_moments = state.moment_series();
  const Series<double> M =
      in_state(tables_.terms, Eigen::Map<const Vector>(z_moments.data(), tables_.terms.size()));
  std::vector<Series<double>> drift_part, noise_part;
  for (Index j = 0; j < n; ++j) {
    const double s = chain.argument_sd()(j);
    std::vector<moments::Feature> blunt;
    for (const moments::Feature& feature : features_)
      blunt.push_back({feature.location, feature.width + s});
    const ArgumentAverages average(state, a.segment(j, 1), chain.argument_weights().row(j),
                                   Vector::Zero(1), blunt);
    const Matrix moments = std::visit(
        [&](const auto& f) {
          return average(tables_.powers.degree(), 2, [&](const Vector& u, Vector& values) {
            if (s == 0.0) {
              values << f(u(0)), 0.0;
              return;
            }
            const activations::GaussianAverages here = f.averages(u(0), s);
            values << here.mean, here.variance;
          });
        },
        chain.activation());
    Matrix coefficients = moments;
    for (Index alpha = 0; alpha < moments.rows(); ++alpha)
      coefficients.row(alpha) /= tables_.powers.factorial(alpha);
    drift_part.push_back(in_state(tables_.powers, coefficients.col(0)));
    noise_part.push_back(in_state(tables_.powers, coefficients.col(1)));
  }

  // Σᵢ tᵢ E Aᵢ e^{…} + ½ Σᵢⱼ tᵢ tⱼ E (C Cᵀ)ᵢⱼ e^{…}, coefficient by coefficient.
  const Vector constant = diffusion_.rate().cwiseProduct(state.mean()) + diffusion_.state_offset();
  const Matrix& G = chain.gain();
  Series<double> flow(static_cast<std::size_t>(indices.size()), 0.0);
  for (Index p = 1; p < indices.size(); ++p)
    for (Index i = 0; i < m; ++i) {
      MultiIndex lower = indices[p];
      if (--lower[static_cast<std::size_t>(i)] < 0) continue;
      const Index one = indices.find(lower);
      double drift = constant(i) * M[one];
      drift += diffusion_.rate()(i) * static_cast<double>(indices[p][static_cast<std::size_t>(i)]) *
               M[p];
      for (Index j = 0; j < n; ++j) drift += G(i, j) / g * drift_part[j][one];
      flow[p] += drift;
      for (Index l = 0; l < m; ++l) {
        MultiIndex lowest = lower;
        if (--lowest[static_cast<std::size_t>(l)] < 0) continue;
        const Index two = indices.find(lowest);
        double tensor = 0.0;
        for (Index j = 0; j < n; ++j) tensor += G(i, j) * G(l, j) / g * noise_part[j][two];
        if (i == l) tensor += diffusion_.state_noise()(i) * diffusion_.state_noise()(i) * M[two];
        flow[p] += 0.5 * tensor;
      }
    }
  Series<double> minus = statistics::logarithm(indices, M);
  for (double& value : minus) value = -value;
  return statistics::times_factorials(
      indices, statistics::product(indices, flow, statistics::exponential(indices, minus)));
}

}  // namespace stillpoint::cumulants
