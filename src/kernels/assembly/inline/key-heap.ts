// 64-bit keys, the best of many in one order for all: a heap with the lowest on top, sorting, selection.

// @ts-ignore: decorator
@inline
function slot(heap: usize, index: i32): usize {
  return heap + (<usize>index << 3)
}

/** Puts `key` into the heap from `place` down; what stood at `place` is gone. */
export function sinkKey(heap: usize, size: i32, place: i32, key: u64): void {
  for (;;) {
    let child = 2 * place + 1
    if (child >= size) break
    if (child + 1 < size && load<u64>(slot(heap, child + 1)) < load<u64>(slot(heap, child))) child++
    const below = load<u64>(slot(heap, child))
    if (below >= key) break
    store<u64>(slot(heap, place), below)
    place = child
  }
  store<u64>(slot(heap, place), key)
}

/** Makes a heap of keys in any order. */
export function heapifyKeys(heap: usize, size: i32): void {
  for (let place = (size >> 1) - 1; place >= 0; place--) sinkKey(heap, size, place, load<u64>(slot(heap, place)))
}

/** Sorts keys in any order, highest first. */
export function sortKeys(heap: usize, size: i32): void {
  heapifyKeys(heap, size)
  for (let last = size - 1; last > 0; last--) {
    const lowest = load<u64>(heap)
    sinkKey(heap, last, 0, load<u64>(slot(heap, last)))
    store<u64>(slot(heap, last), lowest)
  }
}

/** Moves the `kept` highest of `size` keys to the front, the lowest of them last (Hoare 1961); 0 < kept <= size. */
export function selectKeys(keys: usize, size: i32, kept: i32): void {
  let low = 0
  let high = size - 1
  const last = kept - 1
  while (low < high) {
    const pivot = load<u64>(slot(keys, (low + high) >> 1))
    let up = low
    let down = high
    while (up <= down) {
      while (load<u64>(slot(keys, up)) > pivot) up++
      while (load<u64>(slot(keys, down)) < pivot) down--
      if (up > down) break
      const key = load<u64>(slot(keys, up))
      store<u64>(slot(keys, up), load<u64>(slot(keys, down)))
      store<u64>(slot(keys, down), key)
      up++
      down--
    }
    if (last <= down) high = down
    else if (last >= up) low = up
    else return
  }
}
