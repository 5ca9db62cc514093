# Trains benfred/implicit's ALS on sparse rows from files and tells how long it took and how much memory, as one line of JSON.
# Arguments: one JSON object, see bench/peers/als-run.ts. OPENBLAS_NUM_THREADS=1 is expected, as its authors advise.
import json
import resource
import sys
import time

import numpy
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares

job = json.loads(sys.argv[1])
shape = (job["users"], job["items"])
conf = numpy.fromfile(job["conf"], dtype=numpy.float32)
indices = numpy.fromfile(job["indices"], dtype=numpy.int32)
indptr = numpy.fromfile(job["indptr"], dtype=numpy.int32)
matrix = scipy.sparse.csr_matrix((conf, indices, indptr), shape=shape)

model = AlternatingLeastSquares(
    factors=job["factors"],
    regularization=job["regularization"],
    alpha=1.0,
    use_cg=job["solver"] == "cg",
    iterations=job["iterations"],
    num_threads=job["threads"],
    random_state=1,
)
iterations = []
started = time.perf_counter()
model.fit(matrix, show_progress=False, callback=lambda at, seconds, *loss: iterations.append(seconds))
seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

if job.get("listeners"):
    numpy.asarray(model.user_factors, dtype=numpy.float32).tofile(job["listeners"])
    numpy.asarray(model.item_factors, dtype=numpy.float32).tofile(job["artists"])
print(json.dumps({"seconds": seconds, "iterations": iterations, "peakBytes": peak}))
