// A journal in memory: for tests and for runs that leave nothing behind.
import type { Journal, JournalSegment } from './journal.ts'
import { lineBytes, nextSegmentName, startOfSegment } from './journal-lines.ts'

/** An empty journal without limits, gone when closed. */
export function openMemoryJournal(): Journal {
  const closed = new Map<string, Uint8Array>()
  let current: { readonly name: string; readonly parts: Buffer[] } | undefined
  const segment = (name: string, bytes: Uint8Array): JournalSegment => ({
    name,
    startedAt: startOfSegment(name),
    read: async () => bytes.slice(),
    drop: async () => void closed.delete(name),
  })
  const rotate = (): void => {
    if (current) closed.set(current.name, new Uint8Array(Buffer.concat(current.parts)))
    current = undefined
  }
  return {
    async append(lines) {
      const bytes = lineBytes(lines)
      if (bytes.length === 0) return
      current ??= { name: nextSegmentName(Date.now()), parts: [] }
      current.parts.push(bytes)
    },
    async rotate() {
      rotate()
      return [...closed].map(([name, bytes]) => segment(name, bytes))
    },
    load() {
      const parts = [...closed.values(), ...(current?.parts ?? [])]
      return { waitingBytes: 0, commits: 0, storedBytes: parts.reduce((sum, part) => sum + part.length, 0) }
    },
    async close() {
      closed.clear()
      current = undefined
    },
  }
}
