// The beginning of a file as text, for telling its format.
import { constants, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { packingOf } from '../decompress.ts'

/** Returns the first bytes of a file as text, unpacked as far as they go; '' where that cannot be done. Bytes of a zip are left as they are, one character a byte. */
export function headText(head: Uint8Array): string {
  if (isZip(head)) return Buffer.from(head).toString('latin1')
  try {
    return Buffer.from(unpackHead(head))
      .toString('utf8')
      .replace(/^\ufeff/, '')
  } catch {
    return ''
  }
}

/** Whether the bytes begin as a zip archive does. */
export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 0x03 && head[3] === 0x04
}

/** The first line of a text. */
export const firstLine = (text: string): string => /^[^\r\n]*/.exec(text)?.[0] ?? ''

function unpackHead(head: Uint8Array): Uint8Array {
  const packing = packingOf(head)
  if (packing === 'gzip') return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH })
  return packing === 'zstd' ? zstdDecompressSync(head, { finishFlush: constants.ZSTD_e_flush }) : head
}
