// Writes small XML documents, for the doors whose programs ask for them.

/** An element: its name, its attributes in order, and its text or its children. */
export type Element = {
  readonly name: string
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
  readonly content?: string | readonly Element[]
}

/** The document of an element. */
export const xmlDocument = (root: Element): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${written(root)}\n`

function written({ name, attributes = {}, content = '' }: Element): string {
  const head = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`)
  const inner = typeof content === 'string' ? escaped(content) : content.map(written).join('')
  return inner === '' ? `<${name}${head.join('')}/>` : `<${name}${head.join('')}>${inner}</${name}>`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** What XML 1.0 cannot hold at all is left out. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must go
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[&<>"]/g, (character) => entities[character]!)
