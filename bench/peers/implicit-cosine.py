# The peer of bench/cosine-speed.ts: implicit's CosineRecommender on the pattern of sparse rows from files, timed.
#   implicit-cosine.py STEM USERS ITEMS K THREADS OUT   writes OUT.indptr, OUT.indices, OUT.scores; prints {"seconds": ...}
import json
import sys
import time

import numpy as np
from implicit.nearest_neighbours import CosineRecommender
from scipy.sparse import csr_matrix

stem, users, items, k, threads, out = sys.argv[1:]
ptr = np.fromfile(f"{stem}.indptr", np.int32)
indices = np.fromfile(f"{stem}.indices", np.int32)
matrix = csr_matrix((np.ones(len(indices)), indices, ptr), shape=(int(users), int(items)))

model = CosineRecommender(K=int(k), num_threads=int(threads))
started = time.perf_counter()
model.fit(matrix, show_progress=False)
seconds = time.perf_counter() - started

near = model.similarity
near.indptr.astype(np.int32).tofile(f"{out}.indptr")
near.indices.astype(np.int32).tofile(f"{out}.indices")
near.data.astype(np.float32).tofile(f"{out}.scores")
print(json.dumps({"seconds": seconds}))
