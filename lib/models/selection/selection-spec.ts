/** Which tests join a selection because of the nodes they test (dbt's "Test selection examples"). */
export const INDIRECT_SELECTIONS = ["eager", "cautious", "buildable", "empty"] as const
export type IndirectSelection = (typeof INDIRECT_SELECTIONS)[number]

export const METHODS = [
  "fqn",
  "tag",
  "group",
  "access",
  "source",
  "path",
  "file",
  "package",
  "config",
  "test_name",
  "test_type",
  "resource_type",
  "state",
  "exposure",
  "metric",
  "result",
  "source_status",
  "version",
  "semantic_model",
  "saved_query",
  "unit_test",
] as const
export type Method = (typeof METHODS)[number]

/** One method with its value and graph operators, as `2+tag:nightly+`. */
export interface Criterion {
  kind: "criterion"
  raw: string
  method: Method
  /** What follows the method's name after dots: `["materialized"]` in `config.materialized:view`. */
  path: readonly string[]
  value: string
  /** How far upstream it reaches: 0 not at all, Infinity all the way. */
  parentsDepth: number
  childrenDepth: number
  /** `@`: all downstream, and all that those need. */
  childrensParents: boolean
  indirect: IndirectSelection
}

export interface SpecGroup {
  kind: "union" | "intersection" | "difference"
  /** A difference takes all the others from the first. */
  parts: readonly SelectionSpec[]
  /** Whether tests that a part left waiting join when their other parents are there: only `cautious` and `buildable`. */
  indirect: IndirectSelection
  /** Set where people are told when nothing matches: what they wrote. */
  mustMatch: string | null
}

export type SelectionSpec = Criterion | SpecGroup
