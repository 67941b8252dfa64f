import { JinjaError } from "./errors.ts"

/** The largest text or collection that one operation may make: far beyond what a project needs, far below what hurts. */
export const MAX_SIZE = 50_000_000

/** As in Jinja's sandbox, `range` may not give more than this (MAX_RANGE). */
export const MAX_RANGE = 100_000

/** @throws JinjaError of kind `limit` before an operation makes something larger than {@link MAX_SIZE}. */
export function checkSize(size: number): void {
  if (size > MAX_SIZE)
    throw new JinjaError("limit", `This would make a value of more than ${MAX_SIZE} items or characters.`)
}
