// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/spectral.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <sstream>
#include <string_view>
#include <utility>

#include "lib/core/require.hpp"
#include "solvers/algebraic/gmres.hpp"
#include "solvers/fokker_planck/product.hpp"

namespace stillpoint::fokker_planck {
namespace {

constexpr std::string_view where = "solve_spectral";
using Bases = std::vector<WeightedBasis>;
using Weights = std::vector<LineDensity>;

/// Coordinates on the principal axes: x = centre + axes s.
struct Frame {
  Vector centre;
  Matrix axes;
  Vector sd;  // of the law along each axis

  Frame(Vector mean, const Matrix& covariance) : centre(std::move(mean)) {
    const Eigen::SelfAdjointEigenSolver<Matrix> modes(covariance);
    axes = modes.eigenvectors();
    sd = modes.eigenvalues().cwiseSqrt();
  }
};

/// Drift and tensor in the coordinates s.
class FramedCoefficients {
 public:
  FramedCoefficients(const Coefficients& coefficients, const Frame& frame)
      : coefficients_(coefficients), frame_(frame), A_(frame.centre.size()) {
    D_.resize(A_.size(), A_.size());
  }
  void operator()(const Vector& s, Vector& a, Matrix& b) {
    x_ = frame_.centre;
    x_.noalias() += frame_.axes * s;
    coefficients_.drift(x_, A_);
    coefficients_.tensor(x_, D_);
    a.noalias() = frame_.axes.transpose() * A_;
    right_.noalias() = D_ * frame_.axes;
    b.noalias() = frame_.axes.transpose() * right_;
  }

 private:
  const Coefficients& coefficients_;
  const Frame& frame_;
  Vector x_, A_;
  Matrix D_, right_;
};

Index power(Index base, Index exponent) {
  Index result = 1;
  for (Index k = 0; k < exponent; ++k) result *= base;
  return result;
}

/// Calls visit(q, indices) for every point of a grid with these lengths, first axis fastest.
template <typename Visit>
void for_each_point(const std::vector<Index>& lengths, Visit&& visit) {
  std::vector<Index> index(lengths.size(), 0);
  for (Index q = 0;; ++q) {
    visit(q, index);
    std::size_t axis = 0;
    while (axis < lengths.size() && ++index[axis] == lengths[axis]) index[axis++] = 0;
    if (axis == lengths.size()) return;
  }
}

/// Gaussian on a grid of ± 9 standard deviations.
LineDensity gaussian(double sd, Index points) {
  LineDensity density{.grid = Vector::LinSpaced(points, -9.0 * sd, 9.0 * sd)};
  density.log = -0.5 * (density.grid / sd).array().square() -
                std::log(sd * std::sqrt(2.0 * std::numbers::pi));
  return density;
}

/// Mean of a function over the interval before grid point k, from its values: the cubic through the
/// two points on either side.
double interval_mean(const Vector& values, Index k) {
  if (k == 1 || k == values.size() - 1) return 0.5 * (values(k - 1) + values(k));
  return (13.0 * (values(k - 1) + values(k)) - values(k - 2) - values(k + 1)) / 24.0;
}

/// The stationary density ∝ exp(∫ a/b)/b of a diffusion on a line, where a and b are averages over
/// the other axes; the Gaussian where that is no density.
LineDensity mean_field(FramedCoefficients& coefficients, const Frame& frame, const Weights& weights,
                       Index axis, Index points) {
  constexpr Index averaging = 6;  // nodes on each of the other axes
  constexpr double negligible = -42.0;
  const Index n = frame.sd.size();
  std::vector<Index> others;
  Bases bases;
  for (Index k = 0; k < n; ++k)
    if (k != axis) {
      others.push_back(averaging);
      bases.emplace_back(weights[k], 1, averaging);
    }
  Vector s(n), a(n);
  Matrix b(n, n);
  double reach = 9.0;  // standard deviations
  for (int widening = 0; widening < 5; ++widening, reach *= 1.5) {
    LineDensity density{.grid = Vector::LinSpaced(points, -reach, reach) * frame.sd(axis),
                        .log = Vector(points)};
    Vector slope(points), diffusion(points);  // of the potential; the mean of b
    for (Index k = 0; k < points; ++k) {
      double drift = 0.0;
      diffusion(k) = 0.0;
      for_each_point(others, [&](Index, const std::vector<Index>& at) {
        double weight = 1.0;
        for (Index other = 0, axis_of = 0; other < n; ++other) {
          if (other == axis) {
            s(other) = density.grid(k);
            continue;
          }
          const WeightedBasis& basis = bases[static_cast<std::size_t>(axis_of)];
          const Index node = at[static_cast<std::size_t>(axis_of++)];
          s(other) = basis.nodes(node);
          weight *= basis.root_weights(node) * basis.root_weights(node);
        }
        coefficients(s, a, b);
        drift += weight * a(axis);
        diffusion(k) += weight * b(axis, axis);
      });
      slope(k) = drift / diffusion(k);
    }
    double potential = 0.0;
    for (Index k = 0; k < points; ++k) {
      if (k > 0) potential += density.step() * interval_mean(slope, k);
      density.log(k) = potential - std::log(diffusion(k));
    }
    if (!density.log.allFinite()) break;
    density.log.array() -= density.log.maxCoeff();
    if (density.log(0) > negligible || density.log(points - 1) > negligible) continue;
    // Tails far below rounding are cut to what the polynomials can reach.
    density.log = density.log.cwiseMax(-700.0);
    density.log.array() -= std::log(density.step() * density.log.array().exp().sum());
    return density;
  }
  return gaussian(frame.sd(axis), points);
}

/// The Galerkin operator (M c)_k = ∫ p L v_k for p with coefficients c and v_k = Π u_{k_i}(s_i),
///
///     M c = Σ_i B_i (F_i + Σ_j B_j G_ij),
///
/// F_i and G_ij the coefficients of p a_i and p b_ij, B_i the derivatives of the basis of axis i.
class Operator {
 public:
  Operator(const Coefficients& coefficients, const Frame& frame, const Weights& weights,
           Index degree)
      : dimension_(coefficients.dimension), degree_(degree), size_(power(degree, dimension_)) {
    const Index n = dimension_, per_axis = degree + degree / 4 + 4, points = power(per_axis, n);
    for (const LineDensity& weight : weights) {
      bases_.emplace_back(weight, degree, per_axis);
      projection_.push_back(bases_.back().values);
      evaluation_.push_back(bases_.back().values.transpose());
    }
    nodes_.resize(n, points);
    root_weights_.resize(points);
    drift_.resize(points, n);
    tensor_.resize(points, n * n);
    FramedCoefficients framed(coefficients, frame);
    Vector s(n), a(n);
    Matrix b(n, n);
    for_each_point(std::vector<Index>(n, per_axis), [&](Index q, const std::vector<Index>& at) {
      double weight = 1.0;
      for (Index axis = 0; axis < n; ++axis) {
        s(axis) = bases_[axis].nodes(at[axis]);
        weight *= bases_[axis].root_weights(at[axis]);
      }
      framed(s, a, b);
      nodes_.col(q) = frame.centre + frame.axes * s;
      root_weights_(q) = weight;
      drift_.row(q) = a.transpose();
      tensor_.row(q) = Eigen::Map<const Eigen::RowVectorXd>(b.data(), n * n);
    });
    finite_ = drift_.allFinite() && tensor_.allFinite();
    if (!finite_) return;
    const double spread = (tensor_.rowwise() - tensor_.row(0)).cwiseAbs().maxCoeff(),
                 rounding = 1e-14 * tensor_.row(0).cwiseAbs().maxCoeff();
    constant_tensor_ = spread <= rounding;
    if (constant_tensor_)
      for (double& entry : tensor_.row(0))
        if (std::abs(entry) <= rounding) entry = 0.0;
    find_modes();
  }

  bool finite() const { return finite_; }
  Index size() const { return size_; }
  const Bases& bases() const { return bases_; }
  const Matrix& nodes() const { return nodes_; }

  void apply(const Vector& c, Vector& result) {
    to_nodes(c, density_);
    result.setZero(size_);
    for (Index i = 0; i < dimension_; ++i) {
      product_ = density_.cwiseProduct(drift_.col(i));
      to_coefficients(product_, flux_);
      for (Index j = 0; j < dimension_; ++j) {
        const Index entry = i + j * dimension_;
        if (constant_tensor_) {
          if (tensor_(0, entry) == 0.0) continue;
          inner_ = tensor_(0, entry) * c;
        } else {
          product_ = density_.cwiseProduct(tensor_.col(entry));
          to_coefficients(product_, inner_);
        }
        along(j, bases_[j].derivative, inner_, raised_);
        flux_ += raised_;
      }
      along(i, bases_[i].derivative, flux_, raised_);
      result += raised_;
    }
  }

  /// Solves with the generator of the product p₀ in the place of M; component 0 is left alone.
  void precondition(const Vector& x, Vector& result) {
    result = x;
    for (Index i = 0; i < dimension_; ++i) {
      along(i, inverse_modes_[i], result, raised_);
      result.swap(raised_);
    }
    result.array() /= rates_.array();
    for (Index i = 0; i < dimension_; ++i) {
      along(i, modes_[i], result, raised_);
      result.swap(raised_);
    }
  }

  Vector masses(const Vector& c) {
    to_nodes(c, density_);
    return density_.cwiseProduct(root_weights_);
  }

 private:
  /// Symmetric generator of each axis, −E[b u_j' u_k'] with the mean of b, its modes and rates.
  void find_modes() {
    std::vector<Vector> rates;
    const Vector weights = root_weights_.cwiseAbs2();
    for (Index i = 0; i < dimension_; ++i) {
      const double b = weights.dot(tensor_.col(i + i * dimension_));
      const Matrix& B = bases_[i].derivative;
      const Eigen::SelfAdjointEigenSolver<Matrix> generator(-b * B * B.transpose());
      modes_.push_back(generator.eigenvectors());
      inverse_modes_.push_back(modes_.back().transpose());
      rates.push_back(generator.eigenvalues());
    }
    rates_.resize(size_);
    for_each_point(std::vector<Index>(dimension_, degree_),
                   [&](Index q, const std::vector<Index>& at) {
                     double rate = 0.0;
                     for (Index i = 0; i < dimension_; ++i) rate += rates[i](at[i]);
                     rates_(q) = rate;
                   });
    // The stationary mode: rate 0 but for rounding.
    Index stationary = 0;
    rates_.maxCoeff(&stationary);
    rates_(stationary) = -1.0;
  }

  /// A matrix along one axis of an array of coefficients.
  void along(Index axis, const Matrix& matrix, const Vector& in, Vector& out) {
    along(axis, matrix, power(degree_, axis), power(degree_, dimension_ - 1 - axis), in, out);
  }
  /// The same of an array (before, matrix.cols(), after), first index fastest.
  void along(Index axis, const Matrix& matrix, Index before, Index after, const Vector& in,
             Vector& out) {
    const Index rows = matrix.rows(), inner = matrix.cols();
    out.resize(before * rows * after);
    if (axis == 0) {
      multiply_({rows, inner, after, matrix.data(), rows, in.data(), 1, inner, out.data(), rows});
      return;
    }
    for (Index k = 0; k < after; ++k)
      multiply_({before, inner, rows, in.data() + k * before * inner, before, matrix.data(), rows,
                 1, out.data() + k * before * rows, before});
  }

  /// A matrix along each axis.
  void transform(const std::vector<Matrix>& matrices, const Vector& in, Vector& out) {
    const Vector* from = &in;
    Index before = 1;
    for (Index axis = 0; axis < dimension_; ++axis) {
      const Matrix& matrix = matrices[axis];
      Vector& to = axis + 1 == dimension_ ? out : scratch_[axis % 2];
      along(axis, matrix, before, from->size() / (before * matrix.cols()), *from, to);
      before *= matrix.rows();
      from = &to;
    }
  }
  void to_nodes(const Vector& c, Vector& values) { transform(evaluation_, c, values); }
  void to_coefficients(const Vector& values, Vector& c) { transform(projection_, values, c); }

  Index dimension_, degree_, size_;
  Bases bases_;
  Matrix nodes_;
  Vector root_weights_;
  Matrix drift_, tensor_;
  std::vector<Matrix> evaluation_, projection_;  // from coefficients to nodes, and back
  std::vector<Matrix> modes_, inverse_modes_;
  Vector rates_;
  bool finite_ = true, constant_tensor_ = false;
  Vector density_, product_, flux_, inner_, raised_, scratch_[2];
  Multiply multiply_ = multiply(instruction_set());
};

/// Coefficients of a lower degree in the array of a higher one.
Vector prolong(const Vector& coarse, Index from, Index to, Index dimension) {
  Vector fine = Vector::Zero(power(to, dimension));
  for_each_point(std::vector<Index>(dimension, from), [&](Index q, const std::vector<Index>& at) {
    Index place = 0;
    for (Index axis = dimension - 1; axis >= 0; --axis) place = place * to + at[axis];
    fine(place) = coarse(q);
  });
  return fine;
}

/// M c = 0 with c_0 = 1; row 0 of M is zero, as mass is conserved.
algebraic::LinearSolution solve(Operator& M, const Vector& guess, Index dimension,
                                double tolerance) {
  const Index unknowns = M.size() - 1;
  Vector full = Vector::Zero(M.size()), image;
  const auto apply = [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> Mx) {
    full(0) = 0.0;
    full.tail(unknowns) = x;
    M.apply(full, image);
    Mx = image.tail(unknowns);
  };
  full(0) = 1.0;
  M.apply(full, image);
  const Vector right = -image.tail(unknowns);
  algebraic::LinearSolution answer{.x = Vector::Unit(M.size(), 0)};
  if (dimension == 1) {
    Matrix dense(unknowns, unknowns);
    for (Index k = 0; k < unknowns; ++k) apply(Vector::Unit(unknowns, k), dense.col(k));
    answer.x.tail(unknowns) = dense.partialPivLu().solve(right);
    return answer;
  }
  const auto precondition = [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> result) {
    full(0) = 0.0;
    full.tail(unknowns) = x;
    M.precondition(full, image);
    result = image.tail(unknowns);
  };
  auto solution = algebraic::gmres(apply, precondition, right, guess.tail(unknowns),
                                   {.tolerance = tolerance, .dimension = 50, .restarts = 20});
  answer.x.tail(unknowns) = solution.x;
  answer.report = std::move(solution.report);
  return answer;
}

void fill_moments(Operator& M, SpectralDensity& density) {
  density.nodes = M.nodes();
  density.masses = M.masses(density.coefficients);
  density.mean = density.nodes * density.masses;
  const Matrix deviation = density.nodes.colwise() - density.mean;
  density.covariance = deviation * density.masses.asDiagonal() * deviation.transpose();
  density.skewness = (deviation.array().cube().matrix() * density.masses).array() /
                     density.covariance.diagonal().array().pow(1.5);
}

bool positive_definite(const Matrix& covariance) {
  if (!covariance.allFinite()) return false;
  const Eigen::SelfAdjointEigenSolver<Matrix> modes(covariance, Eigen::EigenvaluesOnly);
  return modes.eigenvalues()(0) > 0.0;
}

/// Principal axes and weights that agree with the law, from solutions of low degree.
struct Product {
  Frame frame;
  Weights weights;
};

Product find_product(const Coefficients& coefficients, Vector mean, Matrix covariance) {
  constexpr int rounds = 8;
  constexpr Index low_degree = 8;
  constexpr double settled = 0.02;  // of the standard deviation, and of the variance
  const Index n = coefficients.dimension, points = n == 1 ? 1000 : 300;
  Product product{Frame(mean, covariance), {}};
  for (int round = 0; round < rounds; ++round) {
    const Frame& frame = product.frame;
    product.weights.clear();
    for (Index axis = 0; axis < n; ++axis)
      product.weights.push_back(gaussian(frame.sd(axis), points));
    FramedCoefficients framed(coefficients, frame);
    for (int sweep = 0; sweep < (n == 1 ? 1 : 2); ++sweep)
      for (Index axis = 0; axis < n; ++axis)
        product.weights[axis] = mean_field(framed, frame, product.weights, axis, points);
    Operator M(coefficients, frame, product.weights, low_degree);
    if (!M.finite()) return product;
    SpectralDensity rough;
    rough.coefficients = solve(M, Vector::Unit(M.size(), 0), n, 1e-4).x;
    fill_moments(M, rough);
    if (!positive_definite(rough.covariance)) {
      covariance *= 2.0;
    } else {
      const double moved = std::max(
          ((rough.mean - mean).array().abs() / covariance.diagonal().array().sqrt()).maxCoeff(),
          (rough.covariance - covariance).norm() / covariance.norm());
      mean = rough.mean;
      covariance = rough.covariance;
      if (moved < settled) return product;
    }
    product.frame = Frame(mean, covariance);
  }
  return product;
}

}  // namespace

double SpectralDensity::density(const Vector& x) const {
  const Index n = centre.size();
  const Vector s = axes.transpose() * (x - centre);
  Vector values = coefficients;
  double weight = 1.0;
  for (Index axis = 0; axis < n; ++axis) {
    weight *= weights[axis](s(axis));
    if (weight == 0.0) return 0.0;
    const Vector u = bases[axis].evaluate(s(axis));
    values =
        Eigen::Map<const Matrix>(values.data(), degree, values.size() / degree).transpose() * u;
  }
  return weight * values(0);
}

SpectralDensity solve_spectral(const Coefficients& coefficients, const Vector& mean,
                               const Matrix& covariance, const SpectralOptions& options) {
  const Index n = coefficients.dimension;
  require(n >= 1 && n <= 3, where, "dimension = ", n, ", expected 1 to 3");
  require(mean.size() == n && mean.allFinite(), where, "mean has ", mean.size(),
          " entries or is not finite, expected ", n);
  require(covariance.rows() == n && covariance.cols() == n && positive_definite(covariance), where,
          "covariance is not a positive definite matrix of shape (", n, ", ", n, ")");
  require(options.tolerance > 0.0, where, "tolerance = ", options.tolerance, ", expected > 0");
  require(options.max_degree == 0 || options.max_degree >= 16, where,
          "max_degree = ", options.max_degree, ", expected >= 16");
  constexpr Index most[] = {128, 64, 24}, least[] = {8, 8, 6};
  const Index max_degree = options.max_degree > 0 ? options.max_degree : most[n - 1];

  SpectralDensity density;
  const auto fail = [&density](Status status, const std::string& message) {
    density.report.status = status;
    density.report.message = message;
    return density;
  };
  Product product = find_product(coefficients, mean, covariance);
  density.centre = product.frame.centre;
  density.axes = product.frame.axes;
  density.weights = product.weights;
  double change = std::numeric_limits<double>::infinity(), earlier = change;
  for (Index degree = least[n - 1];; degree = std::min(max_degree, degree + degree / 2)) {
    Operator M(coefficients, product.frame, product.weights, degree);
    if (!M.finite())
      return fail(Status::non_finite_state,
                  "drift or diffusion tensor is a NaN or an infinity within reach of the law");
    const bool first = density.degree == 0;
    const Vector guess = first ? Vector(Vector::Unit(M.size(), 0))
                               : prolong(density.coefficients, density.degree, degree, n);
    auto answer = solve(M, guess, n, 0.01 * options.tolerance);
    earlier = change;
    change = first ? change : (answer.x - guess).norm();
    density.coefficients = std::move(answer.x);
    density.degree = degree;
    density.bases = M.bases();
    density.report.iterations += answer.report.iterations;
    // What is left of a sequence whose changes shrink by this ratio or faster.
    const double ratio = std::min(change / earlier, 0.9);
    density.error = std::isfinite(earlier) ? change * ratio / (1.0 - ratio) : change;
    const bool reached = density.error <= options.tolerance;
    if (!reached && degree < max_degree && answer.report.ok()) continue;
    fill_moments(M, density);
    density.report.residual = density.error;
    if (!answer.report.ok()) return fail(answer.report.status, answer.report.message);
    if (!density.coefficients.allFinite() || !positive_definite(density.covariance))
      return fail(Status::no_convergence,
                  "the expansion does not converge: tails too heavy, or a density that is none");
    if (!reached) {
      std::ostringstream text;
      text << "error about " << density.error << " with " << degree
           << " polynomials an axis, expected " << options.tolerance
           << ": a kink in the coefficients, or structure too fine; use finite volumes";
      return fail(Status::no_convergence, text.str());
    }
    return density;
  }
}

}  // namespace stillpoint::fokker_planck
