import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { SqlError, type StatementAnswer } from "./database.ts"
import { TransactionalDatabase } from "./transaction.ts"

/** A session that keeps what it was sent, and answers each statement with its own text. */
function open({ fails }: { fails?: SqlError } = {}) {
  const sent: string[] = []
  const database = new TransactionalDatabase({
    run(sql) {
      sent.push(sql.replaceAll("\n", " "))
      if (fails && sql.includes(fails.sql)) throw fails
      return sql.split(";").flatMap((tag): StatementAnswer[] => {
        return tag.trim() === "" ? [] : [{ tag: tag.trim(), rowCount: null, fields: [], rows: [] }]
      })
    },
    copyIn: (sql) => void sent.push(sql),
  })
  return { database, sent }
}

describe("a session's transaction", () => {
  test("begins with the first statement, whose answer is its own", () => {
    const { database, sent } = open()
    database.begin()
    database.begin()
    assert.deepEqual(
      database.run("select 1").map(({ tag }) => tag),
      ["select 1"],
    )
    database.commit()
    assert.deepEqual(sent, ["begin; select 1", "commit"])
  })

  test("gives the answer to a question that went along with another statement", () => {
    const { database, sent } = open()
    const heard: string[] = []
    database.begin()
    database.defer("select 'what is there'", ({ tag }) => heard.push(tag))
    database.defer("savepoint here")
    assert.deepEqual(
      database.run("select 1").map(({ tag }) => tag),
      ["select 1"],
    )
    assert.deepEqual(heard, ["select 'what is there'"])
    assert.deepEqual(sent, ["begin; select 'what is there'; savepoint here; select 1"])
  })

  test("commits with its last statements", () => {
    const { database, sent } = open()
    database.begin()
    database.run("select 1")
    database.runAndCommit("drop table a")
    database.commit()
    assert.deepEqual(sent, ["begin; select 1", "drop table a; commit"])
  })

  test("of which nothing came sends nothing", () => {
    const { database, sent } = open()
    database.begin()
    database.commit()
    database.begin()
    database.rollback()
    assert.deepEqual(sent, [])
  })

  test("is left to who lends the session", () => {
    const { database, sent } = open()
    database.isManaged = true
    database.begin()
    database.run("select 1")
    database.runAndCommit("select 2")
    assert.deepEqual(sent, ["select 1", "select 2"])
  })

  test("stands open where its last statements fail, for who can go on", () => {
    const { database, sent } = open({ fails: failure("drop table a", null) })
    database.begin()
    assert.throws(() => database.runAndCommit("drop table a"), SqlError)
    database.rollback()
    assert.deepEqual(sent, ["begin; drop table a; commit", "rollback"])
  })

  test("is begun before rows are copied in", () => {
    const { database, sent } = open()
    database.begin()
    database.copyIn("copy a from stdin", "1\n")
    assert.deepEqual(sent, ["begin; ", "copy a from stdin"])
  })
})

test("An error's position is counted in the statement, not in what went before it.", () => {
  const { database } = open({ fails: failure("select x", "begin;\n".length + 8) })
  database.begin()
  const error = catchError(() => database.run("select x"))
  assert.equal(error.position, 8)
  assert.equal(error.sql, "select x")
})

test("A text without a statement is answered with nothing.", () => {
  const { database } = open()
  database.begin()
  assert.equal(database.run("").at(-1)!.tag, "")
})

function failure(sql: string, position: number | null): SqlError {
  return new SqlError({ message: "no", sqlState: "42P01", hint: null, position }, sql)
}

function catchError(work: () => unknown): SqlError {
  try {
    work()
  } catch (error) {
    return error as SqlError
  }
  throw new Error("It did not fail.")
}
