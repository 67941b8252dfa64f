import type { RunId } from "#lib/domain/ids.ts"

interface Waiting<Item, Receipt> {
  item: Item
  resolve: (receipt: Receipt) => void
  reject: (error: unknown) => void
}

/**
 * Groups what is recorded for one run: while a transaction of the run is under way, what comes meanwhile waits and goes
 * together in the next. They would wait for the run's lock anyway; grouped, they share its cost and one commit. An item
 * alone goes at once. A group that fails is tried item by item, so that one bad item does not take the others along.
 */
export class RunBatcher<Item, Receipt> {
  readonly #record: (runId: RunId, items: Item[]) => Promise<Receipt[]>
  readonly #waiting = new Map<RunId, Waiting<Item, Receipt>[]>()

  constructor(record: (runId: RunId, items: Item[]) => Promise<Receipt[]>) {
    this.#record = record
  }

  submit(runId: RunId, item: Item): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const entry = { item, resolve, reject }
      const waiting = this.#waiting.get(runId)
      if (waiting) waiting.push(entry)
      else {
        this.#waiting.set(runId, [])
        void this.#work(runId, [entry])
      }
    })
  }

  async #work(runId: RunId, first: Waiting<Item, Receipt>[]): Promise<void> {
    for (let group = first; group.length > 0; ) {
      await this.#recordGroup(runId, group)
      group = this.#waiting.get(runId) ?? []
      this.#waiting.set(runId, [])
    }
    this.#waiting.delete(runId)
  }

  async #recordGroup(runId: RunId, group: Waiting<Item, Receipt>[]): Promise<void> {
    try {
      const receipts = await this.#record(
        runId,
        group.map((entry) => entry.item),
      )
      for (const [index, entry] of group.entries()) entry.resolve(receipts[index]!)
    } catch (error) {
      if (group.length === 1) group[0]!.reject(error)
      else for (const entry of group) await this.#recordGroup(runId, [entry])
    }
  }
}
