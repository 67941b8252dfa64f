import type { LogLine } from "#lib/contracts/api/runs.ts"

/** A run of consecutive lines to ask the server for: `from` is 1-based. */
export interface LineWindow {
  from: number
  limit: number
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
  #pages = new Map<number, LogLine[]>()
  #pending = new Set<number>()
  #total = 0

  /** Lines the log has as far as known; grows while the attempt runs. */
  get total(): number {
    return this.#total
  }

  /** Lines held now; bounded whatever the log's length. */
  get size(): number {
    let lines = 0
    for (const page of this.#pages.values()) lines += page.length
    return lines
  }

  /** Raises the known length; a smaller number is old news and ignored. */
  grow(total: number): void {
    this.#total = Math.max(this.#total, total)
  }

  /** The line with this 1-based number, or null while it is not here. */
  get(line: number): LogLine | null {
    const page = this.#pages.get(pageOf(line))
    return page?.[(line - 1) % PAGE_LINES] ?? null
  }

  /** Puts lines as the server returned them, in order and without gaps; lines already here are kept. */
  put(lines: readonly LogLine[]): void {
    for (const line of lines) {
      const number = pageOf(line.line)
      const page = this.#pages.get(number) ?? []
      // Filling strictly in order keeps index and line number in step; a gap is fetched as a window of its own.
      if (page.length === (line.line - 1) % PAGE_LINES) page.push(line)
      this.#pages.set(number, page)
    }
    const last = lines.at(-1)
    if (last) this.grow(last.line)
    this.#evict(last ? pageOf(last.line) : 0)
  }

  /** Windows to fetch so that these lines can be shown; each is named once until {@link settle} is called for it. */
  missing(first: number, last: number): LineWindow[] {
    const windows: LineWindow[] = []
    for (let page = pageOf(Math.max(1, first)); page <= pageOf(Math.min(last, this.#total)); page++) {
      const held = this.#pages.get(page)?.length ?? 0
      const wanted = Math.min(PAGE_LINES, this.#total - page * PAGE_LINES)
      this.#touch(page)
      if (held >= wanted || this.#pending.has(page)) continue
      this.#pending.add(page)
      windows.push({ from: page * PAGE_LINES + held + 1, limit: PAGE_LINES - held })
    }
    return windows
  }

  /** The request for a window ended, well or not; it may be asked for again. */
  settle(window: LineWindow): void {
    this.#pending.delete(pageOf(window.from))
  }

  #touch(page: number): void {
    const lines = this.#pages.get(page)
    if (!lines) return
    this.#pages.delete(page)
    this.#pages.set(page, lines)
  }

  #evict(keep: number): void {
    for (const page of this.#pages.keys()) {
      if (this.#pages.size <= MAX_PAGES) return
      if (page !== keep) this.#pages.delete(page)
    }
  }
}

function pageOf(line: number): number {
  return Math.floor((line - 1) / PAGE_LINES)
}
