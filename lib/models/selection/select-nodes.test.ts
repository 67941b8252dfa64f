import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { parseSelection, type SelectionArguments } from "./parse-selection.ts"
import { type SelectionOptions, selectNodes } from "./select-nodes.ts"
import type { ResourceType, Selectable } from "./selectable.ts"
import { SelectionError } from "./selection-error.ts"
import { buildSelectionGraph } from "./selection-graph.ts"

type Fields = Partial<Selectable> & { folder?: string }

function node(resourceType: ResourceType, name: string, dependsOn: string[], fields: Fields = {}): Selectable {
  const { folder = "", package: inPackage = "shop", version = null } = fields
  const folders = folder.split("/").filter((each) => each !== "")
  const top = resourceType === "seed" ? "seeds" : "models"
  return {
    id: name,
    resourceType,
    name,
    package: inPackage,
    fqn: [inPackage, ...folders, name, ...(version === null ? [] : [`v${version}`])],
    tags: [],
    originalFilePath: [top, ...folders, `${name}.${resourceType === "seed" ? "csv" : "sql"}`].join("/"),
    propertiesPath: null,
    config: {},
    group: null,
    access: null,
    version,
    latestVersion: null,
    dependsOn,
    test: null,
    sourceName: null,
    fingerprint: null,
    ...fields,
  }
}

const generic = (name: string) => ({ test: { kind: "generic" as const, name }, originalFilePath: "models/schema.yml" })
const source = { sourceName: "raw", originalFilePath: "models/staging/sources.yml" }

/**
 * raw_orders → stg_orders → orders → revenue (metric), dashboard (exposure)
 * raw_customers → stg_customers → orders, customers; countries (seed) → customers → snap (snapshot)
 */
const NODES: Selectable[] = [
  node("source", "raw_orders", [], source),
  node("source", "raw_customers", [], source),
  node("seed", "countries", [], { tags: ["static"], fingerprint: { body: "1" } }),
  node("model", "stg_orders", ["raw_orders"], {
    folder: "staging",
    tags: ["nightly"],
    config: { materialized: "view", meta: { owner: "ann", pii: false } },
    fingerprint: { body: "1", configs: "1", macros: "1" },
  }),
  node("model", "stg_customers", ["raw_customers"], {
    folder: "staging",
    tags: ["nightly", "pii"],
    config: { materialized: "view", meta: { owner: "bob", pii: true } },
    propertiesPath: "models/staging/customers.yml",
    fingerprint: { body: "2", configs: "1", macros: "1" },
  }),
  node("model", "orders", ["stg_orders", "stg_customers"], {
    folder: "marts/core",
    config: { materialized: "incremental", unique_key: ["id", "day"], grants: { select: ["reporter"] } },
    group: "finance",
    access: "public",
    fingerprint: { body: "1", configs: "2", macros: "1" },
  }),
  node("model", "customers", ["stg_customers", "countries"], {
    folder: "marts/core",
    config: { materialized: "table" },
    access: "protected",
    fingerprint: { body: "1", configs: "1", macros: "2" },
  }),
  node("snapshot", "snap", ["customers"], { tags: ["nightly"], fingerprint: { body: "1" } }),
  node("model", "audit", [], { package: "tools", folder: "log" }),
  node("model", "dim.v1", [], { fqn: ["shop", "dim", "v1"], version: 1, latestVersion: 2, name: "dim" }),
  node("model", "dim.v2", [], { fqn: ["shop", "dim", "v2"], version: 2, latestVersion: 2, name: "dim" }),
  node("model", "dim.v3", [], { fqn: ["shop", "dim", "v3"], version: 3, latestVersion: 2, name: "dim" }),
  node("test", "unique_orders_id", ["orders"], { ...generic("unique"), config: { severity: "WARN" } }),
  node("test", "unique_customers_id", ["customers"], { ...generic("unique"), tags: ["nightly"] }),
  node("test", "rel_orders_customers", ["orders", "customers"], generic("relationships")),
  node("test", "source_fresh", ["raw_orders"], generic("fresh")),
  node("test", "positive", ["orders"], {
    test: { kind: "singular", name: null },
    originalFilePath: "tests/positive.sql",
  }),
  node("unit_test", "adds_up", ["orders"], {
    test: { kind: "unit", name: null },
    fqn: ["shop", "marts", "orders", "adds_up"],
  }),
  node("exposure", "dashboard", ["orders"]),
  node("metric", "revenue", ["orders"]),
  node("semantic_model", "sales", ["orders"]),
  node("saved_query", "weekly", ["revenue"]),
]

const graph = buildSelectionGraph(NODES)
const ALL = NODES.map(({ id }) => id)
const TESTS = ["unique_orders_id", "unique_customers_id", "rel_orders_customers", "source_fresh", "positive", "adds_up"]
const withoutTests = (ids: string[]) => ids.filter((id) => !TESTS.includes(id))

function select(select: string | string[], more: SelectionArguments = {}, options: SelectionOptions = {}): string[] {
  return selectNodes(graph, parseSelection({ select: [select].flat(), ...more }), options).ids
}

describe("methods", () => {
  /** What is selected without looking for tests. */
  const EXAMPLES: Record<string, string> = {
    orders: "orders",
    "staging.stg_orders": "stg_orders",
    "shop.staging.stg_orders": "stg_orders",
    staging: "stg_orders stg_customers",
    "marts.core": "orders customers",
    "*.stg_*": "stg_orders stg_customers",
    // A pattern is matched from the first folder on, as dbt does it.
    "stg_*": "",
    "marts.*.orders": "orders",
    "shop.staging.*_customers": "stg_customers",
    "[lm][ao]*": "orders customers audit adds_up",
    tools: "audit",
    dim: "dim.v1 dim.v2 dim.v3",
    "dim.v2": "dim.v2",
    dim_v3: "dim.v3",
    "fqn:*": ALL.slice(2).join(" "),
    "tag:pii": "stg_customers",
    "tag:night*": "stg_orders stg_customers snap unique_customers_id",
    "source:raw": "raw_orders raw_customers",
    "source:raw.raw_orders": "raw_orders",
    "source:shop.raw.*": "raw_orders raw_customers",
    "source:*": "raw_orders raw_customers",
    "path:models/staging": "raw_orders raw_customers stg_orders stg_customers",
    "models/staging/": "raw_orders raw_customers stg_orders stg_customers",
    "./models/staging/stg_orders.sql": "stg_orders",
    "models/*/core": "orders customers",
    "models/**/stg_orders.sql": "stg_orders",
    "models/staging/customers.yml": "stg_customers",
    "tests/positive.sql": "positive",
    "orders.sql": "orders",
    "file:stg_*.sql": "stg_orders stg_customers",
    "file:countries.csv": "countries",
    "package:tools": "audit",
    "package:t*": "audit",
    "config.materialized:view": "stg_orders stg_customers",
    "config.unique_key:day": "orders",
    "config.grants.select:reporter": "orders",
    "config.meta.owner:a*": "stg_orders",
    "config.meta.pii:true": "stg_customers",
    "config.meta.pii:false": "stg_orders",
    "config.meta:owner": "stg_orders stg_customers",
    "config.severity:warn": "unique_orders_id",
    "config.nothing.here:x": "",
    "test_name:unique": "unique_orders_id unique_customers_id",
    "test_name:adds_*": "adds_up",
    "test_type:generic": "unique_orders_id unique_customers_id rel_orders_customers source_fresh",
    "test_type:singular": "positive",
    "test_type:data": "unique_orders_id unique_customers_id rel_orders_customers source_fresh positive",
    "test_type:unit": "adds_up",
    "resource_type:seed": "countries",
    "resource_type:source": "raw_orders raw_customers",
    "group:finance": "orders",
    "access:public": "orders",
    "version:latest": "dim.v2",
    "version:old": "dim.v1",
    "version:prerelease": "dim.v3",
    "version:none": "stg_orders stg_customers orders customers audit",
    "exposure:dash*": "dashboard",
    "exposure:shop.dashboard": "dashboard",
    "metric:revenue": "revenue",
    "semantic_model:sales": "sales",
    "saved_query:*": "weekly",
    "unit_test:adds_up": "adds_up",
  }
  for (const [text, expected] of Object.entries(EXAMPLES)) {
    test(`${text} selects ${expected || "nothing"}`, () => {
      const ids = select(text, { indirectSelection: "empty" })
      assert.deepEqual(
        ids,
        ALL.filter((id) => expected.split(" ").includes(id)),
      )
    })
  }

  test("package:this is the root project's", () => {
    assert.deepEqual(select("package:this", {}, { rootPackage: "tools" }), ["audit"])
  })
})

describe("graph operators", () => {
  const EXAMPLES: Record<string, string> = {
    "+orders": "raw_orders raw_customers stg_orders stg_customers orders",
    "1+orders": "stg_orders stg_customers orders",
    "0+orders": "orders",
    "stg_orders+": "stg_orders orders dashboard revenue sales weekly",
    "stg_orders+1": "stg_orders orders",
    "1+stg_customers+1": "raw_customers stg_customers orders customers",
    "+stg_customers+2": "raw_customers stg_customers orders customers snap dashboard revenue sales",
    "@countries": "raw_customers countries stg_customers customers snap raw_orders stg_orders orders",
    "+exposure:*": "raw_orders raw_customers stg_orders stg_customers orders dashboard",
    "source:raw.raw_customers+1": "raw_customers stg_customers",
    "2+tag:nightly": "raw_orders raw_customers countries stg_orders stg_customers customers snap",
  }
  for (const [text, expected] of Object.entries(EXAMPLES)) {
    test(`${text} selects ${expected}`, () => {
      const ids = withoutTests(select(text, { indirectSelection: "empty" }))
      assert.deepEqual(
        ids,
        ALL.filter((id) => expected.split(" ").includes(id)),
      )
    })
  }
})

describe("sets", () => {
  const models = (text: string | string[], exclude?: string[]) => withoutTests(select(text, { exclude }))

  test("spaces and repeated options join, commas narrow down", () => {
    assert.deepEqual(models("stg_orders customers"), ["stg_orders", "customers"])
    assert.deepEqual(models(["stg_orders", " customers  "]), ["stg_orders", "customers"])
    assert.deepEqual(models("tag:nightly,staging,stg_customers+"), ["stg_customers"])
    assert.deepEqual(models("tag:pii,staging snap"), ["stg_customers", "snap"])
  })

  test("what is excluded goes after all that is selected", () => {
    assert.deepEqual(models("stg_customers+", ["snap tag:pii"]), [
      "orders",
      "customers",
      "dashboard",
      "revenue",
      "sales",
      "weekly",
    ])
  })

  test("without a selection all packages' nodes are selected", () => {
    assert.deepEqual(selectNodes(graph, parseSelection({})).ids, ALL)
    assert.ok(!selectNodes(graph, parseSelection({ exclude: ["package:tools"] })).ids.includes("audit"))
  })

  test("only the wanted types of resource remain", () => {
    assert.deepEqual(select("+orders", {}, { resourceTypes: ["model"] }), ["stg_orders", "stg_customers", "orders"])
  })
})

describe("indirect selection", () => {
  const tests = (text: string, indirectSelection?: SelectionArguments["indirectSelection"], exclude?: string[]) =>
    select(text, { indirectSelection, exclude }).filter((id) => TESTS.includes(id))

  test("eager takes each test of a selected node", () => {
    assert.deepEqual(tests("orders"), ["unique_orders_id", "rel_orders_customers", "positive", "adds_up"])
  })

  test("cautious waits for all parents, which another criterion may bring", () => {
    assert.deepEqual(tests("orders", "cautious"), ["unique_orders_id", "positive", "adds_up"])
    assert.deepEqual(
      tests("orders customers", "cautious"),
      TESTS.filter((id) => id !== "source_fresh"),
    )
  })

  test("buildable takes tests whose other parents are upstream of what is selected", () => {
    assert.deepEqual(tests("orders", "buildable"), ["unique_orders_id", "positive", "adds_up"])
    const both = buildSelectionGraph([
      ...NODES,
      node("test", "up", ["orders", "stg_orders"], generic("equal")),
      node("test", "to_source", ["orders", "raw_customers"], generic("equal")),
    ])
    const { ids } = selectNodes(both, parseSelection({ select: ["orders"], indirectSelection: "buildable" }))
    assert.deepEqual(
      ids.filter((id) => id === "up" || id === "to_source"),
      ["up", "to_source"],
    )
    const cautious = selectNodes(both, parseSelection({ select: ["orders"], indirectSelection: "cautious" }))
    assert.ok(!cautious.ids.includes("up"))
  })

  test("empty takes only what is named", () => {
    assert.deepEqual(tests("orders", "empty"), [])
    assert.deepEqual(tests("orders positive", "empty"), ["positive"])
  })

  test("a test is excluded with any of its parents, or with all of them when cautious", () => {
    assert.deepEqual(tests("orders customers", "eager", ["customers"]), ["unique_orders_id", "positive", "adds_up"])
    assert.ok(tests("orders customers", "cautious", ["customers"]).includes("rel_orders_customers"))
    assert.ok(!tests("orders customers", "cautious", ["customers"]).includes("unique_customers_id"))
  })

  test("tests of a source come with it", () => {
    assert.deepEqual(tests("source:raw"), ["source_fresh"])
  })

  test("a name and a type of test meet in one test", () => {
    assert.deepEqual(select("orders,test_type:singular"), ["positive"])
  })
})

describe("state, results and freshness", () => {
  const earlier = {
    fingerprints: new Map([
      ["stg_orders", { body: "1", configs: "1", macros: "1" }],
      ["stg_customers", { body: "1", configs: "1", macros: "1" }],
      ["orders", { body: "1", configs: "1", macros: "1" }],
      ["customers", { body: "1", configs: "1", macros: "1" }],
    ]),
    results: new Map([
      ["orders", "error"],
      ["customers", "success"],
    ]),
    freshness: new Map([
      ["raw_orders", { before: new Date(1), now: new Date(2) }],
      ["raw_customers", { before: new Date(2), now: new Date(2) }],
    ]),
  }
  const EXAMPLES: Record<string, string> = {
    "state:old": "stg_orders stg_customers orders customers",
    "state:modified,path:models/staging stg_orders,state:unmodified":
      "raw_orders raw_customers stg_orders stg_customers",
    "state:new,snap": "snap",
    "state:modified.body,fqn:*s": "stg_customers countries",
    "state:modified.configs,marts": "orders",
    "state:modified.macros": "customers",
    "state:unmodified": "stg_orders",
    "result:error+1": "orders dashboard revenue sales",
    "source_status:fresher+1": "raw_orders stg_orders",
  }
  for (const [text, expected] of Object.entries(EXAMPLES)) {
    test(`${text} selects ${expected}`, () => {
      const ids = withoutTests(select(text, { indirectSelection: "empty" }, { earlier }))
      assert.deepEqual(
        ids,
        ALL.filter((id) => expected.split(" ").includes(id)),
      )
    })
  }
})

describe("what is wrong", () => {
  const EXAMPLES: Record<string, RegExp> = {
    "tags:x": /no method "tags"; there are fqn, tag, group/,
    "@orders+": /both "@" in front and "\+" behind/,
    "config:view": /config needs the name of a setting/,
    "resource_type:table": /resource_type is one of model, test/,
    "test_type:big": /test_type is one of generic, singular, data/,
    "access:open": /access is one of private, protected, public/,
    "version:newest": /version is one of latest, prerelease/,
    "source:a.b.c.d": /written source, source\.table or package\.source\.table/,
    "exposure:a.b.c": /takes name or package\.name/,
    "state:changed": /state is one of new, old, modified, unmodified, modified\.body/,
    "state:new": /needs the manifest of an earlier run/,
    "result:error": /needs results of an earlier run/,
    "source_status:fresher": /needs source freshness/,
    "selector:weekly": /There is no selector "weekly"/,
    "orders,": /comma with nothing beside it/,
    "+": /selects nothing/,
    "tag:": /selects nothing/,
  }
  for (const [text, message] of Object.entries(EXAMPLES)) {
    test(`${text} is refused and says what is allowed`, () => {
      assert.throws(
        () => select(text),
        (error) => error instanceof SelectionError && message.test(error.message),
      )
    })
  }

  test("what matches nothing is a warning that names it, among others that do", () => {
    const spec = parseSelection({ select: ["orders nobody tag:x,orders"], exclude: ["nothing"] })
    const { ids, warnings } = selectNodes(graph, spec)
    assert.ok(ids.includes("orders"))
    assert.deepEqual(
      warnings.map(({ raw }) => raw),
      ["nobody", "tag:x,orders", "nothing"],
    )
  })
})

test("ten thousand nodes in a row are selected without recursion", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => node("model", `m${index}`, index ? [`m${index - 1}`] : []))
  const wide = buildSelectionGraph(many)
  assert.equal(selectNodes(wide, parseSelection({ select: ["@m0 +m9999 tag:x m*"] })).ids.length, 10_000)
})
