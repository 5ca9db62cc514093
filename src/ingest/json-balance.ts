// Whether a text of JSON is open: counted piece by piece, so that a text that grows is looked at once.

/** What is open at the end of what was counted. */
export type JsonBalance = { depth: number; inText: boolean; escaped: boolean }

/** Nothing is open before the first character. */
export const newBalance = (): JsonBalance => ({ depth: 0, inText: false, escaped: false })

const quote = 34
const backslash = 92

/** Counts on from `begin` up to `end`, or to where nothing is open any more; returns the place behind that, -1 when there is none. */
export function countJson(balance: JsonBalance, text: string, begin: number, end: number): number {
  for (let at = begin; at < end; at += 1) {
    const code = text.charCodeAt(at)
    if (balance.escaped) balance.escaped = false
    else if (code === quote) balance.inText = !balance.inText
    else if (balance.inText) balance.escaped = code === backslash
    else {
      balance.depth += depthChange(code)
      if (balance.depth <= 0) return at + 1
    }
  }
  return -1
}

/** 1 for `{` and `[`, -1 for `}` and `]`. */
function depthChange(code: number): number {
  if (code === 123 || code === 91) return 1
  return code === 125 || code === 93 ? -1 : 0
}
