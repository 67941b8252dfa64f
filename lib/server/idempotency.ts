import { createHash } from "node:crypto"
import { setTimeout as delay } from "node:timers/promises"
import type pg from "pg"
import type { JsonObject } from "#lib/contracts/json.ts"
import { AppError } from "#lib/domain/errors.ts"
import { RequestError } from "./http.ts"

export interface StoredAnswer {
  status: number
  body: JsonObject
}

/** How long a request waits for another one with its key, and after what time that one is taken for dead. */
const WAIT_MS = 15_000
const POLL_MS = 50

/**
 * Does `perform` once for a key: a repeated request gets the first one's answer, also when both arrive at once. The same key
 * with another body is refused. A failure is not kept, so it can be tried again with the same key.
 *
 * `perform` gets the time at which the key was first seen. Work that is unique by that time (a manual run is, by its
 * logical time) happens once even if a process died between doing it and storing the answer.
 *
 * @throws AppError `request.invalid` for a key of a wrong form, `request.conflict`.
 */
export async function answerOnce(
  pool: pg.Pool,
  request: { key: string; route: string; body: unknown },
  perform: (firstSeenAt: Date) => Promise<StoredAnswer>,
  { waitMs = WAIT_MS }: { waitMs?: number } = {},
): Promise<StoredAnswer> {
  if (!/^[\x21-\x7e]{1,200}$/.test(request.key)) {
    throw new RequestError("The header Idempotency-Key must be 1 to 200 printable characters without spaces.")
  }
  const hash = createHash("sha256").update(JSON.stringify(request.body)).digest("hex")
  const deadline = Date.now() + waitMs
  for (;;) {
    const row = await reserve(pool, request, hash)
    if (row.isOurs) return await performAndStore(pool, request.key, row.firstSeenAt, perform)
    if (row.route !== request.route || row.hash !== hash) {
      throw new AppError(
        "request.conflict",
        "This Idempotency-Key was used for another request; use a new key for this one.",
      )
    }
    if (row.response) return row.response
    // The first request is at work, or its process died: then its work is done over with its time.
    if (Date.now() >= deadline) return await performAndStore(pool, request.key, row.firstSeenAt, perform)
    await delay(POLL_MS)
  }
}

interface Reservation {
  isOurs: boolean
  route: string
  hash: string
  firstSeenAt: Date
  response: StoredAnswer | null
}

async function reserve(
  pool: pg.Pool,
  { key, route }: { key: string; route: string },
  hash: string,
): Promise<Reservation> {
  const inserted = await pool.query<{ firstSeenAt: Date }>(
    `insert into idempotency_key (key, route, request_hash)
     values ($1, $2, $3)
     on conflict do nothing
     returning created_at as "firstSeenAt"`,
    [key, route, hash],
  )
  if (inserted.rows[0]) return { isOurs: true, route, hash, response: null, ...inserted.rows[0] }
  const found = await pool.query<Omit<Reservation, "isOurs">>(
    `select route, request_hash as hash, created_at as "firstSeenAt", response from idempotency_key where key = $1`,
    [key],
  )
  // Gone again: the first request failed in this moment.
  return found.rows[0] ? { isOurs: false, ...found.rows[0] } : reserve(pool, { key, route }, hash)
}

async function performAndStore(
  pool: pg.Pool,
  key: string,
  firstSeenAt: Date,
  perform: (firstSeenAt: Date) => Promise<StoredAnswer>,
): Promise<StoredAnswer> {
  let answer: StoredAnswer
  try {
    answer = await perform(firstSeenAt)
  } catch (error) {
    await pool.query("delete from idempotency_key where key = $1 and response is null", [key])
    throw error
  }
  await pool.query("update idempotency_key set response = $2 where key = $1", [key, JSON.stringify(answer)])
  return answer
}
