#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the files of this folder. Every array is 2 x 3 with x[i, j] = (3 i + j - 2) / 4 for floats,
3 i + j - 2 for signed and 3 i + j for unsigned integers, and (3 i + j) odd for booleans."""
import numpy as np
import scipy.io

k = np.arange(6).reshape(2, 3)
arrays = {"float16": ((k - 2) / 4).astype("<f2"), "float32": ((k - 2) / 4).astype("<f4"),
          "float64": (k - 2) / 4, "big_float32": ((k - 2) / 4).astype(">f4"),
          "big_float64": ((k - 2) / 4).astype(">f8"), "fortran": np.asfortranarray((k - 2) / 4),
          "int8": (k - 2).astype("i1"), "int16": (k - 2).astype("<i2"),
          "int32": (k - 2).astype("<i4"), "int64": (k - 2).astype("<i8"),
          "big_int16": (k - 2).astype(">i2"), "uint8": k.astype("u1"), "uint16": k.astype("<u2"),
          "uint32": k.astype("<u4"), "uint64": k.astype("<u8"), "bool": k % 2 == 1}
others = {"object": np.array(None, dtype=object), "text": np.array(["a", "bc"]),
          "complex": k * 1j, "record": np.zeros(2, dtype=[("a", "<f8"), ("b", "<i4")])}
shapes = {"scalar": np.float64(0.5), "vector": np.array([0.5, -1.5]), "empty": np.zeros((0, 3)),
          "cube": np.arange(24.0).reshape(2, 3, 4), "fortran_cube":
          np.asfortranarray(np.arange(24.0).reshape(2, 3, 4))}
np.savez("numpy_savez.npz", **arrays, **others, **shapes)
np.savez_compressed("numpy_savez_compressed.npz", **arrays, **others, **shapes)
np.save("float64.npy", arrays["float64"])
with open("version_2.npy", "wb") as file:
    np.lib.format.write_array(file, arrays["fortran"], version=(2, 0))
with open("version_3.npy", "wb") as file:
    np.lib.format.write_array(file, arrays["big_float64"], version=(3, 0))

numeric = {name: a for name, a in arrays.items() if name not in ("float16", "bool")}
matlab_others = {"text": "abc", "cell": np.array([1.0, "a"], dtype=object), "complex": k * 1j,
                 "structure": {"a": 1.0}, "sparse": scipy.sparse.csc_matrix(k.astype(float))}
for name, compress in (("scipy_v5.mat", False), ("scipy_v5_compressed.mat", True)):
    scipy.io.savemat(name, {**numeric, "logical": arrays["bool"], "scalar": 0.5,
                            "vector": shapes["vector"], "cube": shapes["cube"], **matlab_others},
                     do_compression=compress, oned_as="row")
