import assert from "node:assert/strict"
import path from "node:path"
import { after, describe, test } from "node:test"
import { createAuthorPool } from "#jobs/author/author-pool.ts"
import type { Manifest, ManifestTask } from "#lib/contracts/manifest.ts"
import { branchOptionsSchema, shortCircuitOptionsSchema } from "#lib/contracts/operators/choice.ts"
import { makeManifestTask } from "#test/factories.ts"
import { makeOperatorContext } from "#test/operator-context.ts"
import { branchOperator, shortCircuitOperator } from "./choice.ts"

const codeDir = path.resolve(import.meta.dirname, "../../test/fixtures/author")
const author = createAuthorPool({ size: 1, workspaceDir: codeDir, log: { debug() {}, warn() {} } })
after(() => author.close())

const tasks: ManifestTask[] = [
  makeManifestTask({ id: "big", upstream: ["by_handle", "unknown", "strange"] }),
  makeManifestTask({ id: "small", upstream: ["by_handle"] }),
  makeManifestTask({ id: "gate" }),
  makeManifestTask({ id: "next", upstream: ["gate"] }),
  makeManifestTask({ id: "far", upstream: ["next"], triggerRule: "all_done" }),
]

function contextOf<Options>(taskId: string, options: Options) {
  const manifest = { id: "choices", file: "pipelines/choices.ts", tasks } as Manifest
  return makeOperatorContext({ options, manifest, task: { id: taskId }, codeDir, author })
}

describe("branch", () => {
  const runBranch = (taskId: string, options: object = {}) =>
    branchOperator.run(contextOf(taskId, branchOptionsSchema.parse(options)))

  test("follows the tasks whose handles it gives, and skips the others", async () => {
    assert.deepEqual(await runBranch("by_handle", { inputs: { rows: 3 } }), {
      outputs: { follow: ["big"] },
      skips: { taskIds: ["small"], reason: "Branch by_handle followed big." },
    })
  })

  test("skips all for null", async () => {
    const { skips } = await runBranch("by_handle", { inputs: { rows: 1 } })
    assert.deepEqual(skips, { taskIds: ["big", "small"], reason: "Branch by_handle followed no task." })
  })

  test("fails where it names what is not directly after it, and says what is", async () => {
    await assert.rejects(runBranch("unknown"), (error: Error) => {
      assert.match(
        error.message,
        /names "list", which is not directly after unknown; return the ids of such tasks \(big\)/,
      )
      return true
    })
    await assert.rejects(runBranch("strange"), /returned something that is no task/)
  })
})

test("shortCircuit skips what is behind it for a falsy answer, far or near", async () => {
  const run = (options: object) => shortCircuitOperator.run(contextOf("gate", shortCircuitOptionsSchema.parse(options)))
  assert.deepEqual(await run({ inputs: { rows: 1 } }), { outputs: { proceed: true }, skips: null })
  assert.deepEqual(await run({ inputs: { rows: 0 } }), {
    outputs: { proceed: false },
    skips: { taskIds: ["next", "far"], reason: "Short-circuit gate went no further." },
  })
  const direct = await run({ inputs: { rows: 0 }, ignoreDownstreamTriggerRules: false })
  assert.deepEqual(direct.skips?.taskIds, ["next"])
})
