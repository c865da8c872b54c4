// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sundials/sundials_linearsolver.h>
#include <sundials/sundials_matrix.h>
#include <sundials/sundials_nonlinearsolver.h>
#include <sundials/sundials_nvector.h>

#include <memory>
#include <type_traits>

namespace stillpoint::sun {

/// One deleter for every SUNDIALS object that is freed through its own pointer.
template <auto Release>
struct Releaser {
  void operator()(auto* handle) const { Release(handle); }
};

using VectorHandle = std::unique_ptr<std::remove_pointer_t<N_Vector>, Releaser<N_VDestroy>>;
using MatrixHandle = std::unique_ptr<std::remove_pointer_t<SUNMatrix>, Releaser<SUNMatDestroy>>;
using LinearSolverHandle =
    std::unique_ptr<std::remove_pointer_t<SUNLinearSolver>, Releaser<SUNLinSolFree>>;

using NonlinearSolverHandle =
    std::unique_ptr<std::remove_pointer_t<SUNNonlinearSolver>, Releaser<SUNNonlinSolFree>>;

/// The memory of a package, freed through the address of its pointer: Memory<KINFree>,
/// Memory<CVodeFree>, Memory<ARKStepFree>.
template <auto Free>
struct MemoryReleaser {
  void operator()(void* memory) const { Free(&memory); }
};
template <auto Free>
using Memory = std::unique_ptr<void, MemoryReleaser<Free>>;

}  // namespace stillpoint::sun
