import pg from "pg"

/** How often a silent connection is asked whether it is still there, and how long it may take to say so. */
const CHECK_EVERY_MS = 10_000
const ANSWER_WITHIN_MS = 5_000

/**
 * One LISTEN connection that comes back by itself, also where the other side has vanished without a word. `onReady` is called after each (re)connect: what was announced while
 * it was away is unknown, so whoever listens looks for itself then.
 */
export class Listener {
  readonly #options: ListenerOptions
  #client: pg.Client | null = null
  #isClosed = false
  #retry: NodeJS.Timeout | null = null
  #failures = 0

  constructor(options: ListenerOptions) {
    this.#options = options
  }

  /** Connects; keeps trying in the background when the first attempt fails. */
  async start(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.databaseUrl,
      application_name: this.#options.applicationName,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      connectionTimeoutMillis: 5_000,
      query_timeout: ANSWER_WITHIN_MS,
    })
    let isOver = false
    let check: NodeJS.Timeout | undefined
    const again = (error?: Error) => {
      if (isOver) return
      isOver = true
      clearInterval(check)
      if (error && !this.#isClosed) this.#options.onError(error)
      client.end().catch(() => undefined)
      if (this.#isClosed) return
      // 100 ms, then doubling up to 5 s: a restarted server is found at once, a dead one is not hammered.
      const delayMs = Math.min(5_000, 100 * 2 ** this.#failures++)
      this.#retry = setTimeout(() => void this.start(), delayMs)
    }
    client.on("error", again)
    client.on("end", () => again())
    client.on("notification", (message) => this.#options.onNotification(message.channel, message.payload ?? ""))
    try {
      await client.connect()
      for (const channel of this.#options.channels) await client.query(`listen ${pg.escapeIdentifier(channel)}`)
      this.#client = client
      this.#failures = 0
      check = setInterval(() => void client.query("select 1").catch(again), CHECK_EVERY_MS)
      this.#options.onReady()
    } catch (error) {
      again(error as Error)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#retry) clearTimeout(this.#retry)
    await this.#client?.end().catch(() => undefined)
  }
}

export interface ListenerOptions {
  databaseUrl: string
  channels: readonly string[]
  applicationName: string
  onNotification: (channel: string, payload: string) => void
  onReady: () => void
  onError: (error: Error) => void
}
