import assert from "node:assert/strict"
import { test } from "node:test"
import { ProjectError } from "./project-error.ts"
import { readYaml, YamlFloat } from "./read-yaml.ts"

const read = (text: string) => readYaml(text, "a.yml").value

test("reads scalars as PyYAML does", () => {
  const cases: [string, unknown][] = [
    ["yes", true],
    ["Off", false],
    ["y", "y"],
    ["N", "N"],
    ["12:30", 750],
    ["010", 8],
    ["0x1F", 31],
    ["1_000", 1000],
    ["-3", -3],
    ["1e3", "1e3"],
    ["1.5e+3", new YamlFloat(1500)],
    ["1.0", new YamlFloat(1)],
    ["0.5", 0.5],
    ["2020-01-31", "2020-01-31"],
    ["~", null],
    ["''", ""],
    ["'on'", "on"],
    ["1.9.0", "1.9.0"],
  ]
  for (const [text, value] of cases) assert.deepEqual(read(`k: ${text}`), { k: value }, text)
})

test("follows anchors and merges, and takes the last of equal keys", () => {
  assert.deepEqual(read("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\nd2: 1\nd2: 2"), {
    a: { b: 1, c: 2 },
    d: { b: 1, c: 3 },
    d2: 2,
  })
})

test("says where a value stands", () => {
  const yaml = readYaml("a:\n  - b\n  - c: 1\n    d: 2\n", "a.yml")
  assert.deepEqual(yaml.at(["a", 1, "d"]), { line: 4, column: 5 })
  assert.deepEqual(yaml.at(["a", 1, "missing"]), { line: 3, column: 5 })
})

test("names the line of what is no YAML", () => {
  assert.throws(
    () => read("a: [1,\nb: 2"),
    (error: unknown) => {
      assert.ok(error instanceof ProjectError)
      assert.equal(error.line, 2)
      assert.match(error.message, /^a\.yml:2:\d+: not valid YAML/)
      return true
    },
  )
})
