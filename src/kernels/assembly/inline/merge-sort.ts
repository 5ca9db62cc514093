// Sorting whole numbers without branches on what they are.

/** Sorts ascending, by merging ever longer runs; `spare` has as much room. */
export function mergeSort<T>(items: usize, count: i32, spare: usize): void {
  const size = sizeof<T>()
  const end = items + <usize>count * size
  let from = items
  let to = spare
  for (let run = size; run < <usize>count * size; run <<= 1) {
    const bytes = <usize>count * size
    for (let at: usize = 0; at < bytes; at += run << 1) {
      const middle = min(at + run, bytes)
      merge<T>(from + at, from + middle, from + min(middle + run, bytes), to + at)
    }
    const other = from
    from = to
    to = other
  }
  if (from != items) memory.copy(items, from, end - items)
}

/** Merges the runs left..right and right..end; without branches on what the items are. */
function merge<T>(start: usize, middle: usize, end: usize, out: usize): void {
  let left = start
  let right = middle
  let to = out
  while (left < middle && right < end) {
    const x = load<T>(left)
    const y = load<T>(right)
    const second = <usize>i32(y < x)
    store<T>(to, select<T>(y, x, y < x))
    right += second * sizeof<T>()
    left += (1 - second) * sizeof<T>()
    to += sizeof<T>()
  }
  for (; left < middle; left += sizeof<T>(), to += sizeof<T>()) store<T>(to, load<T>(left))
  for (; right < end; right += sizeof<T>(), to += sizeof<T>()) store<T>(to, load<T>(right))
}
