import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { afterEach, beforeEach, describe, test } from "node:test"
import { watchWorkspace } from "./watch-workspace.ts"

let dir: string
let watcher: { close(): void }
let changes = 0
let onNext = () => {}

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), "headrace-watch-"))
  await mkdir(path.join(dir, "pipelines"))
  await mkdir(path.join(dir, "node_modules"))
  await mkdir(path.join(dir, ".git"))
  changes = 0
  watcher = watchWorkspace(dir, () => {
    changes += 1
    onNext()
  })
})
afterEach(async () => {
  watcher.close()
  await rm(dir, { recursive: true, force: true })
})

/** Resolves with the next call. The timer only turns a hang into a failure. */
function nextChange(): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no change was seen")), 10_000)
    onNext = () => {
      clearTimeout(timer)
      resolve()
    }
  })
}

describe("watchWorkspace", () => {
  test("tells of a new file, also in a folder that is new itself", async () => {
    const first = nextChange()
    await mkdir(path.join(dir, "sql/marts"), { recursive: true })
    await first
    const second = nextChange()
    await writeFile(path.join(dir, "sql/marts/x.sql"), "select 1")
    await second
  })

  test("tells once of edits that come together", async () => {
    const change = nextChange()
    for (let index = 0; index < 20; index++) writeFileSync(path.join(dir, `pipelines/${index}.ts`), "")
    await change
    assert.equal(changes, 1)
  })

  test("survives editors that write beside the file and rename", async () => {
    const file = path.join(dir, "pipelines/x.ts")
    for (const text of ["1", "2", "3"]) {
      const change = nextChange()
      await writeFile(`${file}.tmp`, text)
      await rename(`${file}.tmp`, file)
      await change
    }
  })

  test("sees a file replaced from elsewhere, again and again", async () => {
    const elsewhere = await mkdtemp(path.join(os.tmpdir(), "headrace-watch-"))
    const file = path.join(dir, "pipelines/x.ts")
    const created = nextChange()
    await writeFile(file, "0")
    await created
    for (const text of ["1", "2", "3"]) {
      const change = nextChange()
      await writeFile(path.join(elsewhere, "x.ts"), text)
      await rename(path.join(elsewhere, "x.ts"), file)
      await change
    }
    await rm(elsewhere, { recursive: true })
  })

  test("does not look at installed packages and git's files", async () => {
    const change = nextChange()
    await writeFile(path.join(dir, "node_modules/x.js"), "")
    await writeFile(path.join(dir, ".git/index"), "")
    // Comes after both, so whatever they caused has come too.
    await writeFile(path.join(dir, "pipelines/x.ts"), "")
    await change
    assert.equal(changes, 1)
  })

  test("is silent once closed", async () => {
    watcher.close()
    await writeFile(path.join(dir, "pipelines/x.ts"), "")
    const other = watchWorkspace(dir, () => onNext())
    const change = nextChange()
    await writeFile(path.join(dir, "pipelines/y.ts"), "")
    await change
    other.close()
    assert.equal(changes, 0)
  })

  test("follows the folder when it is replaced by another", async () => {
    const replaced = nextChange()
    await rename(dir, `${dir}-away`)
    await mkdir(path.join(dir, "pipelines"), { recursive: true })
    await replaced
    const edited = nextChange()
    await writeFile(path.join(dir, "pipelines/x.ts"), "")
    await edited
    await rm(`${dir}-away`, { recursive: true })
  })
})
