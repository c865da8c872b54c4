// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "lib/core/types.hpp"

/// Private to this folder: the noise series of one neuron to any order, for numbers and symbols.
namespace stillpoint::noise_series {

/// @brief One neuron about its fixed point, δ = y − y0, with noise of level s = 1:
///
///     chain      δ' = λδ + G φ(Bδ + ζ) + ω,   ζ ~ N(0, argument variance), ω ~ N(0, state
///     variance) diffusion  dδ = (ℓδ + Ĝ E φ(Bδ + ζ)) dt + √(g Ĝ² Var φ(Bδ + ζ) + ν²) dω,
///
/// φ(x) = f(u0 + x) − f(u0) = Σ_j f_j xʲ/j!.
template <typename Scalar>
struct NeuronForm {
  Scalar carried;                   ///< λ; ℓ in the diffusion
  Scalar gain;                      ///< G; Ĝ = G/g in the diffusion
  Scalar argument_weight;           ///< B
  Scalar argument_variance;         ///< of ζ
  Scalar state_variance;            ///< of ω; ν² a unit of time in the diffusion
  Scalar leak;                      ///< g, used by the diffusion alone
  std::vector<Scalar> derivatives;  ///< f_1 … f_order
};

/// Coefficients M_k^(n) of E δᵏ = Σ_n M_k^(n) sⁿ: moment[k][n], k, n = 0 … order.
template <typename Scalar>
using NeuronMoments = std::vector<std::vector<Scalar>>;

/// @brief A polynomial in δ and the noise, truncated at a total degree: part[d][i] is the
/// coefficient of δⁱ times noise^(d−i).
template <typename Scalar>
class NoisePolynomial {
 public:
  explicit NoisePolynomial(Index degree) {
    for (Index d = 0; d <= degree; ++d) part_.emplace_back(d + 1, Scalar(0));
  }
  static NoisePolynomial one(Index degree) {
    NoisePolynomial result(degree);
    result(0, 0) = Scalar(1);
    return result;
  }

  Index degree() const { return static_cast<Index>(part_.size()) - 1; }
  Scalar& operator()(Index d, Index i) { return part_[d][i]; }
  const Scalar& operator()(Index d, Index i) const { return part_[d][i]; }

  /// this += factor · p · δ^power · noise^noise_power, truncated.
  void add(const Scalar& factor, const NoisePolynomial& p, Index power, Index noise_power) {
    if (factor == Scalar(0)) return;
    const Index shift = power + noise_power;
    for (Index d = 0; d + shift <= degree(); ++d)
      for (Index i = 0; i <= d; ++i)
        if (!(p(d, i) == Scalar(0))) part_[d + shift][i + power] += factor * p(d, i);
  }

  friend NoisePolynomial operator*(const NoisePolynomial& p, const NoisePolynomial& q) {
    NoisePolynomial result(p.degree());
    for (Index d = 0; d <= p.degree(); ++d)
      for (Index i = 0; i <= d; ++i) result.add(p(d, i), q, i, d - i);
    return result;
  }

  /// The average over Gaussian noise of this variance and level s: what stood for noise^j now
  /// stands for s^j.
  NoisePolynomial averaged(const Scalar& variance) const {
    NoisePolynomial result(degree());
    for (Index d = 0; d <= degree(); ++d) {
      Scalar moment(1);  // E noise^j = (j − 1)!! variance^{j/2}
      for (Index j = 0; j <= d; j += 2) {
        if (j > 0) moment = moment * Scalar(static_cast<int>(j - 1)) * variance;
        result(d, d - j) = part_[d][d - j] * moment;
      }
    }
    return result;
  }

 private:
  std::vector<std::vector<Scalar>> part_;
};

/// The exact binomial coefficient, n ≤ 50.
inline long binomial(Index n, Index k) {
  long result = 1;
  for (Index i = 1; i <= k; ++i) result = result * (n - k + i) / i;
  return result;
}

/// φ(Bδ + ζ), f_1 included.
template <typename Scalar>
NoisePolynomial<Scalar> nonlinearity(const NeuronForm<Scalar>& neuron, Index degree) {
  NoisePolynomial<Scalar> phi(degree);
  Scalar factorial(1);
  for (Index d = 1; d <= degree; ++d) {
    factorial = factorial * Scalar(static_cast<int>(d));
    Scalar power(1);  // Bⁱ
    for (Index i = 0; i <= d; ++i) {
      phi(d, i) = neuron.derivatives[d - 1] * power * Scalar(static_cast<double>(binomial(d, i))) /
                  factorial;
      power = power * neuron.argument_weight;
    }
  }
  return phi;
}

/// @brief What stationarity says of E δᵏ, for k = 0 … order: Σ_{w,i} row(w, i) s^{w−i} E δⁱ = 0.
///
/// The term (k, k) is −(1 − λᵏ) in the chain and k times the linear rate in the diffusion.
template <typename Scalar>
using StationarityRows = std::vector<NoisePolynomial<Scalar>>;

/// E(δ')ᵏ − E δᵏ of the chain.
/// @param[in] slope  λ = ∂δ'/∂δ at the fixed point.
template <typename Scalar>
StationarityRows<Scalar> chain_rows(const NeuronForm<Scalar>& neuron, const Scalar& slope,
                                    Index order) {
  using Polynomial = NoisePolynomial<Scalar>;
  Polynomial map(order);
  map.add(neuron.gain, nonlinearity(neuron, order), 0, 0);
  map(1, 1) = slope;
  std::vector<Polynomial> powers{Polynomial::one(order)};  // averaged powers of the map
  Polynomial power = powers.front();
  for (Index k = 1; k <= order; ++k) {
    power = power * map;
    powers.push_back(power.averaged(neuron.argument_variance));
  }
  StationarityRows<Scalar> rows;
  for (Index k = 0; k <= order; ++k) {
    Polynomial row(order);
    Scalar moment(1);  // of ω
    for (Index j = 0; j <= k; j += 2) {
      if (j > 0) moment = moment * Scalar(static_cast<int>(j - 1)) * neuron.state_variance;
      row.add(moment * Scalar(static_cast<double>(binomial(k, j))), powers[k - j], 0, j);
    }
    row(k, k) = row(k, k) - Scalar(1);
    rows.push_back(row);
  }
  return rows;
}

/// E L δᵏ of the diffusion, L its generator: k δᵏ⁻¹ A + ½ k (k − 1) δᵏ⁻² b.
/// @param[in] slope  ℓ + Ĝ B f_1, the linear rate at the fixed point.
template <typename Scalar>
StationarityRows<Scalar> diffusion_rows(const NeuronForm<Scalar>& neuron, const Scalar& slope,
                                        Index order) {
  using Polynomial = NoisePolynomial<Scalar>;
  const Polynomial phi = nonlinearity(neuron, order);
  const Polynomial mean = phi.averaged(neuron.argument_variance);
  Polynomial variance = (phi * phi).averaged(neuron.argument_variance);
  variance.add(Scalar(-1), mean * mean, 0, 0);
  Polynomial drift(order);
  drift.add(neuron.gain, mean, 0, 0);
  drift(1, 1) = slope;
  Polynomial noise(order);
  noise.add(neuron.leak * neuron.gain * neuron.gain, variance, 0, 0);
  if (order >= 2) noise(2, 0) += neuron.state_variance;
  StationarityRows<Scalar> rows;
  for (Index k = 0; k <= order; ++k) {
    Polynomial row(order);
    if (k >= 1) row.add(Scalar(static_cast<int>(k)), drift, k - 1, 0);
    if (k >= 2) row.add(Scalar(static_cast<int>(k * (k - 1) / 2)), noise, k - 2, 0);
    rows.push_back(row);
  }
  return rows;
}

/// @brief Solves the rows order by order: for n = 2, 4, … and k from n down to 1,
///
///     M_k^(n) = Σ row(w, i) M_i^(n−w+i) / (−row(k, k)),   (w, i) ≠ (k, k), w ≤ n,
///
/// in which every moment on the right is known: w > k only with i ≤ w at the same n, and those with
/// i > k were solved before. Odd n vanish.
/// @param[in] name  Called with k, n and each moment as it is solved; may replace it by a symbol.
template <typename Scalar, typename Name>
NeuronMoments<Scalar> solve_moments(const StationarityRows<Scalar>& rows, Index order,
                                    Name&& name) {
  NeuronMoments<Scalar> moment(order + 1, std::vector<Scalar>(order + 1, Scalar(0)));
  moment[0][0] = Scalar(1);
  for (Index n = 2; n <= order; n += 2)
    for (Index k = n; k >= 1; --k) {
      Scalar sum(0);
      for (Index w = 0; w <= n; ++w)
        for (Index i = std::max<Index>(0, w - n); i <= w; ++i) {
          if ((w - i) % 2 != 0 || (w == k && i == k)) continue;
          const Scalar& factor = rows[k](w, i);
          const Scalar& known = moment[i][n - w + i];
          if (factor == Scalar(0) || known == Scalar(0)) continue;
          sum += factor * known;
        }
      moment[k][n] = sum / (Scalar(0) - rows[k](k, k));
      name(k, n, moment[k][n]);
    }
  return moment;
}

/// Coefficients of s⁰, s², s⁴ … of the first three cumulants of δ.
template <typename Scalar>
struct NeuronCumulants {
  std::vector<Scalar> mean, variance, third;
};

template <typename Scalar>
NeuronCumulants<Scalar> cumulants(const NeuronMoments<Scalar>& moment) {
  const Index terms = (static_cast<Index>(moment.size()) - 1) / 2 + 1;
  const auto row = [&](Index k) {
    std::vector<Scalar> values;
    for (Index t = 0; t < terms; ++t)
      values.push_back(k < static_cast<Index>(moment.size()) ? moment[k][2 * t] : Scalar(0));
    return values;
  };
  const auto product = [&](const std::vector<Scalar>& a, const std::vector<Scalar>& b) {
    std::vector<Scalar> values(terms, Scalar(0));
    for (Index i = 0; i < terms; ++i)
      for (Index j = 0; i + j < terms; ++j) values[i + j] += a[i] * b[j];
    return values;
  };
  const auto first = row(1), second = row(2);
  const auto square = product(first, first);
  NeuronCumulants<Scalar> result{.mean = first, .variance = second, .third = row(3)};
  const auto mixed = product(second, first), cube = product(square, first);
  for (Index t = 0; t < terms; ++t) {
    result.variance[t] = second[t] - square[t];
    result.third[t] = result.third[t] - Scalar(3) * mixed[t] + Scalar(2) * cube[t];
  }
  return result;
}

}  // namespace stillpoint::noise_series
