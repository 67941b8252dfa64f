import assert from "node:assert/strict"
import { test } from "node:test"
import type { NewLogLine } from "#lib/store/logs.ts"
import { createAttemptLog } from "./attempt-log.ts"

function open(overrides: Partial<Parameters<typeof createAttemptLog>[0]> = {}) {
  const stored: NewLogLine[] = []
  const log = createAttemptLog({
    store: async (lines) => void stored.push(...lines),
    redact: (text) => text.replaceAll("s3cret", "***"),
    maxBytes: 1_000_000,
    onError: (error) => assert.fail(String(error)),
    ...overrides,
  })
  return { log, stored }
}

test("numbers lines from 1, splits them and takes secrets and NULs out", async () => {
  const { log, stored } = open()
  log.write("info", "one\ntwo s3cret")
  log.write("error", "nul \u0000")
  await log.flush()
  assert.deepEqual(
    stored.map(({ line, level, message }) => [line, level, message]),
    [
      [1, "info", "one"],
      [2, "info", "two ***"],
      [3, "error", "nul \ufffd"],
    ],
  )
})

test("keeps no more than the limit and says how much is missing", async () => {
  const { log, stored } = open({ maxBytes: 100 })
  for (let line = 0; line < 50; line++) log.write("info", "0123456789")
  await log.flush()
  assert.equal(stored.length, 11)
  assert.match(stored.at(-1)!.message, /40 more lines were not kept/)
})

test("cuts one enormous line", async () => {
  const { log, stored } = open({ maxBytes: 1_000_000_000 })
  log.write("info", "x".repeat(10_000_000))
  await log.flush()
  assert.ok(stored[0]!.message.length < 20_000)
})

test("makes a fast writer wait while the store is slow", async () => {
  const gate = Promise.withResolvers<void>()
  const { log, stored } = open({
    store: async (lines) => {
      await gate.promise
      stored.push(...lines)
    },
  })
  const waits: Promise<void>[] = []
  for (let line = 0; line < 20_000 && waits.length === 0; line++) {
    const wait = log.write("info", "line")
    if (wait) waits.push(wait)
  }
  assert.equal(waits.length, 1)
  gate.resolve()
  await waits[0]
  await log.flush()
  assert.equal(new Set(stored.map((line) => line.line)).size, stored.length)
})

test("stores a batch again when the first try fails", async () => {
  let tries = 0
  const { log, stored } = open({
    store: async (lines) => {
      if (++tries === 1) throw new Error("connection lost")
      stored.push(...lines)
    },
  })
  log.write("info", "kept")
  await log.flush()
  assert.equal(stored.length, 1)
})
