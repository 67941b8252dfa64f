import pg from "pg"

/**
 * A client whose lost connection does not end the process, whenever it is lost. A pool listens to clients at rest only,
 * and who borrows one cannot listen in time to a session that ends in the very packet which says that it is ready. What
 * was lost is told by the next query, and the pool then replaces the client.
 */
export class QuietClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    this.on("error", () => undefined)
  }
}
