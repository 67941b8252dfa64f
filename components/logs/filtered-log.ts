import type { LogLine } from "#lib/contracts/api/runs.ts"
import type { LineWindow } from "./log-buffer.ts"

/** Lines per request; a filter is scanned by the server, so few large steps beat many small ones. */
const STEP = 2_000
/** More lines than anybody reads one by one; the search narrows further. */
const MOST = 50_000

/**
 * The lines of a log that pass a filter, read from the start on. Where the next of them lies is known only after the one
 * before, so rows are loaded in order, as far as somebody scrolls.
 */
export class FilteredLog {
  #lines: LogLine[] = []
  #expected = 0
  #isPending = false

  /** Rows there are to show: those loaded, and one that stands for more to come. */
  get rows(): number {
    return this.#hasMore() ? this.#lines.length + 1 : this.#lines.length
  }

  /** The line after the last one loaded: where reading goes on. */
  get tailFrom(): number {
    return (this.#lines.at(-1)?.line ?? 0) + 1
  }

  /** The lines that are here. */
  loaded(): Iterable<LogLine> {
    return this.#lines
  }

  /** The server says how many lines pass the filter in the whole log. */
  expect(matches: number): void {
    this.#expected = matches
  }

  at(row: number): LogLine | null {
    return this.#lines[row] ?? null
  }

  /** First row whose line is this one or later; null where none is loaded. */
  rowOf(line: number): number | null {
    const row = this.#lines.findIndex((one) => one.line >= line)
    return row === -1 ? null : row
  }

  /** Puts the next lines of a page; those already here are skipped. */
  put(lines: readonly LogLine[], _answered?: LineWindow): void {
    const next = this.tailFrom
    for (const line of lines) if (line.line >= next && this.#lines.length < MOST) this.#lines.push(line)
  }

  /** Puts lines that were just written: only if all before them are here, else they come with their page. */
  append(lines: readonly LogLine[]): void {
    const isComplete = !this.#hasMore()
    const fresh = lines.filter((line) => line.line >= this.tailFrom)
    this.#expected += fresh.length
    if (isComplete) this.put(fresh)
  }

  /** The next window to fetch when these 1-based rows are shown; none while one is on its way. */
  missing(_first: number, last: number): LineWindow[] {
    if (this.#isPending || !this.#hasMore() || last < this.#lines.length) return []
    this.#isPending = true
    return [{ from: this.tailFrom, limit: STEP }]
  }

  settle(_window: LineWindow): void {
    this.#isPending = false
  }

  #hasMore(): boolean {
    return this.#lines.length < Math.min(this.#expected, MOST)
  }
}
