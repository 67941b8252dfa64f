import assert from "node:assert/strict"
import path from "node:path"
import { after, describe, test } from "node:test"
import { createAuthorPool } from "#jobs/author/author-pool.ts"
import type { Manifest } from "#lib/contracts/manifest.ts"
import { AppError } from "#lib/domain/errors.ts"
import { type LogLines, makeOperatorContext } from "#test/operator-context.ts"
import { runHook } from "./run-hook.ts"

const codeDir = path.resolve(import.meta.dirname, "../../test/fixtures/author")
const author = createAuthorPool({ size: 1, workspaceDir: codeDir, log: { debug() {}, warn() {} } })
after(() => author.close())

function contextOf(taskId: string, lines: LogLines = []) {
  const manifest = { id: "hooks", file: "pipelines/hooks.ts" } as Manifest
  return makeOperatorContext({ options: {}, manifest, task: { id: taskId }, codeDir, author, lines })
}

describe("runHook", () => {
  test("calls the task's own hook, or else the pipeline's", async () => {
    const lines: LogLines = []
    assert.equal(await runHook(contextOf("plain", lines), "before", null), null)
    assert.equal(await runHook(contextOf("own", lines), "before", null), null)
    assert.deepEqual(
      lines.map((line) => line.message),
      ["before every task", "before this one"],
    )
  })

  test("gives the reason of a hook that skips the task", async () => {
    assert.equal(await runHook(contextOf("skips"), "before", null), "not on Sundays")
  })

  test("fails with the author's line when the hook throws, and logs its stack", async () => {
    const lines: LogLines = []
    await assert.rejects(runHook(contextOf("throws", lines), "after", { rows: 3 }), (error) => {
      assert.ok(error instanceof AppError)
      assert.equal(error.message, "3 rows are too few")
      assert.match(error.where ?? "", /^pipelines\/hooks\.ts:\d+$/)
      return true
    })
    assert.match(lines[0]?.message ?? "", /^Error: 3 rows are too few\n/)
  })
})
