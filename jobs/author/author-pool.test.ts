import assert from "node:assert/strict"
import path from "node:path"
import { after, describe, test } from "node:test"
import type { RunContext } from "#jobs/operators/operator.ts"
import type { RunId } from "#lib/domain/ids.ts"
import { isProcessGone } from "#test/is-process-gone.ts"
import type { AuthorCall, AuthorOutcome } from "./author-call.ts"
import { createAuthorPool } from "./author-pool.ts"

const codeDir = path.resolve(import.meta.dirname, "../../test/fixtures/author")
const quiet = { debug() {}, warn() {} }

process.env.DATABASE_URL = "postgresql://secret@127.0.0.1/x"
process.env.HEADRACE_CONNECTION_SHOP = "postgresql://secret@127.0.0.1/shop"
process.env.AWS_SECRET_ACCESS_KEY = "secret"
process.env.HEADRACE_ENV_TOKEN = "for-authors"

const pool = createAuthorPool({ size: 2, workspaceDir: codeDir, log: quiet })
after(() => pool.close())

const run: RunContext = {
  runId: "7" as RunId,
  pipelineId: "behaviours",
  kind: "manual",
  logicalAt: "2026-03-08T00:00:00.000Z",
  intervalStart: "2026-03-07T00:00:00.000Z",
  intervalEnd: "2026-03-08T00:00:00.000Z",
  partitionKey: "2026-03-07",
  partitionKeys: ["2026-03-07"],
  partition: { time: "2026-03-07", key: null },
  params: { day: "2026-03-07" },
}

function callOf(taskId: string, more: Partial<AuthorCall> = {}): AuthorCall & { lines: string[] } {
  const lines: string[] = []
  return {
    codeDir,
    file: "pipelines/behaviours.ts",
    pipelineId: "behaviours",
    taskId,
    hook: "main",
    input: {},
    run,
    attemptId: "12",
    attemptNumber: 2,
    timeoutMs: null,
    memoryMb: 512,
    signal: new AbortController().signal,
    log: (level, message) => void lines.push(`${level} ${message}`),
    lines,
    ...more,
  }
}

/** Calls a task; `log` waits for a line, so that a test acts at a known moment. */
async function callTask(taskId: string, more: Partial<AuthorCall> = {}) {
  const call = callOf(taskId, more)
  return { outcome: await pool.run(call), lines: call.lines }
}

function outputOf(outcome: AuthorOutcome): Record<string, unknown> {
  assert.equal(outcome.kind, "done", JSON.stringify(outcome))
  return (outcome as { output: Record<string, unknown> }).output
}

function failureOf(outcome: AuthorOutcome) {
  assert.equal(outcome.kind, "threw", JSON.stringify(outcome))
  return (outcome as Extract<AuthorOutcome, { kind: "threw" }>).failure
}

describe("a call", () => {
  test("gives inputs and context to the function and returns its outputs", async () => {
    const { outcome } = await callTask("echo", { input: { rows: 3, at: new Date(0) } })
    assert.deepEqual(outputOf(outcome), {
      inputs: { rows: 3, at: "1970-01-01T00:00:00.000Z" },
      day: "2026-03-07",
      run: "7",
      attempt: 2,
    })
  })

  test("that returns nothing has no outputs", async () => {
    assert.deepEqual(outputOf((await callTask("nothing")).outcome), {})
  })

  test("has all it printed in the log when it is over, with levels and in order", async () => {
    const { lines } = await callTask("print")
    assert.deepEqual(lines, [
      "info one 1",
      "error two",
      "warn three",
      "debug four",
      "info five",
      "error six",
      "error seven",
      "info half",
    ])
  })

  test("runs hooks with the task's context and outputs", async () => {
    assert.deepEqual((await callTask("hooked", { hook: "before", input: null })).lines, ["info before"])
    assert.deepEqual((await callTask("hooked", { hook: "after", input: { rows: 1 } })).lines, ['info after {"rows":1}'])
  })

  test("may end the task as skipped", async () => {
    assert.deepEqual((await callTask("skip")).outcome, { kind: "skipped", reason: "nothing to do" })
  })

  test("queries through the worker", async () => {
    const query = async (connection: string, text: string, params: unknown[]) => [{ connection, text, n: params[0] }]
    assert.deepEqual(outputOf((await callTask("query", { query })).outcome), {
      rows: [{ connection: "warehouse", text: "select $1::int as n", n: 7 }],
    })
  })

  test("sees a query's failure at its own line", async () => {
    const query = async () => Promise.reject(new Error("relation x does not exist"))
    const failure = failureOf((await callTask("query", { query })).outcome)
    assert.equal(failure.message, "relation x does not exist")
    assert.match(failure.where ?? "", /^pipelines\/behaviours\.ts:\d+$/)
  })

  test("reuses a warm process and the modules loaded in it", async () => {
    const one = createAuthorPool({ size: 1, workspaceDir: codeDir, log: quiet })
    const first = outputOf(await one.run(callOf("count_calls")))
    const second = outputOf(await one.run(callOf("count_calls")))
    await one.close()
    assert.deepEqual(second, { calls: 2, pid: first.pid })
  })

  test("gets a new process after 200 others, so that what they leaked is gone", async () => {
    const one = createAuthorPool({ size: 1, workspaceDir: codeDir, log: quiet })
    const pids = new Set<unknown>()
    for (let index = 0; index < 200; index++) pids.add(outputOf(await one.run(callOf("count_calls"))).pid)
    assert.equal(pids.size, 1)
    assert.equal(pids.has(outputOf(await one.run(callOf("count_calls"))).pid), false)
    await one.close()
  })

  test("sees no credentials of ours, only what is allowed", async () => {
    const names = outputOf((await callTask("environment")).outcome).names as string[]
    assert.ok(names.includes("HEADRACE_ENV_TOKEN"))
    const allowed = new Set(["PATH", "HOME", "LANG", "TZ", "TMPDIR", "NODE_ENV", "HEADRACE_ENV_TOKEN"])
    assert.deepEqual(
      names.filter((name) => !allowed.has(name)),
      [],
    )
  })
})

describe("a call that throws", () => {
  test("names message, file and line of the author's code, and no frame of ours", async () => {
    const failure = failureOf((await callTask("throw_in_helper")).outcome)
    assert.equal(failure.message, "no such customer: 42")
    assert.equal(failure.where, "lib/fail.ts:2")
    assert.equal(failure.retry, "later")
    assert.match(
      failure.stack ?? "",
      /^TypeError: no such customer: 42\n {4}at fail \(lib\/fail\.ts:2:\d+\)\n.*behaviours\.ts:\d+/,
    )
    assert.doesNotMatch(failure.stack ?? "", /node:|jobs\/author|lib\/sdk/)
  })

  test("may throw anything", async () => {
    const failure = failureOf((await callTask("throw_text")).outcome)
    assert.deepEqual([failure.message, failure.where, failure.stack], ["just text", null, null])
  })

  test("may say that a retry cannot help", async () => {
    assert.equal(failureOf((await callTask("throw_final")).outcome).retry, "never")
  })

  test("may say what kind of failure it is and when to come back", async () => {
    const later = failureOf((await callTask("fail_later")).outcome)
    assert.deepEqual(
      [later.message, later.kind, later.retry, later.retryAfterMs, later.group],
      ["no file yet", "external", "later", 600_000, "crm"],
    )
    assert.match(later.where ?? "", /^pipelines\/behaviours\.ts:\d+$/)
    const never = failureOf((await callTask("throw_task_error")).outcome)
    assert.deepEqual([never.kind, never.retry, never.retryAfterMs], ["data", "never", undefined])
  })

  test("from a timer fails the call instead of hanging it", async () => {
    const failure = failureOf((await callTask("throw_in_timer")).outcome)
    assert.deepEqual([failure.message, failure.where], ["late", "lib/fail.ts:2"])
  })

  test("is told when what it returns is no object, or too large", async () => {
    assert.match(failureOf((await callTask("return_array")).outcome).message, /returned an array; return an object/)
    const large = failureOf((await callTask("return_much")).outcome)
    assert.deepEqual([large.code, large.retry], ["task.output_too_large", "never"])
  })

  test("names a task that the file does not declare", async () => {
    assert.match(failureOf((await callTask("no_such_task")).outcome).message, /did not declare task "no_such_task"/)
  })
})

describe("a call that must be stopped", () => {
  test("is killed at its time limit in the middle of an endless loop, with its log kept", async () => {
    const { outcome, lines } = await callTask("loop", { timeoutMs: 100 })
    assert.deepEqual(outcome, { kind: "timed_out" })
    assert.deepEqual(lines, ["info looping"])
  })

  test("may clean up when it listens to the signal, and is cancelled all the same", async () => {
    const controller = new AbortController()
    const lines: string[] = []
    const started = performance.now()
    const { outcome } = await callTask("wait", {
      signal: controller.signal,
      log: (_level, message) => {
        lines.push(message)
        if (message === "waiting") controller.abort()
      },
    })
    assert.deepEqual(outcome, { kind: "cancelled" })
    assert.deepEqual(lines, ["waiting", "told to stop"])
    assert.ok(performance.now() - started < 1_900, "it does not wait for the kill")
  })

  test("ends at once when it is cancelled before it has a process", async () => {
    assert.deepEqual((await callTask("echo", { signal: AbortSignal.abort() })).outcome, { kind: "cancelled" })
  })

  test("gives up its place in the line when it is cancelled there", async () => {
    const one = createAuthorPool({ size: 1, workspaceDir: codeDir, log: quiet })
    const holder = await one.open(callOf("echo"))
    const controller = new AbortController()
    const waiting = one.run(callOf("echo", { signal: controller.signal }))
    const next = one.run(callOf("echo"))
    controller.abort()
    assert.deepEqual(await waiting, { kind: "cancelled" })
    await holder.close()
    assert.equal((await next).kind, "done")
    await one.close()
  })

  test("takes the programs it started with it", async () => {
    const controller = new AbortController()
    let child = 0
    const { outcome } = await callTask("start_child", {
      signal: controller.signal,
      log: (_level, message) => {
        child = Number(/child (\d+)/.exec(message)?.[1])
        controller.abort()
      },
    })
    assert.equal(outcome.kind, "cancelled")
    assert.ok(await isProcessGone(child))
  })
})

describe("a call that takes too much memory", () => {
  for (const taskId of ["fill_heap", "fill_buffers"]) {
    test(`is killed as out of memory, with its log up to the death (${taskId})`, async () => {
      const { outcome, lines } = await callTask(taskId, { memoryMb: 96 })
      assert.equal(outcome.kind, "out_of_memory", JSON.stringify(outcome))
      assert.equal((outcome as { exitCode: number }).exitCode, 137)
      assert.match((outcome as { detail: string }).detail, /^killed \(out of memory\), exit 137: /)
      assert.match(lines[0] ?? "", /^info filling/)
    })
  }
})

describe("a process that ends by itself", () => {
  test("is reported with its exit code", async () => {
    const { outcome } = await callTask("exit")
    assert.deepEqual(outcome, {
      kind: "killed",
      exitCode: 3,
      signal: null,
      detail: "the code ended its process with exit 3",
    })
  })

  test("is reported with its signal", async () => {
    const { outcome } = await callTask("kill_itself")
    // Where the kernel does not count its own kills, a SIGKILL is taken for one.
    if (outcome.kind === "out_of_memory") assert.equal(outcome.exitCode, 137)
    else
      assert.deepEqual(outcome, {
        kind: "killed",
        exitCode: 137,
        signal: "SIGKILL",
        detail: "killed by SIGKILL, exit 137",
      })
  })

  test("does not hurt the calls after it", async () => {
    assert.equal((await callTask("echo")).outcome.kind, "done")
  })
})

describe("what a call leaves behind", () => {
  test("a program that still runs ends with the process, which serves nobody else", async () => {
    const one = createAuthorPool({ size: 1, workspaceDir: codeDir, log: quiet })
    const left = outputOf(await one.run(callOf("leave_child")))
    assert.ok(await isProcessGone(Number(left.child)))
    assert.notEqual(outputOf(await one.run(callOf("count_calls"))).pid, left.pid)
    await one.close()
  })

  test("a timer that still runs costs the process", async () => {
    const one = createAuthorPool({ size: 1, workspaceDir: codeDir, log: quiet })
    const left = outputOf(await one.run(callOf("leave_timer")))
    assert.notEqual(outputOf(await one.run(callOf("count_calls"))).pid, left.pid)
    await one.close()
  })
})

describe("output without end", () => {
  test("slows down to the pace of a slow log instead of filling memory", async () => {
    let received = 0
    const before = process.memoryUsage.rss()
    const { outcome } = await callTask("flood", {
      input: { lines: 50_000 },
      log: async () => {
        received += 1
        if (received % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
      },
    })
    assert.equal(received, 50_000)
    assert.ok(Number(outputOf(outcome).rssMb) < 300, "the child buffers nothing")
    assert.ok(process.memoryUsage.rss() - before < 100 * 1024 * 1024, "the worker buffers nothing")
  })

  test("keeps the start of a line that is too long, and says how much is missing", async () => {
    const { lines } = await callTask("long_line")
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? "", /^info y+… \(983616 more characters\)$/)
  })
})

describe("a session", () => {
  test("calls transform and validate batch by batch in one process", async () => {
    const session = await pool.open(callOf("load"))
    const first = await session.send("transform", [{ n: 1 }, { n: -1 }, { n: 2 }])
    const second = await session.send("transform", [{ n: 500 }])
    const verdicts = await session.send("validate", [{ n: 1 }, { n: 500 }, { n: 13 }])
    await session.close()
    const [a, b] = [first, second].map(
      (outcome) => outputOf(outcome) as unknown as { n: number; at: Date; calls: number }[],
    )
    assert.deepEqual(
      a!.map((row) => row.n),
      [1, 2],
    )
    assert.deepEqual(a![0]!.at, new Date(0))
    assert.equal(b![0]!.calls - a![0]!.calls, 1)
    assert.deepEqual(outputOf(verdicts), [null, "n is 500", "rejected by validate"])
  })

  test("that was cancelled answers every later batch with cancelled", async () => {
    const controller = new AbortController()
    const session = await pool.open(callOf("load", { signal: controller.signal }))
    assert.equal((await session.send("transform", [])).kind, "done")
    controller.abort()
    assert.deepEqual(await session.send("transform", []), { kind: "cancelled" })
    assert.deepEqual(await session.send("transform", []), { kind: "cancelled" })
    await session.close()
  })
})

test("closing the pool ends running calls and all processes", async () => {
  const one = createAuthorPool({ size: 1, workspaceDir: codeDir, log: quiet })
  const { pid } = outputOf(await one.run(callOf("count_calls")))
  let onStart = () => {}
  const started = new Promise<void>((resolve) => {
    onStart = resolve
  })
  const running = one.run(callOf("wait", { log: () => onStart() }))
  await started
  await one.close()
  assert.equal((await running).kind, "killed")
  assert.ok(await isProcessGone(Number(pid)))
})
