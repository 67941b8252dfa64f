import { JinjaError } from "./errors.ts"

/** The longest text and the largest collection that one operation may make: far beyond need, below what hurts. */
const MAX_TEXT = 50_000_000
const MAX_ITEMS = 5_000_000

/** The most binary digits that an int may have; more is nothing that a template could need. */
const MAX_BITS = 100_000

/** As in Jinja's sandbox, `range` may not give more than this (MAX_RANGE). */
export const MAX_RANGE = 100_000

/** @throws JinjaError of kind `limit` before an operation makes a longer text. */
export function checkLength(length: number): void {
  if (length > MAX_TEXT) throw new JinjaError("limit", `This would make a text of more than ${MAX_TEXT} characters.`)
}

/** @throws JinjaError of kind `limit` before an operation makes a larger collection. */
export function checkItems(count: number): void {
  if (count > MAX_ITEMS) throw new JinjaError("limit", `This would make a collection of more than ${MAX_ITEMS} items.`)
}

/** @throws JinjaError of kind `limit` for an int that is too large to go on with. */
export function checkBits(bits: number): void {
  if (bits > MAX_BITS) throw new JinjaError("limit", `This would make an int of more than ${MAX_BITS} binary digits.`)
}
