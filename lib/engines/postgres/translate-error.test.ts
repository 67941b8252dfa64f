import assert from "node:assert/strict"
import { describe, it } from "node:test"
import pg from "pg"
import { AppError } from "#lib/domain/errors.ts"
import { translateError } from "./translate-error.ts"

function databaseError(code: string, message = "it failed", more: Partial<pg.DatabaseError> = {}): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError(message, message.length, "error"), { code, ...more })
}

function translate(error: unknown): AppError {
  const translated = translateError(error, { connection: "shop", where: "x.sql:3" })
  assert.ok(translated instanceof AppError, String(translated))
  return translated
}

describe("translateError", () => {
  const cases: [string, string, AppError["code"], "later" | "never"][] = [
    ["a wrong password", "28P01", "connection.failed", "never"],
    ["an unknown database", "3D000", "connection.failed", "never"],
    ["too many connections", "53300", "connection.failed", "later"],
    ["a server that starts", "57P03", "connection.failed", "later"],
    ["a session ended by the administrator", "57P01", "connection.failed", "later"],
    ["a statement timeout", "57014", "engine.timeout", "later"],
    ["a serialization failure", "40001", "sql.failed", "later"],
    ["a deadlock", "40P01", "sql.failed", "later"],
    ["a lock timeout", "55P03", "sql.failed", "later"],
    ["a full disk", "53100", "sql.failed", "later"],
    ["a syntax error", "42601", "sql.failed", "never"],
    ["a missing right", "42501", "sql.failed", "never"],
    ["a value out of range", "22003", "data.invalid_row", "never"],
    ["a null where none may be", "23502", "data.invalid_row", "never"],
  ]
  for (const [what, state, code, retry] of cases) {
    it(`takes ${what} (${state}) for ${code}, retry ${retry}`, () => {
      const translated = translate(databaseError(state))
      assert.deepEqual([translated.code, translated.retry, translated.where], [code, retry, "x.sql:3"])
    })
  }

  it("leaves values of rows out of what it says", () => {
    const bad = databaseError("22P02", 'invalid input syntax for type integer: "4111 1111 1111 1111"', {
      where: 'COPY t, line 7, column card: "4111 1111 1111 1111"',
    })
    const { message } = translate(bad)
    assert.match(message, /line 7, column "card"/)
    assert.doesNotMatch(message, /4111/)
    const twice = databaseError("23505", 'duplicate key value violates unique constraint "t_pkey"', {
      detail: "Key (card)=(4111) already exists.",
      table: "t",
    })
    assert.doesNotMatch(translate(twice).message, /4111/)
  })

  it("names the connection and its variable when nothing listens", () => {
    const refused = Object.assign(new AggregateError([]), { code: "ECONNREFUSED" })
    const translated = translate(refused)
    assert.match(translated.message, /"shop" failed: nothing listens there; check HEADRACE_CONNECTION_SHOP/)
    assert.equal(translated.retry, "later")
  })

  it("leaves errors alone that are not the driver's", () => {
    const notOurs = [
      new AppError("task.failed", "x"),
      new TypeError("x is not a function"),
      Object.assign(new Error("no such file"), { code: "ENOENT", syscall: "open" }),
      new Error("timeout of the author's own"),
    ]
    for (const error of notOurs) assert.equal(translateError(error, { connection: "shop" }), error)
  })
})
