// Where the command line writes: results to standard output, everything else to standard error.
import { styleText } from 'node:util'

/** Two streams and what is known of them. */
export type Terminal = {
  /** Results. */
  out(text: string): void
  /** Progress, notes and errors. */
  note(text: string): void
  /** Whether notes go to a person's terminal rather than to a log. */
  readonly interactive: boolean
  /** Width of the terminal in columns. */
  readonly columns: number
  /** Emphasis where the output shows it, the bare text elsewhere. */
  style(format: 'bold' | 'dim' | 'green' | 'red' | 'cyan', text: string): string
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  return {
    out: (text) => void process.stdout.write(text),
    note: (text) => void process.stderr.write(text),
    interactive: process.stderr.isTTY === true && process.env.CI === undefined,
    columns: process.stderr.columns ?? 80,
    style: (format, text) => styleText(format, text, { stream: process.stdout }),
  }
}
