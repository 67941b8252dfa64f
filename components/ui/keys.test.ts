import assert from "node:assert/strict"
import { test } from "node:test"
import { keyName, matchKeys, type Shortcut } from "./keys.ts"

const press = (key: string, fields: Partial<KeyboardEvent> = {}) =>
  keyName({ key, ctrlKey: false, metaKey: false, altKey: false, ...fields })
const shortcut = (keys: string): Shortcut => ({ keys, label: keys, run: () => {} })
const KEYS = [shortcut("r"), shortcut("g r"), shortcut("g p"), shortcut("mod+k"), shortcut("?")]

test("names a key as a shortcut writes it, whichever of Ctrl and ⌘ is held", () => {
  assert.equal(press("J"), "j")
  assert.equal(press("?"), "?")
  assert.equal(press("k", { ctrlKey: true }), "mod+k")
  assert.equal(press("k", { metaKey: true }), "mod+k")
  assert.equal(press("Enter", { ctrlKey: true }), "mod+Enter")
})

test("leaves bare modifiers and Alt combinations to the browser", () => {
  assert.equal(press("Shift"), null)
  assert.equal(press("d", { altKey: true }), null)
})

test("waits after the first key of a sequence and runs it at the second", () => {
  assert.deepEqual(matchKeys(KEYS, "", "g"), { kind: "wait", pending: "g" })
  const match = matchKeys(KEYS, "g", "p")
  assert.equal(match.kind === "run" && match.shortcut.keys, "g p")
})

test("prefers the sequence to the single key that ends it", () => {
  const match = matchKeys(KEYS, "g", "r")
  assert.equal(match.kind === "run" && match.shortcut.keys, "g r")
})

test("takes the key alone where what came before leads nowhere", () => {
  const match = matchKeys(KEYS, "x", "r")
  assert.equal(match.kind === "run" && match.shortcut.keys, "r")
  assert.equal(matchKeys(KEYS, "", "x").kind, "none")
})

test("gives the first of two layers that name the same key", () => {
  const own = shortcut("r")
  const match = matchKeys([own, ...KEYS], "", "r")
  assert.equal(match.kind === "run" && match.shortcut, own)
})
