interface Waiting<Item, Receipt> {
  item: Item
  resolve: (receipt: Receipt) => void
  reject: (error: unknown) => void
}

export interface BatcherOptions<Item, Receipt> {
  /** Records all of them or none, and gives a receipt for each in their order. */
  record(items: Item[]): Promise<Receipt[]>
  /** Groups under way at a time: while one waits for the disk, the next is under way already. */
  maxInFlight: number
  /** Items of a group at most. */
  maxItems: number
  /** True for an error that smaller groups would meet as well, such as a lost connection. */
  isForAll(error: unknown): boolean
}

/**
 * Group commit: what arrives while groups are under way waits and goes together in the next, so the busier it is, the less
 * each item costs; an item alone goes at once. A group that fails is halved and tried again, so that one bad item does not
 * take the others along.
 */
export class Batcher<Item, Receipt> {
  readonly #options: BatcherOptions<Item, Receipt>
  #waiting: Waiting<Item, Receipt>[] = []
  #inFlight = 0

  constructor(options: BatcherOptions<Item, Receipt>) {
    this.#options = options
  }

  submit(item: Item): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      // What is submitted in the same turn, such as the tasks of one claim that do nothing, belongs together.
      if (this.#waiting.length === 1) queueMicrotask(() => this.#begin())
    })
  }

  #begin(): void {
    const { maxInFlight, maxItems } = this.#options
    while (this.#waiting.length > 0 && this.#inFlight < maxInFlight) {
      const group = this.#waiting.splice(0, maxItems)
      this.#inFlight++
      void this.#recordGroup(group).finally(() => {
        this.#inFlight--
        this.#begin()
      })
    }
  }

  async #recordGroup(group: Waiting<Item, Receipt>[]): Promise<void> {
    try {
      const receipts = await this.#options.record(group.map((entry) => entry.item))
      for (const [index, entry] of group.entries()) entry.resolve(receipts[index]!)
    } catch (error) {
      if (group.length === 1 || this.#options.isForAll(error)) {
        for (const entry of group) entry.reject(error)
        return
      }
      const middle = Math.ceil(group.length / 2)
      await this.#recordGroup(group.slice(0, middle))
      await this.#recordGroup(group.slice(middle))
    }
  }
}
