// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/generator.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "lib/core/require.hpp"
#include "solvers/fokker_planck/selling.hpp"

namespace stillpoint::fokker_planck {
namespace {

constexpr double max_fitted = 4.0;  // Péclet number of a cell above which drift is upwinded
using Small = Eigen::Matrix<double, Eigen::Dynamic, 1, Eigen::ColMajor, 3, 1>;

/// B(w) = w/(e^w − 1): −w/2 and an even function, Σ B_2k w^2k/(2k)! with Bernoulli's numbers, whose
/// terms shrink by w²/4π².
double bernoulli(double w) {
  constexpr double even[] = {1.0 / 12.0,
                             -1.0 / 720.0,
                             1.0 / 30240.0,
                             -1.0 / 1209600.0,
                             1.0 / 47900160.0,
                             -691.0 / 1307674368000.0,
                             1.0 / 74724249600.0,
                             -3617.0 / 10670622842880000.0,
                             43867.0 / 5109094217170944000.0};
  if (std::abs(w) > 1.0) return w / std::expm1(w);
  const double q = w * w;
  double sum = 0.0;
  for (std::size_t k = std::size(even); k-- > 0;) sum = q * (even[k] + sum);
  return 1.0 - 0.5 * w + sum;
}

/// What a cell's jumps are made of, in units of the lattice.
struct Cell {
  std::array<double, 3> fitted{};  // c
  std::uint32_t diffusion = 0;     // in the list of decompositions
  std::uint32_t upwind = 0;        // A − D c, in the list of such vectors; 0: zero
};

std::string at(const Vector& x) {
  std::ostringstream text;
  text << " at x = (" << x.transpose() << ")";
  return text.str();
}

class Cells {
 public:
  Cells(const Coefficients& coefficients, const Grid& grid) : coefficients_(coefficients) {
    const Index n = grid.dimension();
    per_width_.resize(n);
    double shortest = std::numeric_limits<double>::infinity();
    for (Index i = 0; i < n; ++i) {
      per_width_(i) = 1.0 / grid.axis(i).width();
      shortest = std::min(shortest, static_cast<double>(grid.axis(i).cells));
    }
    // A direction as long as the root of the axis keeps both its own error and that of the
    // diffusion added beyond it at first order in the mesh.
    reach_ = std::clamp(static_cast<int>(std::sqrt(shortest)), 2, 100);
    drift_.resize(n);
    tensor_.resize(n, n);
  }

  /// False, with the report of why, where the coefficients are none.
  bool evaluate(const Vector& x, Cell& cell, Report& report) {
    const Index n = x.size();
    coefficients_.drift(x, drift_);
    coefficients_.tensor(x, tensor_);
    if (!drift_.allFinite() || !tensor_.allFinite()) {
      report = Report::failure(Status::non_finite_state,
                               "the drift or the diffusion tensor is a NaN or an infinity" + at(x));
      return false;
    }
    // Plain loops: this runs once a cell.
    std::array<double, 3> a{}, c{};
    bool changed = last_.rows() != n;
    if (changed) last_.setConstant(n, n, std::numeric_limits<double>::quiet_NaN());
    double size = 0.0;
    for (Index j = 0; j < n; ++j) {
      a[static_cast<std::size_t>(j)] = drift_(j) * per_width_(j);
      size += std::abs(a[static_cast<std::size_t>(j)]);
      for (Index i = 0; i < n; ++i) {
        const double D = tensor_(i, j) * (per_width_(i) * per_width_(j));
        changed = changed || D != last_(i, j);
        last_(i, j) = D;
      }
    }
    if (changed && !factorize(last_, x, report)) return false;
    cell.diffusion = static_cast<std::uint32_t>(decompositions_.size() - 1);
    for (Index k = 0; k < n; ++k) {
      double along = 0.0;
      for (Index i = 0; i < n; ++i) along += modes_(i, k) * a[static_cast<std::size_t>(i)];
      if (along == 0.0) continue;
      along /= std::max(strengths_(k), std::abs(along) / max_fitted);
      for (Index i = 0; i < n; ++i) c[static_cast<std::size_t>(i)] += modes_(i, k) * along;
    }
    const double rounding = 1e-12 * size;
    std::array<double, 3> left{};
    for (Index i = 0; i < n; ++i) {
      double rest = a[static_cast<std::size_t>(i)];
      for (Index j = 0; j < n; ++j) rest -= D_(i, j) * c[static_cast<std::size_t>(j)];
      left[static_cast<std::size_t>(i)] = std::abs(rest) > rounding ? rest : 0.0;
    }
    cell.fitted = c;
    if (left != std::array<double, 3>{}) {
      cell.upwind = static_cast<std::uint32_t>(upwinds_.size());
      upwinds_.push_back(left);
    }
    return true;
  }

  const DirectionalDiffusion& diffusion(const Cell& cell) const {
    return decompositions_[cell.diffusion];
  }
  const std::array<double, 3>& upwind(const Cell& cell) const { return upwinds_[cell.upwind]; }

 private:
  bool factorize(const SmallTensor& D, const Vector& x, Report& report) {
    const Index n = D.rows();
    const auto fail = [&](double eigenvalue) {
      std::ostringstream text;
      text << "the diffusion tensor has the eigenvalue " << eigenvalue << " (in units of the mesh)"
           << at(x) << ", expected >= 0";
      report = Report::failure(Status::outside_validity, text.str());
      return false;
    };
    bool diagonal = true;
    for (Index j = 0; j < n; ++j)
      for (Index i = 0; i < n; ++i) diagonal = diagonal && (i == j || D(i, j) == 0.0);
    if (diagonal) {
      if (D.diagonal().minCoeff() < 0.0) return fail(D.diagonal().minCoeff());
      modes_ = SmallTensor::Identity(n, n);
      strengths_ = D.diagonal();
      decompositions_.push_back(decompose(D, reach_));
      D_ = D;
      return true;
    }
    if (n == 2)
      find_modes<2>(D);
    else
      find_modes<3>(D);
    if (strengths_(0) < -1e-12 * D.trace()) return fail(strengths_(0));
    decompositions_.push_back(decompose(D, reach_));
    const double added = decompositions_.back().added * D.trace() / static_cast<double>(n);
    D_ = D + added * SmallTensor::Identity(n, n);
    strengths_ = strengths_.cwiseMax(0.0).array() + added;
    return true;
  }

  template <int n>
  void find_modes(const SmallTensor& D) {
    const Eigen::Matrix<double, n, n> fixed = D;
    const Eigen::SelfAdjointEigenSolver<Eigen::Matrix<double, n, n>> own(fixed);
    modes_ = own.eigenvectors();
    strengths_ = own.eigenvalues();
  }

  const Coefficients& coefficients_;
  Vector per_width_, drift_;
  Matrix tensor_;
  int reach_;
  SmallTensor last_, D_, modes_;  // the tensor before; the one decomposed; its eigenvectors
  Small strengths_;
  std::vector<DirectionalDiffusion> decompositions_;
  std::vector<std::array<double, 3>> upwinds_ = {{}};
};

/// The jumps of a decomposition from a cell that none of them takes out of the box, with itself in
/// between, in ascending order of the cells where they end.
class InnerJumps {
 public:
  struct Jump {
    Index distance;  // to the number of the cell where it ends
    double weight;   // 0: the cell itself
    std::array<double, 3> offset;
  };

  InnerJumps(const DirectionalDiffusion& diffusion, const Grid& grid) {
    jumps_[count_++] = {0, 0.0, {}};
    for (int k = 0; k < diffusion.count; ++k) {
      Jump jump{0, diffusion.weights[static_cast<std::size_t>(k)], {}};
      for (Index i = 0; i < grid.dimension(); ++i) {
        const auto axis = static_cast<std::size_t>(i);
        const int e = diffusion.offsets[static_cast<std::size_t>(k)][axis];
        jump.distance += e * grid.stride(i);
        jump.offset[axis] = e;
        reach_[axis] = std::max<Index>(reach_[axis], std::abs(e));
      }
      jumps_[count_++] = jump;
      for (double& e : jump.offset) e = -e;
      jump.distance = -jump.distance;
      jumps_[count_++] = jump;
    }
    std::sort(jumps_.begin(), jumps_.begin() + static_cast<std::ptrdiff_t>(count_),
              [](const Jump& a, const Jump& b) { return a.distance < b.distance; });
  }

  bool inside(const Grid& grid, const std::array<Index, 3>& place) const {
    for (Index i = 0; i < grid.dimension(); ++i) {
      const auto axis = static_cast<std::size_t>(i);
      if (place[axis] < reach_[axis] || place[axis] >= grid.axis(i).cells - reach_[axis])
        return false;
    }
    return true;
  }
  const Jump* begin() const { return jumps_.data(); }
  const Jump* end() const { return jumps_.data() + count_; }
  std::size_t size() const { return count_; }

 private:
  std::array<Jump, 13> jumps_;
  std::size_t count_ = 0;
  std::array<Index, 3> reach_{};
};

/// Where a jump from a cell goes.
struct Landing {
  Index cell = -1;        // −1: over the boundary
  bool absorbed = false;  // by the side it crosses
  double fraction = 1.0;  // of the jump until there
};

Landing land(const Grid& grid, const std::array<Index, 3>& from, const std::array<int, 3>& offset,
             bool along_sides) {
  Landing landing{.cell = 0};
  bool outside = false;
  for (Index i = 0; i < grid.dimension(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    const Axis& axis = grid.axis(i);
    Index to = from[k] + offset[k];
    if (to < 0 || to >= axis.cells) {
      if (axis.periodic()) {
        to = (to % axis.cells + axis.cells) % axis.cells;
      } else {
        const double distance = to < 0 ? static_cast<double>(from[k]) + 0.5
                                       : static_cast<double>(axis.cells - from[k]) - 0.5;
        const double fraction = distance / std::abs(offset[k]);
        const Side side = to < 0 ? axis.lower_side : axis.upper_side;
        if (along_sides && side == Side::reflecting) {
          landing.cell += from[k] * grid.stride(i);
          continue;
        }
        if (!outside || fraction < landing.fraction) {
          landing.fraction = fraction;
          landing.absorbed = side == Side::absorbing;
        }
        outside = true;
      }
    }
    landing.cell += to * grid.stride(i);
  }
  if (outside) landing.cell = -1;
  return landing;
}

/// Fills a generator: first the coefficients of every cell, then the jumps from it, row by row.
class Assembly {
 public:
  Assembly(const Coefficients& coefficients, const Grid& grid, const std::vector<Region>& regions,
           Generator& generator)
      : grid_(grid),
        regions_(regions),
        targets_(static_cast<Index>(regions.size())),
        generator_(generator),
        evaluator_(coefficients, grid),
        parts_(static_cast<std::size_t>(grid.cells())),
        levels_(grid.cells(), targets_) {}

  /// False, with the report of why, where the coefficients are none.
  bool evaluate_cells() {
    Vector x(grid_.dimension());
    for (Index cell = 0; cell < grid_.cells(); ++cell) {
      grid_.centre(cell, x);
      if (!evaluate_levels(cell, x)) return false;
      if (absorbed(cell)) continue;
      Cell& part = parts_[static_cast<std::size_t>(cell)];
      if (!evaluator_.evaluate(x, part, generator_.report)) return false;
      count(part);
    }
    generator_.coupling /= static_cast<double>(grid_.cells());
    generator_.upwinded /= static_cast<double>(grid_.cells());
    return true;
  }

  bool append_rows() {
    constexpr std::array<Index, 3> usual = {3, 7, 13};  // entries of a row
    generator_.rates.reserve(grid_.cells() *
                             usual[static_cast<std::size_t>(grid_.dimension() - 1)]);
    for (Index cell = 0; cell < grid_.cells(); ++cell) {
      const auto place = grid_.place(cell);
      if (!append_inner_row(cell, place) && !append_row(cell, place)) return false;
    }
    generator_.rates.finalize();
    return true;
  }

 private:
  struct Entry {
    int column;
    double rate;
  };

  bool absorbed(Index cell) const { return generator_.absorbed[static_cast<std::size_t>(cell)]; }

  bool evaluate_levels(Index cell, const Vector& x) {
    for (Index k = 0; k < targets_; ++k) {
      const double level = levels_(cell, k) = regions_[static_cast<std::size_t>(k)].level(x);
      if (level <= 0.0) generator_.absorbed[static_cast<std::size_t>(cell)] = true;
      if (!std::isfinite(level)) {
        generator_.report = Report::failure(Status::non_finite_state,
                                            "the level of a region is not finite" + at(x));
        return false;
      }
    }
    return true;
  }

  void count(const Cell& part) {
    const DirectionalDiffusion& diffusion = evaluator_.diffusion(part);
    const std::array<double, 3>& upwind = evaluator_.upwind(part);
    generator_.added_diffusion = std::max(generator_.added_diffusion, diffusion.added);
    for (Index i = 0; i < grid_.dimension(); ++i) {
      const auto axis = static_cast<std::size_t>(i);
      generator_.coupling(i) += std::abs(upwind[axis]);
      for (int k = 0; k < diffusion.count; ++k) {
        const int e = diffusion.offsets[static_cast<std::size_t>(k)][axis];
        generator_.coupling(i) += e * e * diffusion.weights[static_cast<std::size_t>(k)];
      }
    }
    if (part.upwind != 0) generator_.upwinded += 1.0;
  }

  /// The row of a cell whose jumps all stay in the box and need no upwinding, as almost all do:
  /// their order is known. False: it is another cell.
  bool append_inner_row(Index cell, const std::array<Index, 3>& place) {
    const Cell& part = parts_[static_cast<std::size_t>(cell)];
    if (targets_ > 0 || part.upwind != 0) return false;
    if (!inner_ || inner_diffusion_ != part.diffusion) {
      inner_.emplace(evaluator_.diffusion(part), grid_);
      inner_diffusion_ = part.diffusion;
    }
    if (inner_->size() == 1 || !inner_->inside(grid_, place)) return false;
    std::array<double, 13> rates;
    double leaving = 0.0;
    std::size_t own = 0, k = 0;
    for (const auto& [distance, weight, e] : *inner_) {
      const Cell& next = parts_[static_cast<std::size_t>(cell + distance)];
      double w = 0.0;
      for (std::size_t i = 0; i < 3; ++i) w += e[i] * (part.fitted[i] + next.fitted[i]);
      rates[k] = weight * bernoulli(-0.5 * w);
      leaving += rates[k];
      if (distance == 0) own = k;
      ++k;
    }
    rates[own] = -leaving;
    generator_.rates.startVec(cell);
    k = 0;
    for (const auto& jump : *inner_)
      generator_.rates.insertBack(cell, cell + jump.distance) = rates[k++];
    return true;
  }

  /// The row of any cell. False, with the report, where the state would stay for good.
  bool append_row(Index cell, const std::array<Index, 3>& place) {
    entries_ = 0;
    leaving_ = 0.0;
    row_[entries_++] = {static_cast<int>(cell), -1.0};
    if (!absorbed(cell)) {
      jump_everywhere(cell, place, false);
      // A corner that every jump would leave: there they slide along the sides.
      if (leaving_ == 0.0) jump_everywhere(cell, place, true);
      if (leaving_ == 0.0) {
        Vector x;
        grid_.centre(cell, x);
        generator_.report =
            Report::failure(Status::outside_validity, "neither drift nor noise" + at(x) +
                                                          ": the state would stay there for good");
        return false;
      }
      row_[0].rate = -leaving_;
    }
    std::sort(row_.begin(), row_.begin() + static_cast<std::ptrdiff_t>(entries_),
              [](const Entry& a, const Entry& b) { return a.column < b.column; });
    generator_.rates.startVec(cell);
    for (std::size_t k = 0; k < entries_; ++k)
      generator_.rates.insertBack(cell, row_[k].column) = row_[k].rate;
    return true;
  }

  void jump_everywhere(Index cell, const std::array<Index, 3>& place, bool along_sides) {
    const Cell& part = parts_[static_cast<std::size_t>(cell)];
    const DirectionalDiffusion& diffusion = evaluator_.diffusion(part);
    auto upwind = evaluator_.upwind(part);
    for (int k = 0; k < diffusion.count; ++k) {
      const auto& e = diffusion.offsets[static_cast<std::size_t>(k)];
      const double weight = diffusion.weights[static_cast<std::size_t>(k)];
      int jumps = 0;
      for (const int sign : {-1, 1})
        jumps +=
            jump(cell, land(grid_, place, {sign * e[0], sign * e[1], sign * e[2]}, along_sides),
                 [&](const Cell* next, double fraction) {
                   double w = 0.0;
                   for (std::size_t i = 0; i < 3; ++i)
                     w += e[i] * (next ? 0.5 * (part.fitted[i] + next->fitted[i]) : part.fitted[i]);
                   return weight / fraction * bernoulli(-sign * fraction * w);
                 });
      // A direction that leaves the box both ways leaves its drift to the axes.
      if (jumps == 0) {
        double w = 0.0;
        for (std::size_t i = 0; i < 3; ++i) w += e[i] * part.fitted[i];
        for (std::size_t i = 0; i < 3; ++i) upwind[i] += weight * w * e[i];
      }
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(grid_.dimension()); ++i) {
      if (upwind[i] == 0.0) continue;
      std::array<int, 3> offset{};
      offset[i] = upwind[i] > 0.0 ? 1 : -1;
      jump(cell, land(grid_, place, offset, along_sides),
           [&](const Cell*, double fraction) { return std::abs(upwind[i]) / fraction; });
    }
  }

  /// Adds a jump to the row. rate_of(next, fraction) is the rate of the jump as far as that
  /// fraction of it; next is the cell at its end, or null where it does not arrive. False: there is
  /// no such jump.
  template <typename RateOf>
  bool jump(Index cell, const Landing& landing, RateOf&& rate_of) {
    if (landing.cell == cell) return false;
    if (landing.cell < 0) {
      if (landing.absorbed) leave(cell, targets_, rate_of(nullptr, landing.fraction));
      return landing.absorbed;
    }
    if (absorbed(landing.cell)) {
      constexpr double shortest = 1e-3;  // of a jump that starts on a boundary
      Index target = 0;
      double fraction = 1.0;
      for (Index k = 0; k < targets_; ++k) {
        const double here = levels_(cell, k), there = levels_(landing.cell, k);
        if (there <= 0.0 && here / (here - there) < fraction) {
          fraction = here / (here - there);
          target = k;
        }
      }
      leave(cell, target, rate_of(nullptr, std::max(fraction, shortest)));
      return true;
    }
    const double rate = rate_of(&parts_[static_cast<std::size_t>(landing.cell)], 1.0);
    leaving_ += rate;
    for (std::size_t k = 1; k < entries_; ++k)
      if (row_[k].column == static_cast<int>(landing.cell)) {
        row_[k].rate += rate;
        return true;
      }
    row_[entries_++] = {static_cast<int>(landing.cell), rate};
    return true;
  }

  void leave(Index cell, Index target, double rate) {
    generator_.exits(cell, target) += rate;
    leaving_ += rate;
  }

  const Grid& grid_;
  const std::vector<Region>& regions_;
  Index targets_;
  Generator& generator_;
  Cells evaluator_;
  std::vector<Cell> parts_;
  Matrix levels_;  // of the regions at the centres, (cells, targets)
  std::optional<InnerJumps> inner_;
  std::uint32_t inner_diffusion_ = 0;
  /// A row has at most the 12 jumps of six directions, 6 along the axes and the diagonal.
  std::array<Entry, 19> row_;
  std::size_t entries_ = 0;
  double leaving_ = 0.0;
};

}  // namespace

Generator make_generator(const Coefficients& coefficients, const Grid& grid,
                         const std::vector<Region>& regions) {
  constexpr std::string_view where = "make_generator";
  const Index n = grid.dimension(), cells = grid.cells();
  require(coefficients.dimension == n, where, "coefficients of dimension ", coefficients.dimension,
          " on a grid of dimension ", n);
  require(coefficients.drift && coefficients.tensor, where, "drift or tensor is empty");
  for (const Region& region : regions)
    require(static_cast<bool>(region.level), where, "a region without a level function");
  Generator generator{.rates = SparseMatrix(cells, cells),
                      .exits = Matrix::Zero(cells, static_cast<Index>(regions.size()) + 1),
                      .absorbed = std::vector<bool>(static_cast<std::size_t>(cells), false),
                      .coupling = Vector::Zero(n)};
  Assembly assembly(coefficients, grid, regions, generator);
  if (assembly.evaluate_cells()) assembly.append_rows();
  return generator;
}

}  // namespace stillpoint::fokker_planck
