// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <array>
#include <utility>
#include <vector>

#include "lib/core/types.hpp"

/// Private to this folder: the noise series of a network to fourth order, for numbers and symbols.
namespace stillpoint::noise_series {

template <typename Scalar>
using MatrixOf = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
template <typename Scalar>
using VectorOf = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;
/// K(i, j, k) in slices K(·, ·, k).
template <typename Scalar>
using Tensor3Of = std::vector<MatrixOf<Scalar>>;

/// @brief A network about its fixed point, δ = y − y0, with noise of level s = 1:
///
///     chain      δ' = λ∘δ + G φ(a) + ω,   a = Bδ + ζ
///     diffusion  dδ = (ℓ∘δ + Ĝ E_ζ φ(a)) dt + noise of covariance g Ĝ diag Var_ζ φ(a) Ĝᵀ + diag ν²
///
/// a unit of time; φ_j(x) = f_j(u0_j + x) − f_j(u0_j), Ĝ = G/g. m states, n units.
template <typename Scalar>
struct NetworkForm {
  VectorOf<Scalar> carried;            ///< λ; ℓ in the diffusion, (m)
  MatrixOf<Scalar> gain;               ///< G; Ĝ in the diffusion, (m, n)
  MatrixOf<Scalar> arguments;          ///< B, (n, m)
  VectorOf<Scalar> argument_variance;  ///< of ζ, (n)
  VectorOf<Scalar> state_variance;     ///< of ω; ν² a unit of time in the diffusion, (m)
  std::array<VectorOf<Scalar>, 4> f;   ///< f', f'', f''', f'''' at u0, (n)
  Scalar leak;                         ///< g, used by the diffusion alone
};

/// @brief Mean, covariance and third cumulant of δ, κ₁ = s² mean2 + s⁴ mean4, κ₂ = s² covariance2 +
/// s⁴ covariance4, κ₃ = s⁴ third4, all + O(s⁶); the fourth cumulant is O(s⁶).
template <typename Scalar>
struct CumulantExpansion {
  VectorOf<Scalar> mean2, mean4;
  MatrixOf<Scalar> covariance2, covariance4;
  Tensor3Of<Scalar> third4;
};

/// @brief Cumulants of the argument a = Bδ + ζ, alone and with δ, and from them those of φ(a).
///
/// To fourth order only these of φ = f'a + f''a²/2 + f'''a³/6 + f''''a⁴/24 are needed, where v is
/// the diagonal of Ca and T = κ₃(a_j, a_j, ·):
///
///     E φ        = f' α + ½ f'' (Ca_jj + α²) + (f'''/6)(T(a) + 3 α v) + (f''''/8) v²
///     Cov(φ, δ)  = f' X + ½ f'' (T(δ) + 2 α X) + ½ f''' v X
///     Cov(φ, φ)  = f'f' Ca + sym[½ f'_i f''_j (T_j(a_i) + 2 α_j Ca) + ½ f'_i f'''_j v_j Ca]
///                  + ½ f''_i f''_j Ca².
template <typename Scalar>
class ArgumentCumulants {
 public:
  using Vec = VectorOf<Scalar>;
  using Mat = MatrixOf<Scalar>;

  /// @param[in] form  Borrowed; must outlive the object.
  explicit ArgumentCumulants(const NetworkForm<Scalar>& form) : form_(form) {}

  // The setters, in this order; name as in expand_chain().

  template <typename Name>
  void set_covariance(const Mat& covariance2, Name& name) {
    X = form_.arguments * covariance2;
    name("X", X);
    Ca = X * form_.arguments.transpose();
    without_fresh = Ca.diagonal();
    Ca.diagonal() += form_.argument_variance;
    name("R", Ca);
    v = Ca.diagonal();
  }

  template <typename Name>
  void set_mean(const Vec& mean2, Name& name) {
    alpha = form_.arguments * mean2;
    name("alpha", alpha);
  }

  template <typename Name>
  void set_third(const Tensor3Of<Scalar>& third4, Name& name) {
    const Mat& B = form_.arguments;
    T.resize(B.rows(), B.cols());
    for (Index k = 0; k < B.cols(); ++k) {
      const Mat product = B * third4[k];
      for (Index j = 0; j < B.rows(); ++j) T(j, k) = product.row(j).dot(B.row(j));
    }
    name("T", T);
    Ta = T * B.transpose();
    name("H", Ta);
  }

  /// Half f''∘v: the second-order mean of φ beyond its linear part.
  Vec curvature_mean() const { return form_.f[1].cwiseProduct(v) / Scalar(2); }

  /// Fourth-order part of Cov(φ, δ) beyond f' X4, (n, m).
  Mat state_covariance() const {
    const Vec weight = form_.f[1].cwiseProduct(alpha) + form_.f[2].cwiseProduct(v) / Scalar(2);
    return Vec(form_.f[1] / Scalar(2)).asDiagonal() * T + weight.asDiagonal() * X;
  }

  /// Fourth-order part of Cov(φ, φ) beyond f' Ca4 f', (n, n).
  Mat own_covariance() const {
    const Vec weight = form_.f[1].cwiseProduct(alpha) + form_.f[2].cwiseProduct(v) / Scalar(2);
    Mat half = Vec(form_.f[1] / Scalar(2)).asDiagonal() * Ta + weight.asDiagonal() * Ca;
    half = (half * form_.f[0].asDiagonal()).eval();
    const Mat transposed = half.transpose();
    half += transposed;
    for (Index j = 0; j < half.cols(); ++j)
      for (Index i = 0; i < half.rows(); ++i)
        half(i, j) += form_.f[1](i) * form_.f[1](j) * Ca(i, j) * Ca(i, j) / Scalar(2);
    return half;
  }

  /// Fourth-order mean of φ beyond f' B mean4.
  Vec fourth_mean(const Mat& covariance4) const {
    const Mat carried = form_.arguments * covariance4;
    Vec result(v.size());
    for (Index j = 0; j < v.size(); ++j) {
      const Scalar spread = carried.row(j).dot(form_.arguments.row(j)) + alpha(j) * alpha(j);
      result(j) = form_.f[1](j) * spread / Scalar(2) +
                  form_.f[2](j) * (Ta(j, j) + Scalar(3) * alpha(j) * v(j)) / Scalar(6) +
                  form_.f[3](j) * v(j) * v(j) / Scalar(8);
    }
    return result;
  }

  Mat X;              ///< Cov(a, δ) at second order, (n, m)
  Mat Ca;             ///< Cov(a), (n, n)
  Vec without_fresh;  ///< its diagonal without ζ, (n)
  Vec v;              ///< its diagonal, (n)
  Vec alpha;          ///< E a at second order, (n)
  Mat T, Ta;          ///< κ₃(a_j, a_j, δ_k), (n, m), and κ₃(a_j, a_j, a_k), (n, n)

 private:
  const NetworkForm<Scalar>& form_;
};

/// Adds c_p a_i b_j d_k, summed over the three ways to give the outlier: Σ_p c_p [G_kp X_ip X_jp +
/// G_ip X_jp X_kp + G_jp X_ip X_kp].
template <typename Scalar>
void add_third(const VectorOf<Scalar>& c, const MatrixOf<Scalar>& one, const MatrixOf<Scalar>& two,
               Tensor3Of<Scalar>& Q) {
  const Index m = one.rows();
  const MatrixOf<Scalar> weighted = two * c.asDiagonal();
  const MatrixOf<Scalar> weighted_one = one * c.asDiagonal();
  for (Index k = 0; k < m; ++k) {
    Q[k] += weighted * one.row(k).asDiagonal() * two.transpose();
    Q[k] += weighted_one * two.row(k).asDiagonal() * two.transpose();
    Q[k] += weighted * two.row(k).asDiagonal() * one.transpose();
  }
}

template <typename Scalar>
Tensor3Of<Scalar> zero_tensor(Index m) {
  return Tensor3Of<Scalar>(m, MatrixOf<Scalar>::Constant(m, m, Scalar(0)));
}

/// C2 and m2, which differ between chain and diffusion in the solver and in how much of the noise
/// on the arguments passes, and what the arguments have of them.
template <typename Scalar, typename Solver, typename Name>
ArgumentCumulants<Scalar> add_second_order(const NetworkForm<Scalar>& form,
                                           const VectorOf<Scalar>& linear_noise, Solver& solver,
                                           Name& name, CumulantExpansion<Scalar>& result) {
  const MatrixOf<Scalar>& G = form.gain;
  MatrixOf<Scalar> Q =
      G * VectorOf<Scalar>(linear_noise.cwiseProduct(form.f[0])).asDiagonal() * G.transpose();
  Q.diagonal() += form.state_variance;
  name("Q", Q);
  result.covariance2 = solver.solve_second(Q);
  name("C", result.covariance2);

  ArgumentCumulants<Scalar> argument(form);
  argument.set_covariance(result.covariance2, name);
  result.mean2 = solver.solve_mean(G * argument.curvature_mean());
  name("m", result.mean2);
  argument.set_mean(result.mean2, name);
  return argument;
}

/// @brief The chain's expansion. With A = diag λ + G diag(f') B,
///
///     C2 = A C2 Aᵀ + G diag(f'² s²) Gᵀ + diag ω²
///     m2 = (1 − A)⁻¹ G (½ f'' v)
///     K  = (A, A, A) K + Σ_p f''_p [Y_ip Y_jp G_kp + …],   Y = Cov(ℓ, a) = A C2 Bᵀ + G diag(f' s²)
///     C4 = A C4 Aᵀ + diag λ Eᵀ Gᵀ + G E diag λ + G S Gᵀ,   E, S from ArgumentCumulants
///     m4 = (1 − A)⁻¹ G (…).
///
/// @param[in] solver  solve_mean(b): (1 − A)⁻¹ b; solve_second(Q): X = A X Aᵀ + Q; solve_third(Q).
///   Its prepare(A) is called first.
/// @param[in] name    name(letter, quantity) may replace what was found by symbols.
template <typename Scalar, typename Solver, typename Name>
CumulantExpansion<Scalar> expand_chain(const NetworkForm<Scalar>& form, Solver& solver,
                                       Name&& name) {
  using Vec = VectorOf<Scalar>;
  using Mat = MatrixOf<Scalar>;
  const Mat& G = form.gain;
  Mat A = G * form.f[0].asDiagonal() * form.arguments;
  A.diagonal() += form.carried;
  name("A", A);
  solver.prepare(A);

  const Vec linear_noise = form.f[0].cwiseProduct(form.argument_variance);
  CumulantExpansion<Scalar> result;
  auto argument = add_second_order(form, linear_noise, solver, name, result);

  Mat Y = A * argument.X.transpose() + G * linear_noise.asDiagonal();
  name("Y", Y);
  auto source = zero_tensor<Scalar>(G.rows());
  add_third(form.f[1], G, Y, source);
  name("P", source);
  result.third4 = solver.solve_third(source);
  name("K", result.third4);
  argument.set_third(result.third4, name);

  Mat E = argument.state_covariance(), S = argument.own_covariance();
  name("E", E);
  name("S", S);
  Mat carried = G * E * form.carried.asDiagonal();
  const Mat transposed = carried.transpose();
  Mat Q4 = carried + transposed + G * S * G.transpose();
  name("U", Q4);
  result.covariance4 = solver.solve_second(Q4);
  name("D", result.covariance4);
  result.mean4 = solver.solve_mean(G * argument.fourth_mean(result.covariance4));
  name("n", result.mean4);
  return result;
}

/// @brief The diffusion's expansion. With F = diag ℓ + Ĝ diag(f') B,
///
///     F C2 + C2 Fᵀ + g Ĝ diag(f'² s²) Ĝᵀ + diag ν² = 0
///     m2 = −F⁻¹ Ĝ (½ f'' v)
///     (F, 1, 1) K + … + Σ_p f''_p [X_pi X_pj Ĝ_kp + …] + 2g Σ_p f'_p f''_p s_p² [Ĝ_ip Ĝ_jp X_pk +
///     …] = 0 F C4 + C4 Fᵀ + Ĝ E + Eᵀ Ĝᵀ + g Ĝ diag(v4) Ĝᵀ = 0 v4 = s² [2 f'f'' α + (f''² + f'f''')
///     (B C2 Bᵀ)_jj] + s⁴ (½ f''² + f'f''') m4 = −F⁻¹ Ĝ (…),   as in the chain.
///
/// @param[in] solver  As above with solve_mean(b): −F⁻¹ b and the Lyapunov equations.
template <typename Scalar, typename Solver, typename Name>
CumulantExpansion<Scalar> expand_diffusion(const NetworkForm<Scalar>& form, Solver& solver,
                                           Name&& name) {
  using Vec = VectorOf<Scalar>;
  using Mat = MatrixOf<Scalar>;
  const Mat& G = form.gain;
  Mat F = G * form.f[0].asDiagonal() * form.arguments;
  F.diagonal() += form.carried;
  name("F", F);
  solver.prepare(F);

  const Vec s2 = form.argument_variance;
  const Vec linear_noise = form.f[0].cwiseProduct(s2) * form.leak;
  CumulantExpansion<Scalar> result;
  auto argument = add_second_order(form, linear_noise, solver, name, result);

  Mat X = argument.X.transpose();
  auto source = zero_tensor<Scalar>(G.rows());
  add_third(form.f[1], G, X, source);
  add_third(Vec(linear_noise.cwiseProduct(form.f[1]) * Scalar(2)), X, G, source);
  name("P", source);
  result.third4 = solver.solve_third(source);
  name("K", result.third4);
  argument.set_third(result.third4, name);

  Mat E = argument.state_covariance();
  name("E", E);
  const Vec square = form.f[1].cwiseProduct(form.f[1]), mixed = form.f[0].cwiseProduct(form.f[2]);
  const Vec slope = Scalar(2) * form.f[0].cwiseProduct(form.f[1]).cwiseProduct(argument.alpha);
  const Vec v4 = s2.cwiseProduct(slope + (square + mixed).cwiseProduct(argument.without_fresh)) +
                 s2.cwiseProduct(s2).cwiseProduct(square / Scalar(2) + mixed);
  Mat carried = G * E;
  const Mat transposed = carried.transpose();
  Mat Q4 = carried + transposed + G * Vec(v4 * form.leak).asDiagonal() * G.transpose();
  name("U", Q4);
  result.covariance4 = solver.solve_second(Q4);
  name("D", result.covariance4);
  result.mean4 = solver.solve_mean(G * argument.fourth_mean(result.covariance4));
  name("n", result.mean4);
  return result;
}

}  // namespace stillpoint::noise_series
