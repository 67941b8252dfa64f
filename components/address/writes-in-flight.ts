/**
 * What was written to the address (query strings) and has not been rendered yet, on one page. Next commits each write a
 * moment later, in a transition, and puts that write's address back into the bar as it does, over the writes since. So
 * what holds is the newest write, as long as what Next has committed is one of those before it.
 */
export class WritesInFlight {
  #pathname: string | null = null
  /** First what is committed, then the writes, the newest last. */
  #searches: string[] = []

  /** `shown`: what the bar shows, which is what is committed while no write is on its way. */
  write(pathname: string, search: string, shown: string): void {
    if (pathname !== this.#pathname || this.#searches.length === 0) this.#searches = [shown]
    this.#pathname = pathname
    this.#searches.push(search)
  }

  /** The query string that holds where this one is committed; a navigation by somebody else wins over all writes. */
  newest(pathname: string, committed: string): string {
    const isOurs = pathname === this.#pathname && this.#searches.includes(committed)
    return isOurs ? (this.#searches.at(-1) ?? committed) : committed
  }

  /** What the next write on a page builds on; null where nothing is known of that page. */
  base(pathname: string): string | null {
    return pathname === this.#pathname ? (this.#searches.at(-1) ?? null) : null
  }

  /** Next has committed this: forgets what lies before it, or everything if it is none of the writes. */
  commit(pathname: string, search: string): void {
    const at = pathname === this.#pathname ? this.#searches.lastIndexOf(search) : -1
    this.#pathname = pathname
    this.#searches = at === -1 ? [search] : this.#searches.slice(at)
  }

  /** Somebody steps through the history: what had not been committed never will be. */
  forget(): void {
    this.#searches = []
  }
}
