import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { parseSelection } from "./parse-selection.ts"
import { selectNodes } from "./select-nodes.ts"
import type { Selectable } from "./selectable.ts"
import { SelectionError } from "./selection-error.ts"
import { buildSelectionGraph } from "./selection-graph.ts"
import { parseYamlSelectors } from "./yaml-selectors.ts"

/** a → b → c → d; a test of b and c. */
const graph = buildSelectionGraph([
  model("a", [], ["nightly"]),
  model("b", ["a"], ["nightly", "daily"]),
  model("c", ["b"], ["daily"]),
  model("d", ["c"], []),
  { ...model("t", ["b", "c"], []), resourceType: "test", test: { kind: "generic", name: "same" } },
])

function model(name: string, dependsOn: string[], tags: string[]): Selectable {
  return {
    id: name,
    resourceType: "model",
    name,
    package: "shop",
    fqn: ["shop", name],
    tags,
    originalFilePath: `models/${name}.sql`,
    propertiesPath: null,
    config: { meta: { size: 3 } },
    group: null,
    access: null,
    version: null,
    latestVersion: null,
    dependsOn,
    test: null,
    sourceName: null,
    fingerprint: null,
  }
}

function select(definition: unknown): string {
  const { specs } = parseYamlSelectors({ selectors: [{ name: "it", definition }] })
  return selectNodes(graph, specs.get("it")!).ids.join(" ")
}

describe("definitions", () => {
  const EXAMPLES: [string, unknown, string][] = [
    ["a text is read as on the command line", "+tag:daily", "a b c t"],
    ["a text may join and narrow down", "tag:nightly,tag:daily d", "b d t"],
    ["one key is a method", { tag: "nightly" }, "a b t"],
    ["a method may have a path and a value that is no text", { "config.meta.size": 3 }, "a b c d t"],
    ["a full definition has a method and a value", { method: "fqn", value: "*" }, "a b c d t"],
    [
      "children and parents reach all the way",
      { method: "fqn", value: "b", children: true, parents: true },
      "a b c d t",
    ],
    ["depths limit them", { method: "fqn", value: "b", children: true, children_depth: 1 }, "b c t"],
    ["a depth without its direction reaches nowhere", { method: "fqn", value: "d", parents_depth: 1 }, "d"],
    ["childrens_parents is @", { method: "fqn", value: "c", childrens_parents: true }, "a b c d t"],
    ["exclude takes away", { method: "tag", value: "nightly", exclude: ["tag:daily"] }, "a"],
    ["a union joins", { union: ["a", { tag: "daily" }] }, "a b c t"],
    ["an intersection narrows down", { intersection: [{ tag: "nightly" }, "tag:daily"] }, "b t"],
    ["exclude in a union is applied last", { union: [{ exclude: ["b"] }, "tag:nightly", "d"] }, "a d"],
    ["an intersection may exclude", { intersection: ["tag:daily", { exclude: ["c"] }] }, "b"],
    [
      "sets stand in sets",
      { union: [{ intersection: ["@a", "tag:nightly"] }, "d", { exclude: [{ intersection: ["a", "tag:nightly"] }] }] },
      "b d t",
    ],
    ["a criterion has its own way with tests", { method: "fqn", value: "b", indirect_selection: "cautious" }, "b"],
    ["empty takes no tests", { method: "fqn", value: "b", indirect_selection: "empty" }, "b"],
  ]
  for (const [says, definition, expected] of EXAMPLES) {
    test(says, () => assert.equal(select(definition), expected))
  }
})

describe("selectors", () => {
  const file = {
    selectors: [
      { name: "less", definition: { intersection: [{ method: "selector", value: "both" }, { exclude: ["b"] }] } },
      { name: "both", description: "All tagged.", definition: { union: ["tag:nightly", { tag: "daily" }] } },
      { name: "text", default: "true", definition: "selector:both,c+" },
    ],
  }

  test("build on each other in any order", () => {
    const { specs } = parseYamlSelectors(file)
    assert.deepEqual(selectNodes(graph, specs.get("less")!).ids, ["a", "c"])
    assert.deepEqual(selectNodes(graph, specs.get("text")!).ids, ["c", "t"])
  })

  test("one may be the default, and have a description", () => {
    const { defaultName, descriptions } = parseYamlSelectors(file)
    assert.equal(defaultName, "text")
    assert.equal(descriptions.get("both"), "All tagged.")
  })

  test("can be named on the command line", () => {
    const selectors = parseYamlSelectors(file).specs
    const spec = parseSelection({ select: ["selector:less d"], exclude: ["selector:text"], selectors })
    assert.deepEqual(selectNodes(graph, spec).ids, ["a", "d"])
  })

  test("the mode for tests given on the command line holds where none is written", () => {
    const { specs } = parseYamlSelectors({ selectors: [{ name: "it", definition: "b" }] }, "cautious")
    assert.deepEqual(selectNodes(graph, specs.get("it")!).ids, ["b"])
  })
})

describe("what is wrong", () => {
  const one = (definition: unknown) => ({ selectors: [{ name: "it", definition }] })
  const EXAMPLES: [string, unknown, RegExp][] = [
    ["no list", { selectors: "x" }, /selectors\.yml, selectors/],
    ["an unknown key", { selectors: [{ name: "it", definitions: "a", definition: "a" }] }, /definitions/],
    ["no definition", { selectors: [{ name: "it" }] }, /needs a definition/],
    ["two of a name", { selectors: [one("a"), one("b")].flatMap(({ selectors }) => selectors) }, /"it" twice/],
    [
      "two defaults",
      { selectors: ["x", "y"].map((name) => ({ name, default: true, definition: "a" })) },
      /Only one selector may be the default; selectors\.yml has x and y/,
    ],
    ["an unknown method", one({ colour: "red" }), /no method "colour"; there are fqn/],
    [
      "an unknown operator",
      one({ method: "tag", value: "x", depth: 1 }),
      /Selector "it".*allowed are method, value, parents/s,
    ],
    ["two sets at the top", one({ union: ["a"], intersection: ["b"] }), /beside "union" nothing may stand/],
    ["two excludes", one({ union: ["a", { exclude: ["b"] }, { exclude: ["c"] }] }), /may have one exclude/],
    ["exclude alone", one({ exclude: ["a"] }), /exclude stands beside a method, or in a union/],
    ["no list in a union", one({ union: "a" }), /"union" takes a list/],
    ["a number", one(3), /a definition is a text/],
    ["an unknown selector", one({ method: "selector", value: "other" }), /no selector "other"; selectors\.yml has it/],
    ["a circle", one({ method: "selector", value: "it" }), /circle: it → it/],
    ["operators on a selector", one({ method: "selector", value: "x", children: true }), /takes no children/],
  ]
  for (const [says, file, message] of EXAMPLES) {
    test(`${says} is refused`, () => {
      assert.throws(
        () => parseYamlSelectors(file),
        (error) => error instanceof SelectionError && message.test(error.message),
      )
    })
  }
})
