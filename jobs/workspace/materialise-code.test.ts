import assert from "node:assert/strict"
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { after, before, describe, test } from "node:test"
import { AppError } from "#lib/domain/errors.ts"
import { materialiseCode } from "./materialise-code.ts"

const hashOf = (digit: string) => digit.repeat(64)
const files = { "pipelines/x.ts": "export {}\n", "sql/deep/er/x.sql": "select 1" }
let home: string

before(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), "headrace-code-"))
})
after(() => rm(home, { recursive: true }))

describe("materialiseCode", () => {
  test("writes a version's files into a folder named by its hash", async () => {
    const dir = await materialiseCode(home, hashOf("a"), files)
    assert.equal(dir, path.join(home, "code", hashOf("a")))
    for (const [name, text] of Object.entries(files)) assert.equal(await readFile(path.join(dir, name), "utf8"), text)
  })

  test("takes a folder that is there as it is", async () => {
    const dir = await materialiseCode(home, hashOf("a"), files)
    const { ino } = await stat(dir)
    assert.equal((await stat(await materialiseCode(home, hashOf("a"), { "other.ts": "" }))).ino, ino)
  })

  test("done twenty times at once yields one whole folder and no leftovers", async () => {
    const dirs = await Promise.all(Array.from({ length: 20 }, () => materialiseCode(home, hashOf("b"), files)))
    assert.equal(new Set(dirs).size, 1)
    assert.equal(await readFile(path.join(dirs[0]!, "sql/deep/er/x.sql"), "utf8"), "select 1")
    assert.deepEqual((await readdir(path.join(home, "code"))).sort(), [hashOf("a"), hashOf("b")])
  })

  for (const name of ["../outside.ts", "a/../../outside.ts", "/etc/outside", "", "a\0b"]) {
    test(`refuses the path ${JSON.stringify(name)} and leaves nothing`, async () => {
      await assert.rejects(
        materialiseCode(home, hashOf("c"), { ...files, [name]: "x" }),
        (error) => error instanceof AppError && error.code === "workspace.invalid",
      )
      assert.deepEqual((await readdir(path.join(home, "code"))).sort(), [hashOf("a"), hashOf("b")])
    })
  }

  test("refuses a hash that is none", async () => {
    await assert.rejects(materialiseCode(home, "../../etc", files), AppError)
  })
})
