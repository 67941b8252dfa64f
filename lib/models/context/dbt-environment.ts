import type { Statement } from "../jinja/ast.ts"
import { Environment, type EnvironmentOptions } from "../jinja/environment.ts"
import type { Filter } from "../jinja/filter.ts"
import type { Parser, TagParser } from "../jinja/parser.ts"
import { toText } from "../jinja/print.ts"
import { PyFloat, type Value } from "../jinja/values.ts"

/**
 * The template language as dbt has it: its blocks, which are macros of other names, and its filters. While a project is parsed,
 * names that are not there are chainable, so that a template can go on without what only execution will know.
 */
export function dbtEnvironment(undefinedNames: NonNullable<EnvironmentOptions["undefined"]>): Environment {
  return new Environment({ undefined: undefinedNames, tags: TAGS, filters: FILTERS })
}

const testTag =
  (end: string): TagParser =>
  (parser, at): Statement => {
    const name = `test_${parser.stream.expectName()}`
    const parameters = parser.parseSignature()
    return { kind: "macro", name, parameters, body: parser.parseWholeBody(end), at }
  }

const TAGS: Readonly<Record<string, TagParser>> = {
  test: testTag("endtest"),
  data_test: testTag("enddata_test"),
  materialization(parser, at) {
    const name = `materialization_${parser.stream.expectName()}`
    while (parser.stream.skipOperator(",")) skipSetting(parser)
    return { kind: "macro", name, parameters: [], body: parser.parseWholeBody("endmaterialization"), at }
  },
}

/** `default`, `adapter="postgres"`, `supported_languages=["sql"]`: read when the macro was found. */
function skipSetting({ stream, expressions }: Parser): void {
  stream.expectName()
  if (stream.skipOperator("=")) expressions.parse()
}

const FILTERS: Readonly<Record<string, Filter>> = {
  as_text: (input) => toText(input),
  as_bool: (input) => convert(input, "as_bool"),
  as_number: (input) => convert(input, "as_number"),
  as_native: (input) => convert(input, "as_native"),
}

/** The value that a text stands for, where it is of the asked kind; all else stays as it is. */
function convert(input: Value, filter: "as_bool" | "as_number" | "as_native"): Value {
  if (typeof input !== "string") return input
  const text = input.trim()
  if (filter !== "as_number") {
    if (/^true$/i.test(text)) return true
    if (/^false$/i.test(text)) return false
    if (filter === "as_native" && text === "None") return null
  }
  if (filter !== "as_bool") {
    if (/^-?\d+$/.test(text)) return Number(text)
    if (/^-?\d*\.\d+(e[-+]?\d+)?$/i.test(text)) return new PyFloat(Number(text))
  }
  return input
}
