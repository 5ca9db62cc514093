// Cuts a stream of CSV into slices of whole rows.

const quote = 0x22
const newline = 0x0a

/**
 * Slices of at most about `sliceBytes`, each ended at a row's end; a newline within quotes ends no row. A longer row is
 * a slice of its own. The last slice may lack its newline. Nothing in, nothing out.
 */
export async function* csvSlices(
  csv: AsyncIterable<Uint8Array>,
  sliceBytes: number,
): AsyncIterable<readonly Uint8Array[]> {
  const cutter = createCutter(sliceBytes)
  for await (const chunk of csv) {
    for (let from = 0; from < chunk.length; from += sliceBytes) {
      const slice = cutter.add(chunk.subarray(from, from + sliceBytes))
      if (slice) yield slice
    }
  }
  const rest = cutter.rest()
  if (rest.length > 0) yield rest
}

type Cutter = {
  add(chunk: Uint8Array): readonly Uint8Array[] | undefined
  rest(): readonly Uint8Array[]
}

function createCutter(sliceBytes: number): Cutter {
  let parts: Uint8Array[] = []
  let heldBytes = 0
  const endOfRows = createRowEnds()
  return {
    add(chunk) {
      const cut = endOfRows(chunk)
      heldBytes += chunk.length
      if (heldBytes < sliceBytes || cut === 0) {
        parts.push(chunk)
        return undefined
      }
      const slice = [...parts, chunk.subarray(0, cut)]
      parts = [chunk.subarray(cut)]
      heldBytes = chunk.length - cut
      return slice
    },
    rest: () => parts.filter((part) => part.length > 0),
  }
}

/** Says of chunk after chunk where its last row's end lies (0: none in it). A doubled quote opens and closes again. */
function createRowEnds(): (chunk: Uint8Array) => number {
  let quoted = false
  return (chunk) => {
    let end = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]
      if (byte === quote) quoted = !quoted
      else if (byte === newline && !quoted) end = at + 1
    }
    return end
  }
}
