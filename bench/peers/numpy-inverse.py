# Inverts one positive definite float32 matrix in numpy, and in LAPACK by its Cholesky factor, and tells how long each took.
# Arguments: n, file of the matrix (n x n float32, row-major). For each line "numpy" or "lapack" read, a line of JSON.
import json
import sys
import time

import numpy
import scipy.linalg.lapack as lapack

n = int(sys.argv[1])
matrix = numpy.fromfile(sys.argv[2], dtype=numpy.float32).reshape(n, n)


def by_numpy():
    return numpy.linalg.inv(matrix)


def by_lapack():
    factor, _ = lapack.spotrf(matrix.T, lower=False)
    return lapack.spotri(factor, lower=False)[0]


ways = {"numpy": by_numpy, "lapack": by_lapack}
print(json.dumps({"numpy": numpy.__version__}), flush=True)
for line in sys.stdin:
    started, worked = time.perf_counter(), time.process_time()
    inverse = ways[line.strip()]()
    seconds, processor = time.perf_counter() - started, time.process_time() - worked
    if line.strip() == "lapack":
        inverse = numpy.triu(inverse) + numpy.triu(inverse, 1).T
    rows = numpy.arange(0, n, 97)
    product = matrix[rows].astype(float) @ inverse[:, ::61].astype(float)
    residual = numpy.abs(product - (rows[:, None] == numpy.arange(0, n, 61)[None, :])).max()
    answer = {"seconds": seconds, "processorSeconds": processor, "residual": float(residual)}
    print(json.dumps(answer), flush=True)
