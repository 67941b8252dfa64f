import type { LogLine } from "#lib/contracts/api/runs.ts"

/** A run of consecutive lines to ask the server for: `from` is 1-based. */
export interface LineWindow {
  from: number
  limit: number
}

interface Page {
  /** By position in the page; a hole where the log has no such line or it was not fetched. */
  lines: (LogLine | undefined)[]
  /** Positions from the page's start that the server has answered for. */
  fetched: number
}

/** Lines per request: about 100 kB, far more than a screen shows, far less than freezes anything. */
export const PAGE_LINES = 1_000
/** 40,000 lines stay in memory; what scrolled away is fetched again when it comes back. */
const MAX_PAGES = 40

/**
 * The parts of a log that are in memory, by line number, whatever the log's length. The viewer says what it shows,
 * gets the windows to fetch, and puts what arrives; the pages used longest ago are dropped.
 */
export class LogBuffer {
  #pages = new Map<number, Page>()
  #pending = new Set<number>()
  #total = 0

  /** Rows to show: all lines the log has as far as known; grows while the attempt runs. */
  get rows(): number {
    return this.#total
  }

  /** The line after the last one known to exist: where news begins. */
  get tailFrom(): number {
    return this.#total + 1
  }

  /** Lines held now; bounded whatever the log's length. */
  get size(): number {
    let lines = 0
    for (const page of this.#pages.values()) lines += page.lines.length
    return lines
  }

  /** The lines that are here, in no order. */
  *loaded(): Generator<LogLine> {
    for (const page of this.#pages.values()) for (const line of page.lines) if (line) yield line
  }

  /** Raises the known length; a smaller number is old news and ignored. */
  grow(total: number): void {
    this.#total = Math.max(this.#total, total)
  }

  /** The line in this 0-based row, or null while it is not here. */
  at(row: number): LogLine | null {
    return this.#pages.get(pageOf(row + 1))?.lines[row % PAGE_LINES] ?? null
  }

  /** The 0-based row of a line; null for a line that the log does not have. */
  rowOf(line: number): number | null {
    return line >= 1 && line <= this.#total ? line - 1 : null
  }

  /**
   * Puts lines in order. `answered` is the window that they answer: its positions count as fetched even where the log
   * has no such line. Without it they are news from the log's end.
   */
  put(lines: readonly LogLine[], answered?: LineWindow): void {
    for (const line of lines) {
      const page = this.#page(pageOf(line.line))
      const position = (line.line - 1) % PAGE_LINES
      page.lines[position] = line
      if (position === page.fetched) page.fetched++
      this.grow(line.line)
    }
    if (answered) {
      const page = this.#page(pageOf(answered.from))
      const last = Math.min(answered.from + answered.limit - 1, this.#total)
      if ((answered.from - 1) % PAGE_LINES <= page.fetched) {
        page.fetched = Math.max(page.fetched, Math.min(PAGE_LINES, last - pageOf(answered.from) * PAGE_LINES))
      }
    }
    this.#evict(pageOf(answered?.from ?? lines.at(-1)?.line ?? 1))
  }

  /** Windows to fetch so that these lines (1-based) can be shown; each is named once until {@link settle} is called. */
  missing(first: number, last: number): LineWindow[] {
    const windows: LineWindow[] = []
    for (let number = pageOf(Math.max(1, first)); number <= pageOf(Math.min(last, this.#total)); number++) {
      const fetched = this.#pages.get(number)?.fetched ?? 0
      const wanted = Math.min(PAGE_LINES, this.#total - number * PAGE_LINES)
      this.#touch(number)
      if (fetched >= wanted || this.#pending.has(number)) continue
      this.#pending.add(number)
      windows.push({ from: number * PAGE_LINES + fetched + 1, limit: PAGE_LINES - fetched })
    }
    return windows
  }

  /** The request for a window ended, well or not; it may be asked for again. */
  settle(window: LineWindow): void {
    this.#pending.delete(pageOf(window.from))
  }

  #page(number: number): Page {
    const page = this.#pages.get(number) ?? { lines: [], fetched: 0 }
    this.#pages.set(number, page)
    return page
  }

  #touch(number: number): void {
    const page = this.#pages.get(number)
    if (!page) return
    this.#pages.delete(number)
    this.#pages.set(number, page)
  }

  #evict(keep: number): void {
    for (const number of this.#pages.keys()) {
      if (this.#pages.size <= MAX_PAGES) return
      if (number !== keep) this.#pages.delete(number)
    }
  }
}

function pageOf(line: number): number {
  return Math.floor((line - 1) / PAGE_LINES)
}
