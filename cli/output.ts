import { styleText } from "node:util"

/**
 * What the commands print. With `--json`, stdout holds one JSON document (or one a line for logs) and nothing else; what is
 * for people goes to stderr.
 */
export class Output {
  readonly isJson: boolean

  constructor(isJson: boolean) {
    this.isJson = isJson
  }

  /** The result: as JSON, or as `text` makes it. */
  result(value: unknown, text: () => string): void {
    process.stdout.write(this.isJson ? `${JSON.stringify(value, null, 2)}\n` : `${text()}\n`)
  }

  /** Progress, for people. */
  note(text: string): void {
    ;(this.isJson ? process.stderr : process.stdout).write(`${text}\n`)
  }
}

/** Text from people and data without control characters: a log line must not move the cursor or rename the terminal. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "\ufffd")
}

/** Rows under headings, columns as wide as their longest cell. Empty: `nothing`. */
export function table(headings: string[], rows: string[][], nothing: string): string {
  if (rows.length === 0) return nothing
  const cells = [headings, ...rows].map((row) => row.map((cell) => plain(cell).replaceAll("\n", " ")))
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? "").length)))
  return cells
    .map((row, index) => {
      const line = row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd()
      return index === 0 ? faint(line) : line
    })
    .join("\n")
}

const COLOURS: Record<string, "green" | "red" | "yellow" | "cyan" | "gray"> = {
  success: "green",
  ok: "green",
  failed: "red",
  timed_out: "red",
  lost: "red",
  killed: "red",
  upstream_failed: "yellow",
  warn: "yellow",
  up_for_retry: "yellow",
  running: "cyan",
  cancelled: "gray",
  skipped: "gray",
}

/** A state's word in its colour; on anything but a terminal, the word. For the end of a line: colour codes have no width. */
export function stateText(state: string): string {
  const colour = COLOURS[state]
  return colour ? styleText(colour, state, { stream: process.stdout }) : state
}

export function faint(text: string): string {
  return styleText("dim", text, { stream: process.stdout })
}

/** `2026-11-22 20:15:39Z`, or a dash. */
export function instantText(instant: string | null): string {
  return instant === null ? "–" : `${instant.slice(0, 19).replace("T", " ")}Z`
}

/** `4 m 12 s`, `850 ms`, or a dash. */
export function durationText(ms: number | null): string {
  if (ms === null) return "–"
  if (ms < 1_000) return `${Math.round(ms)} ms`
  const seconds = Math.round(ms / 1_000)
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)]
  if (hours > 0) return `${hours} h ${minutes} m`
  return minutes > 0 ? `${minutes} m ${seconds % 60} s` : `${(ms / 1_000).toFixed(1)} s`
}
