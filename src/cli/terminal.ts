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
  /** Width of the terminal that notes go to, in columns. */
  readonly columns: number
  /** Width that results may take, in columns; 200 where they go to no terminal. */
  readonly tableColumns: number
  /** Emphasis where the output shows it, the bare text elsewhere. */
  style(format: 'bold' | 'dim' | 'green' | 'red' | 'cyan', text: string): string
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  return {
    out: (text) => void process.stdout.write(text),
    note: (text) => void process.stderr.write(text),
    interactive: process.stderr.isTTY === true && !process.env.CI,
    columns: process.stderr.columns ?? 80,
    tableColumns: process.stdout.columns ?? 200,
    style: (format, text) => styleText(format, text, { stream: process.stdout }),
  }
}
