// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/leak_corrections.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>
#include <utility>

#include "lib/core/require.hpp"

namespace stillpoint::fokker_planck {
namespace {

struct Jet {
  double value, first, second;
};

/// A function of one variable and its derivatives, differences of fourth order.
template <typename Function>
Jet jet(const Function& f, double x, double h) {
  const double far_up = f(x + 2.0 * h), up = f(x + h), here = f(x), down = f(x - h),
               far_down = f(x - 2.0 * h);
  return {here, (8.0 * (up - down) - (far_up - far_down)) / (12.0 * h),
          (16.0 * (up + down) - (far_up + far_down) - 30.0 * here) / (12.0 * h * h)};
}

}  // namespace

Coefficients with_second_moment(Coefficients diffusion, double leak) {
  Coefficients corrected = diffusion;
  corrected.tensor = [diffusion = std::move(diffusion), leak](const Vector& x, Matrix& tensor) {
    Vector drift(x.size());
    diffusion.drift(x, drift);
    diffusion.tensor(x, tensor);
    tensor += 0.5 * leak * drift * drift.transpose();
  };
  return corrected;
}

Coefficients with_backward_error(Coefficients diffusion, double leak, double width) {
  constexpr auto where = "with_backward_error";
  require(diffusion.dimension == 1, where, "dimension = ", diffusion.dimension, ", expected 1");
  require(width > 0.0, where, "width = ", width, ", expected > 0");
  const auto A = [diffusion](double x) {
    Vector value(1);
    diffusion.drift(Vector::Constant(1, x), value);
    return value(0);
  };
  const auto B = [diffusion](double x) {
    Matrix value(1, 1);
    diffusion.tensor(Vector::Constant(1, x), value);
    return 2.0 * value(0, 0);
  };
  return {1,
          [=](const Vector& x, Vector& drift) {
            const Jet a = jet(A, x(0), width);
            drift(0) = a.value - 0.5 * leak * (a.value * a.first + 0.5 * B(x(0)) * a.second);
          },
          [=](const Vector& x, Matrix& tensor) {
            const Jet a = jet(A, x(0), width), b = jet(B, x(0), width);
            tensor(0, 0) = 0.5 * (b.value - 0.5 * leak *
                                                (2.0 * b.value * a.first + a.value * b.first +
                                                 0.5 * b.value * b.second));
          }};
}

Coefficients with_additive_backward_error(Coefficients diffusion, double leak, double width) {
  require(width > 0.0, "with_additive_backward_error", "width = ", width, ", expected > 0");
  const Index n = diffusion.dimension;
  // J by columns, differences of fourth order.
  const auto jacobian = [drift = diffusion.drift, n, width](const Vector& x) {
    Matrix J(n, n);
    Vector up(n), down(n), far_up(n), far_down(n), place = x;
    for (Index k = 0; k < n; ++k) {
      const auto at = [&](double shift, Vector& value) {
        place(k) = x(k) + shift;
        drift(place, value);
      };
      at(width, up), at(-width, down), at(2.0 * width, far_up), at(-2.0 * width, far_down);
      place(k) = x(k);
      J.col(k) = (8.0 * (up - down) - (far_up - far_down)) / (12.0 * width);
    }
    return J;
  };
  return {n,
          [=](const Vector& x, Vector& drift) {
            diffusion.drift(x, drift);
            Matrix D(n, n);
            diffusion.tensor(x, D);
            Vector change = jacobian(x) * drift;
            // D:∇∇A = Σ ν ∂²A/∂e² over the eigenvectors of D.
            const Eigen::SelfAdjointEigenSolver<Matrix> own(D);
            Vector up(n), down(n), far_up(n), far_down(n);
            for (Index k = 0; k < n; ++k) {
              const Vector e = width * own.eigenvectors().col(k);
              diffusion.drift(x + e, up);
              diffusion.drift(x - e, down);
              diffusion.drift(x + 2.0 * e, far_up);
              diffusion.drift(x - 2.0 * e, far_down);
              change += own.eigenvalues()(k) / (12.0 * width * width) *
                        (16.0 * (up + down) - (far_up + far_down) - 30.0 * drift);
            }
            drift -= 0.5 * leak * change;
          },
          [=](const Vector& x, Matrix& tensor) {
            diffusion.tensor(x, tensor);
            const Matrix JD = jacobian(x) * tensor;
            tensor -= 0.5 * leak * (JD + JD.transpose());
          }};
}

}  // namespace stillpoint::fokker_planck
