/**
 * A stream of numbers in [0, 1), the same for the same seed and name on every machine.
 *
 * mulberry32 (Tommy Ettinger's, in bryc's public-domain form): 32 bits of state and integer arithmetic only, so no
 * platform's floating-point library can change a row. Good enough to draw a shop's customers; not for secrets.
 * Each table draws from a stream of its own, so that asking for more products leaves the customers as they were.
 */
export function randomStream(seed: number, name: string): () => number {
  let state = fnv1a(`${seed}:${name}`)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** An integer from `low` to `high`, both included. */
export function between(random: () => number, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1))
}

/** One of the items, each as likely as the others. */
export function pick<Item>(random: () => number, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)] as Item
}

/** One of the items, as likely as its weight says; weights are positive and need not sum to anything. */
export function pickWeighted<Item>(random: () => number, items: readonly (readonly [Item, number])[]): Item {
  let left = random() * items.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [item, weight] of items) {
    left -= weight
    if (left < 0) return item
  }
  return (items.at(-1) as readonly [Item, number])[0]
}

/** 32-bit FNV-1a: spreads neighbouring seeds over the whole state. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash
}
