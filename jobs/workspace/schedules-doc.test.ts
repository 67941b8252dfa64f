import assert from "node:assert/strict"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { test } from "node:test"
import { loadWorkspace } from "./load-workspace.ts"

test("the pipelines in docs/schedules.md load without a problem", async () => {
  const page = await readFile(path.join(import.meta.dirname, "../../docs/schedules.md"), "utf8")
  const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code!)
  const dir = await mkdtemp(path.join(os.tmpdir(), "headrace-doc-"))
  try {
    await mkdir(path.join(dir, "pipelines"))
    await Promise.all(blocks.map((code, index) => writeFile(path.join(dir, "pipelines", `block_${index}.ts`), code)))
    const { pipelines, problems } = await loadWorkspace(dir, { connections: [] })
    assert.deepEqual(problems, [])
    assert.deepEqual(pipelines.length, 6)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
