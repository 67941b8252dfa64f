import { AppError } from "../../domain/errors.ts"

/** An opaque cursor that continues after the given sort key. */
export function encodeCursor(key: string): string {
  return Buffer.from(key, "utf8").toString("base64url")
}

/** @throws AppError `request.invalid` for anything that {@link encodeCursor} did not make from a key of `shape`. */
export function decodeCursor(cursor: string, shape: RegExp): string {
  const key = Buffer.from(cursor, "base64url").toString("utf8")
  if (encodeCursor(key) === cursor && shape.test(key)) return key
  throw new AppError("request.invalid", "The cursor is not one that this list gave; leave it out to start at the top.")
}

/** The sort key of lists ordered by id. */
export const ID_KEY = /^\d{1,18}$/
/** The sort key of lists ordered by name. */
export const NAME_KEY = /^[^\0]{1,150}$/

/** Cuts a result read with one row more than `limit` into a page; the extra row only says that there is a next page. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  present: (row: Row) => Item,
  keyOf: (row: Row) => string,
): { items: Item[]; nextCursor: string | null } {
  const page = rows.slice(0, limit)
  return {
    items: page.map(present),
    nextCursor: rows.length > limit ? encodeCursor(keyOf(page.at(-1)!)) : null,
  }
}
