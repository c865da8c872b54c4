// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <complex>
#include <vector>

#include "solvers/fokker_planck/generator.hpp"

/// @file
/// @brief What a density does in time: dp/dt = Qᵀ p with the rates of make_generator().
namespace stillpoint::fokker_planck {

enum class EvolveMethod {
  exponential,  ///< e^{t Qᵀ} p₀ in Krylov spaces; cost grows with the fastest rate.
  bdf,          ///< CVODES, sparse Newton (KLU): for long times on stiff grids of few cells.
};

struct EvolveOptions {
  EvolveMethod method = EvolveMethod::exponential;
  /// Exponential: error in time, relative to the 2-norm of the cells' probabilities. BDF: of a
  /// step.
  double tolerance = 1e-9;
};

/// Densities at given times.
struct Evolution {
  Report report;
  Vector times;   ///< (times)
  Matrix masses;  ///< Probability of each cell, (cells, times); the sum falls where sides absorb.
};

/// @brief p(t) = e^{t Qᵀ} p₀. The exact exponential of the rates is positive and conserves mass;
/// what the tolerance makes negative is set to zero.
/// @param[in] rates  Q, (cells, cells).
/// @param[in] start  Probabilities at time 0, ≥ 0, (cells).
/// @param[in] times  Ascending, ≥ 0.
/// @throws std::invalid_argument for a bad argument.
Evolution evolve(const SparseMatrix& rates, const Vector& start, const Vector& times,
                 const EvolveOptions& options = {});

/// @brief Autocorrelation of a function of the state in the stationary law,
///
///     C(t) = Σ_x f(x) [e^{t Qᵀ} (f − E f) π](x).
///
/// @param[in] stationary  π, (cells).
/// @param[in] function    f at the cells, (cells).
/// @return C at the times; C(0) is the variance.
Vector autocorrelation(const SparseMatrix& rates, const Vector& stationary, const Vector& function,
                       const Vector& times, const EvolveOptions& options = {});

/// @brief The probability current at the cell centres, (n, cells), probability a time and area:
/// half of what flows through the jumps on either side.
/// @param[in] masses  Probability of each cell, (cells).
Matrix probability_current(const SparseMatrix& rates, const Grid& grid, const Vector& masses);

struct ModesOptions {
  double tolerance = 1e-8;     ///< Relative, of the eigenvalues.
  Index max_dimension = 60;    ///< Of the Krylov space of the inverse.
  bool estimate_error = true;  ///< By the modes of a grid with half the cells an axis.
};

/// Slowest ways back to the stationary law.
struct Modes {
  Report report;
  /// Eigenvalues of the generator without the 0 of the stationary law, slowest first; real parts
  /// < 0, times are −1/Re.
  std::vector<std::complex<double>> eigenvalues;
  /// Estimated error of each in the mesh: a third of the distance to the nearest one of the grid
  /// with half the cells an axis. Empty if not asked for.
  std::vector<double> errors;
};

/// @brief The slowest eigenvalues of a diffusion in a box with reflecting or periodic sides, by
/// Arnoldi on the inverse of the generator (solved by Multigrid).
/// @param[in] count  Wanted, ≥ 1; complex pairs count twice.
/// @throws std::invalid_argument for a bad argument; what the coefficients throw.
Modes slowest_modes(const Coefficients& coefficients, const Grid& grid, Index count,
                    const ModesOptions& options = {});

}  // namespace stillpoint::fokker_planck
