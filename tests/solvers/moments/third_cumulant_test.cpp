// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE third_cumulant
#include "solvers/moments/third_cumulant.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "lib/networks/single_unit.hpp"
#include "tests/solvers/moments/sample_networks.hpp"

using namespace stillpoint;
using moments::Recording;
using networks::Equation;

namespace {

/// A symmetric tensor of third cumulants, m × m × m.
class Tensor {
 public:
  explicit Tensor(Index m) : m_(m), values_(static_cast<std::size_t>(m * m * m), 0.0) {}
  double& operator()(Index i, Index j, Index l) { return values_[(i * m_ + j) * m_ + l]; }
  double operator()(Index i, Index j, Index l) const { return values_[(i * m_ + j) * m_ + l]; }

  double contract(const Vector& a, const Vector& b, const Vector& c) const {
    double sum = 0.0;
    for (Index i = 0; i < m_; ++i)
      for (Index j = 0; j < m_; ++j)
        for (Index l = 0; l < m_; ++l) sum += (*this)(i, j, l) * a(i) * b(j) * c(l);
    return sum;
  }
  /// += weight (a b c summed over the distinct places of c … a)
  void add_symmetric(double weight, const Vector& a, const Vector& b) {
    for (Index i = 0; i < m_; ++i)
      for (Index j = 0; j < m_; ++j)
        for (Index l = 0; l < m_; ++l)
          (*this)(i, j, l) +=
              weight * (a(i) * b(j) * b(l) + b(i) * a(j) * b(l) + b(i) * b(j) * a(l));
  }

 private:
  Index m_;
  std::vector<double> values_;
};

/// δVar by the full tensor of third cumulants and the full covariance that it drives, by dense
/// products and without sensitivities: κ_t, then δC' = L δC Lᵀ + sources.
double tensor_correction(const models::NoisyChain& chain, const Recording& run,
                         const moments::ReadOut& read_out, Index output) {
  const Index n = chain.units(), m = chain.state_size();
  const Matrix &B = chain.argument_weights(), &G = chain.gain();
  Tensor kappa(m);
  Matrix delta = Matrix::Zero(m, m);
  for (Index t = 0; t < run.steps(); ++t) {
    const auto& r = run.response[static_cast<std::size_t>(t)];
    const Matrix& C = run.before[static_cast<std::size_t>(t)].covariance;
    const Matrix Lambda = chain.retention().asDiagonal();
    const Matrix L = Lambda + G * r.slope.asDiagonal() * B;
    const Matrix Ca = B * C * B.transpose() + Matrix(chain.argument_sd().cwiseAbs2().asDiagonal());
    const Matrix X = B * C * Lambda + Ca * r.slope.asDiagonal() * G.transpose();
    Matrix pairs = Ca.cwiseAbs2();
    pairs.diagonal().setZero();
    const Matrix S = 0.5 * r.curvature.asDiagonal() * pairs * r.curvature.asDiagonal();
    // Cov(f_k, y'_j) gains ½ f_k'' κ(a_k, a_k, (L y)_j).
    Matrix K(n, m);
    for (Index k = 0; k < n; ++k)
      for (Index j = 0; j < m; ++j)
        K(k, j) = 0.5 * r.curvature(k) * kappa.contract(B.row(k), B.row(k), L.row(j));
    delta =
        (L * delta * L.transpose() + G * K + K.transpose() * G.transpose() + G * S * G.transpose())
            .eval();
    Tensor next(m);
    for (Index i = 0; i < m; ++i)
      for (Index j = 0; j < m; ++j)
        for (Index l = 0; l < m; ++l) next(i, j, l) = kappa.contract(L.row(i), L.row(j), L.row(l));
    for (Index k = 0; k < n; ++k) {
      const double q2 = r.sd(k) * r.sd(k), D = r.slope(k), f2 = r.curvature(k);
      const double w = r.variance_slope(k) - 2.0 * f2 * D * q2;
      next.add_symmetric(f2, G.col(k), X.row(k));
      next.add_symmetric(w, X.row(k), G.col(k));
      next.add_symmetric((r.third(k) - 3.0 * f2 * D * D * q2 * q2 - 3.0 * w * D * q2) / 3.0,
                         G.col(k), G.col(k));
    }
    kappa = next;
  }
  Vector p = Vector::Zero(m);
  p.head(n) = read_out.weights.row(output);
  if (!read_out.of_activation) return p.dot(delta * p);
  const auto read = moments::state_response(chain, run.end);
  const Vector weights = read_out.weights.row(output);
  p.head(n) = weights.cwiseProduct(read.slope);
  Matrix pairs = run.end.covariance.topLeftCorner(n, n).cwiseAbs2();
  pairs.diagonal().setZero();
  const Vector bent = weights.cwiseProduct(read.curvature);
  double correction = p.dot(delta * p) + 0.5 * bent.dot(pairs * bent);
  for (Index k = 0; k < n; ++k)
    correction += bent(k) * kappa.contract(Vector::Unit(m, k), Vector::Unit(m, k), p);
  return correction;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(correction)

// The same sum in two orders: forwards with the whole tensor, and contracted with sensitivities,
// which leaves out what has decayed below 1e-3. Twelve steps of leak 0.3 decay to 1e-2.
BOOST_AUTO_TEST_CASE(agrees_with_the_whole_tensor) {
  for (const auto equation : {Equation::rate, Equation::current})
    for (const activations::Activation& f : {activations::Activation(activations::Softplus{}),
                                             activations::Activation(activations::Relu{})})
      for (const auto& [name, noise] : tests::sample_noises()) {
        const models::NoisyChain chain(tests::sample_network(equation, f, 0.3), noise);
        const Recording run = moments::record_closure(
            chain, Matrix(0, 1),
            moments::MomentMap(chain, moments::Rung::closure).certain(Vector::Constant(3, 0.2)),
            12);
        const auto read_out = moments::own_read_out(chain);
        for (Index o = 0; o < 2; ++o) {
          const double expected = tensor_correction(chain, run, read_out, o);
          BOOST_TEST_CONTEXT(networks::to_string(equation)
                             << ", " << activations::name(f) << ", noise " << name)
          BOOST_TEST(moments::variance_correction(chain, run, 12, read_out, o) == expected,
                     boost::test_tools::tolerance(1e-10));
        }
      }
}

// Differences against the closed form of relu: f_q'' = φ(a/q)/q, v_q' = 2 f_q (1 − Φ(a/q)).
// Their error is (1/20)²/6 times a derivative ratio of order 1 to 3: within 0.2 %.
BOOST_AUTO_TEST_CASE(curvatures_of_relu) {
  const models::NoisyChain chain(
      networks::single_unit(Equation::rate, activations::Relu{}, 0.5, 0.1, 0.5),
      networks::white_noise(networks::NoiseSource::inside, 0.5));
  for (const double q : {1e-6, 0.1, 2.0})
    for (const double x : {-1.0, -0.3, 0.0, 0.5, 1.0}) {
      const auto r =
          moments::local_response(chain, Vector::Constant(1, x * q), Vector::Constant(1, q));
      const double density = std::exp(-0.5 * x * x) / std::sqrt(2.0 * M_PI);
      const double upper = 0.5 * std::erfc(-x / std::sqrt(2.0));
      BOOST_TEST(r.curvature(0) == density / q, boost::test_tools::tolerance(2e-3));
      BOOST_TEST(r.variance_slope(0) == 2.0 * r.f(0) * (1.0 - upper),
                 boost::test_tools::tolerance(2e-3));
    }
}

BOOST_AUTO_TEST_SUITE_END()
