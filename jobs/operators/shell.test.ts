import assert from "node:assert/strict"
import path from "node:path"
import { describe, test } from "node:test"
import type { JsonObject } from "#lib/contracts/json.ts"
import { shellOptionsSchema } from "#lib/contracts/operators/shell.ts"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import { AppError } from "#lib/domain/errors.ts"
import { isProcessGone } from "#test/is-process-gone.ts"
import { connectionsTo, type LogLines, makeOperatorContext } from "#test/operator-context.ts"
import { shellOperator } from "./shell.ts"

const codeDir = path.resolve(import.meta.dirname, "../../test/fixtures/author")
process.env.DATABASE_URL = "postgresql://secret@127.0.0.1/x"
process.env.HEADRACE_ENV_TOKEN = "token"

function runShell(options: object, given: object = {}) {
  const lines: LogLines = []
  const connections = connectionsTo({ variables: { token: "for-authors" } })
  const context = makeOperatorContext({
    options: shellOptionsSchema.parse(options),
    codeDir,
    lines,
    connections,
    ...given,
  })
  return { lines, result: shellOperator.run(context) }
}

async function lastLine(result: Promise<TaskResultInput>): Promise<unknown> {
  return ((await result).outputs as JsonObject).lastLine
}

async function failureOf(result: Promise<unknown>): Promise<AppError> {
  const error = await result.then(
    () => assert.fail("it did not fail"),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof AppError, String(error))
  return error
}

describe("shell", () => {
  test("runs in the version's folder, logs both streams, and gives its last line", async () => {
    const { lines, result } = runShell({ command: "ls lib; echo; echo oops >&2; echo done" })
    assert.deepEqual((await result).outputs, { exitCode: 0, lastLine: "done" })
    const said = (level: string) => lines.filter((line) => line.level === level).map((line) => line.message)
    assert.deepEqual(said("info"), ["fail.ts", "", "done"])
    assert.deepEqual(said("warn"), ["oops"])
  })

  test("runs in a folder of the version when asked to", async () => {
    assert.equal(await lastLine(runShell({ command: "ls", cwd: "lib" }).result), "fail.ts")
    const error = await failureOf(runShell({ command: "ls", cwd: "scripts" }).result)
    assert.match(error.message, /scripts is not part of this version; name the files/)
  })

  test("sees the variables of its options and nothing secret of the worker", async () => {
    const { lines, result } = runShell({ command: "env | cut -d= -f1", env: { DAY: "2026-03-08", N: 3 } })
    await result
    const names = lines.map((line) => line.message).filter((name) => !["PWD", "SHLVL", "_"].includes(name))
    const allowed = new Set(["DAY", "N", "PATH", "HOME", "LANG", "TZ", "TMPDIR", "NODE_ENV"])
    assert.deepEqual(
      names.filter((name) => !allowed.has(name)),
      [],
    )
    assert.ok(names.includes("DAY"))
  })

  test("takes a secret of the worker only where its options name it", async () => {
    const named = runShell({ command: "echo $AUTH", env: { AUTH: "Bearer {{env.TOKEN}}" } })
    assert.equal(await lastLine(named.result), "Bearer for-authors")
    const missing = await failureOf(runShell({ command: "true", env: { AUTH: "{{env.NOPE}}" } }).result)
    assert.match(missing.message, /needs HEADRACE_ENV_NOPE/)
  })

  test("values of variables are data: bash does not execute them", async () => {
    const { result } = runShell({ command: 'echo "$X"', env: { X: "$(echo injected) `id`; rm" } })
    assert.equal(await lastLine(result), "$(echo injected) `id`; rm")
  })

  test("fails with the exit code and the last line of stderr", async () => {
    const error = await failureOf(runShell({ command: "echo fine; echo no such table >&2; exit 3" }).result)
    assert.equal(error.code, "task.exit_code")
    assert.equal(error.message, "The command ended with exit 3: no such table.")
    assert.deepEqual([error.details.exitCode, error.retry], [3, "later"])
  })

  test("says which signal killed it", async () => {
    const error = await failureOf(runShell({ command: "kill -SEGV $$" }).result)
    assert.deepEqual([error.code, error.details.signal], ["attempt.killed", "SIGSEGV"])
  })

  test("a stop reaches all it started, also what ignores the polite signal", async () => {
    const controller = new AbortController()
    let child = 0
    const { result } = runShell(
      { command: "trap '' TERM; sleep 60 & echo $!; wait; wait; sleep 60" },
      {
        signal: controller.signal,
        log: (_level: string, message: string) => {
          child = Number(message)
          controller.abort(new AppError("attempt.timed_out", "over"))
        },
      },
    )
    assert.equal((await failureOf(result)).code, "attempt.timed_out")
    assert.ok(await isProcessGone(child))
  })

  test("a program left in the background ends with the command and does not hold it up", async () => {
    const started = performance.now()
    const { result } = runShell({ command: "sleep 60 & echo $!" })
    const child = Number(await lastLine(result))
    assert.ok(performance.now() - started < 3_000)
    assert.ok(await isProcessGone(child))
  })

  test("a line without end is cut, not collected", async () => {
    const { lines, result } = runShell({ command: "head -c 3000000 /dev/zero | tr '\\0' x" })
    await result
    assert.equal(lines.length, 1)
    assert.match(lines[0]?.message ?? "", /^x{16384}… \(2983616 more bytes\)$/)
  })
})
