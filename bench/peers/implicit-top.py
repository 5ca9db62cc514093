# The peer of bench/top-speed.ts: implicit fits factors once, and answers `recommend` for a sample of listeners, timed.
#   implicit-top.py fit STEM USERS ITEMS D ITERATIONS OUT     writes OUT.users and OUT.items, float32
#   implicit-top.py recommend STEM USERS ITEMS D SAMPLE K FACTORS OUT   writes artist ids to OUT, prints {"seconds": ...}
import json
import sys
import time

import numpy as np
from implicit.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix

threads = 2


def interactions(stem, users, items):
    ptr = np.fromfile(f"{stem}.indptr", np.int32)
    indices = np.fromfile(f"{stem}.indices", np.int32)
    values = np.fromfile(f"{stem}.conf", np.float32)
    return csr_matrix((values, indices, ptr), shape=(users, items))


def fit(stem, users, items, d, iterations, out):
    model = AlternatingLeastSquares(
        factors=d, iterations=iterations, random_state=1, num_threads=threads
    )
    model.fit(interactions(stem, users, items), show_progress=False)
    model.user_factors.astype(np.float32).tofile(f"{out}.users")
    model.item_factors.astype(np.float32).tofile(f"{out}.items")


def recommend(stem, users, items, d, sample, k, factors, out):
    model = AlternatingLeastSquares(factors=d, num_threads=threads)
    model.user_factors = np.fromfile(f"{factors}.users", np.float32).reshape(users, d)
    model.item_factors = np.fromfile(f"{factors}.items", np.float32).reshape(items, d)
    asked = np.arange(sample) * (users // sample)
    liked = interactions(stem, users, items)[asked]
    began = time.perf_counter()
    ids, _ = model.recommend(asked, liked, N=k, filter_already_liked_items=True)
    seconds = time.perf_counter() - began
    ids.astype(np.int32).tofile(out)
    print(json.dumps({"seconds": seconds}))


stem, (users, items, d) = sys.argv[2], map(int, sys.argv[3:6])
if sys.argv[1] == "fit":
    fit(stem, users, items, d, int(sys.argv[6]), sys.argv[7])
else:
    recommend(stem, users, items, d, int(sys.argv[6]), int(sys.argv[7]), *sys.argv[8:10])
