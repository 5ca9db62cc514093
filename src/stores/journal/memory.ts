// A journal in memory: for tests and for runs that leave nothing behind.
import type { Journal, JournalSegment } from './journal.ts'
import { lineBytes, nextSegmentName, startOfSegment } from './journal-lines.ts'

/** An empty journal, gone when closed. */
export function openMemoryJournal(): Journal {
  const closed = new Map<string, Uint8Array>()
  let current: { readonly name: string; readonly parts: Buffer[] } | undefined
  const segment = (name: string, bytes: Uint8Array): JournalSegment => ({
    name,
    startedAt: startOfSegment(name),
    read: async () => bytes.slice(),
    drop: async () => void closed.delete(name),
  })
  return {
    async append(lines) {
      const bytes = lineBytes(lines)
      if (bytes.length === 0) return
      current ??= { name: nextSegmentName(Date.now()), parts: [] }
      current.parts.push(bytes)
    },
    async rotate() {
      if (current) closed.set(current.name, new Uint8Array(Buffer.concat(current.parts)))
      current = undefined
      return [...closed].map(([name, bytes]) => segment(name, bytes))
    },
    async close() {
      closed.clear()
      current = undefined
    },
  }
}
