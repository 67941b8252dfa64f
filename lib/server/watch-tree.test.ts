import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterEach, beforeEach, test } from "node:test"
import { watchTree } from "./watch-tree.ts"

let dir: string
let watcher: { close(): void }
let seen: string[]
let wake = () => {}

beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), "headrace-watch-"))
  mkdirSync(path.join(dir, "sql/marts"), { recursive: true })
  write("sql/marts/orders.sql")
  seen = []
  watcher = watchTree(
    dir,
    (file) => {
      seen.push(file)
      wake()
    },
    { isIgnored: (name) => name === "node_modules" },
  )
})

afterEach(() => {
  watcher.close()
  rmSync(dir, { recursive: true })
})

test("a file that is replaced by renaming is seen each time", { timeout: 5_000 }, async () => {
  for (let edit = 1; edit <= 3; edit++) {
    seen.length = 0
    write("sql/marts/orders.sql.new")
    renameSync(path.join(dir, "sql/marts/orders.sql.new"), path.join(dir, "sql/marts/orders.sql"))
    await sees("sql/marts/orders.sql")
  }
})

test("what lies in a folder that came later is seen", { timeout: 5_000 }, async () => {
  mkdirSync(path.join(dir, "pipelines/nested"), { recursive: true })
  await sees("pipelines")
  write("pipelines/nested/daily.ts")
  await sees("pipelines/nested/daily.ts")
})

test("a folder that was removed and made again is watched again", { timeout: 5_000 }, async () => {
  rmSync(path.join(dir, "sql/marts"), { recursive: true })
  await sees("sql/marts")
  seen.length = 0
  mkdirSync(path.join(dir, "sql/marts"))
  await sees("sql/marts")
  write("sql/marts/orders.sql")
  await sees("sql/marts/orders.sql")
})

test("ignored names are not seen", { timeout: 5_000 }, async () => {
  mkdirSync(path.join(dir, "node_modules"))
  write("node_modules/package.ts")
  write("later.ts")
  await sees("later.ts")
  assert.deepEqual(
    seen.filter((file) => file.startsWith("node_modules")),
    [],
  )
})

function write(file: string): void {
  writeFileSync(path.join(dir, file), String(Math.random()))
}

async function sees(file: string): Promise<void> {
  while (!seen.includes(file)) {
    const { promise, resolve } = Promise.withResolvers<void>()
    wake = resolve
    // The watcher alone keeps no process alive.
    const keepAlive = setTimeout(() => {}, 10_000)
    await promise
    clearTimeout(keepAlive)
  }
}
