// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE product
#include "solvers/fokker_planck/product.hpp"

#include <boost/test/unit_test.hpp>

#include "lib/core/types.hpp"
#include "lib/random/normal.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using namespace stillpoint::fokker_planck;

namespace {

Matrix noise(Index rows, Index columns, std::uint64_t path) {
  Matrix x(rows, columns);
  for (Index k = 0; k < x.size(); ++k)
    x(k) = random::normal({tests::seed, 12}, path, 0, static_cast<std::uint32_t>(k));
  return x;
}

Matrix product(InstructionSet level, const Matrix& A, const Matrix& B, bool transposed) {
  const Index columns = transposed ? B.rows() : B.cols();
  Matrix C = Matrix::Constant(A.rows(), columns, 7.0);
  multiply(level)({A.rows(), A.cols(), columns, A.data(), A.rows(), B.data(),
                   transposed ? B.rows() : 1, transposed ? 1 : B.rows(), C.data(), C.rows()});
  return C;
}

}  // namespace

// Every remainder of rows and columns; sums of at most 19 products: rounding 1e-13.
BOOST_AUTO_TEST_CASE(is_the_product_with_the_same_bits_everywhere) {
  for (Index rows = 1; rows <= 35; ++rows)
    for (const Index inner : {1, 2, 19})
      for (Index columns = 1; columns <= 9; ++columns) {
        const Matrix A = noise(rows, inner, 0), B = noise(inner, columns, 1), Bt = B.transpose();
        const Matrix plain = product(InstructionSet::v1, A, B, false);
        const Matrix best = product(instruction_set(), A, B, false);
        BOOST_REQUIRE((plain - A * B).cwiseAbs().maxCoeff() < 1e-12);
        BOOST_REQUIRE((plain.array() == best.array()).all());
        BOOST_REQUIRE((product(instruction_set(), A, Bt, true).array() == best.array()).all());
      }
}
