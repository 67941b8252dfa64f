import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import path from "node:path"
import { test } from "node:test"
import { missingLines, readTutorial } from "./tutorial-blocks.ts"

const page = ["# Title", "```sh run", "one", "two", "```", "```sh", "not run", "```", "```text shows", "a … c", "```"]

test("reads the marked blocks, each with what it shows", () => {
  assert.deepEqual(readTutorial(page.join("\n")), [{ mode: "run", line: 2, script: "one\ntwo", shows: ["a … c"] }])
})

test("compares promised lines with whole lines, whatever the spaces", () => {
  assert.deepEqual(missingLines(["a … c"], "x\n  a   b  c\n"), [])
  assert.deepEqual(missingLines(["a … c", "… c"], "xa b c"), ["a … c"])
  assert.deepEqual(missingLines(["1+1 …"], "11 x"), ["1+1 …"])
})

test("every block of the tutorial that shows something follows one that is run", () => {
  const blocks = readTutorial(readFileSync(path.join(import.meta.dirname, "../docs/tutorial.md"), "utf8"))
  assert.equal(blocks[0]?.mode, "start")
  assert.ok(blocks.filter(({ shows }) => shows.length > 0).length >= 8)
})
