import { readExpectation } from "#lib/contracts/expectations/read-expectation.ts"
import { splitTableName } from "#lib/contracts/operators/identifier.ts"
import { readPlaced } from "./placed-yaml.ts"
import { problemOf, type ReadFile } from "./read-suite.ts"
import { type Configuration, fromMetric, NotUnderstood } from "./soda-metrics.ts"
import { fromSchema } from "./soda-schema.ts"

type Written = Record<string, unknown>

/**
 * Reads the checks of one table from a SodaCL file (docs.soda.io, "SodaCL reference"): row_count, missing, invalid and duplicate
 * counts and percents, figures of columns, freshness, schema, references and failed rows, with filters, names and warn or fail
 * thresholds. Each check that is not understood is one problem with its line; the others are read.
 */
export function readSoda(text: string, table: string): ReadFile {
  const { value, lineOf, fault } = readPlaced(text)
  if (fault) return { expectations: [], problems: [{ line: fault.line, message: `not valid YAML: ${fault.message}` }] }
  if (!isMap(value))
    return { expectations: [], problems: [{ line: 1, message: 'checks stand under "checks for <table>:"' }] }
  const found: ReadFile = { expectations: [], problems: [] }
  let sections = 0
  for (const [title, checks] of Object.entries(value)) {
    const named = /^checks for\s+"?([^"[\]]+?)"?\s*(?:\[(.+)\])?$/.exec(title)
    if (!named) {
      if (!/^filter\s/.test(title))
        found.problems.push({ line: lineOf([title]), message: `"${title}" is not understood` })
      continue
    }
    if (!isName(named[1]!, table)) continue
    sections++
    if (!Array.isArray(checks)) {
      found.problems.push({ line: lineOf([title]), message: `"${title}" is a list of checks` })
      continue
    }
    const filter = named[2] === undefined ? null : filterOf(value, named[1]!, named[2])
    for (const [place, check] of checks.entries()) {
      readCheck(check, table, filter, found, (path) => lineOf([title, place, ...path]))
    }
  }
  if (sections === 0) found.problems.push({ line: 1, message: `there are no checks for ${table} in it` })
  return found
}

function readCheck(
  check: unknown,
  table: string,
  filter: string | null,
  found: ReadFile,
  lineOf: (path: readonly PropertyKey[]) => number,
): void {
  const [line, configuration] =
    typeof check === "string" ? [check, {}] : isMap(check) ? Object.entries(check)[0]! : ["", {}]
  try {
    for (const written of translate(line, configuration, table)) {
      const where = [filter, whereOf(configuration)]
        .filter((one) => one !== null)
        .map((one) => `(${one})`)
        .join(" and ")
      const read = readExpectation({ ...written, ...(where !== "" && { where }), ...labelsOf(configuration) })
      if ("expectation" in read) found.expectations.push(read.expectation)
      else found.problems.push(problemOf(read.issues, () => lineOf([])))
    }
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error
    found.problems.push({ line: lineOf([]), message: `"${line}" is not understood: ${error.message}` })
  }
}

function translate(line: string, configuration: unknown, table: string): Written[] {
  if (/^schema\b/.test(line)) return fromSchema(isMap(configuration) ? configuration : {})
  if (/^failed rows\b/.test(line)) return fromFailedRows(isMap(configuration) ? configuration : {})
  const reference = /^values in \(?([^()]+?)\)? must exist in (\S+) \(?([^()]+?)\)?$/.exec(line)
  if (reference) {
    const [column, other] = [reference[1]!.trim(), reference[3]!.trim()]
    if (column.includes(",")) throw new NotUnderstood("references of several columns are not read; write one for each")
    return [
      {
        type: "expect_column_values_to_exist_in_table",
        column,
        other_table: qualified(reference[2]!, table),
        other_column: other,
      },
    ]
  }
  const same = /^row_count same as (\S+)$/.exec(line)
  if (same)
    return [{ type: "expect_table_row_count_to_equal_other_table", other_table_name: qualified(same[1]!, table) }]
  return fromMetric(line, (isMap(configuration) ? configuration : {}) as Configuration)
}

function fromFailedRows(configuration: Written): Written[] {
  const condition = configuration["fail condition"]
  const query = configuration["fail query"]
  if (typeof condition === "string") {
    return [
      {
        type: "expect_rows_to_satisfy",
        condition: `(${condition.trim()}) is not true`,
        name: nameOf(configuration) ?? `not ${condition.trim()}`.slice(0, 200),
      },
    ]
  }
  if (typeof query === "string") return [{ type: "unexpected_rows_expectation", unexpected_rows_query: query.trim() }]
  throw new NotUnderstood('give "fail condition" or "fail query"')
}

function labelsOf(configuration: unknown): Written {
  if (!isMap(configuration)) return {}
  const { attributes } = configuration
  const name = nameOf(configuration)
  return { ...(name !== undefined && { name }), ...(isMap(attributes) && { meta: attributes }) }
}

function nameOf(configuration: Written): string | undefined {
  return typeof configuration.name === "string" ? configuration.name.slice(0, 200) : undefined
}

function whereOf(configuration: unknown): string | null {
  return isMap(configuration) && typeof configuration.filter === "string" ? configuration.filter.trim() : null
}

/** `filter orders [daily]: { where: … }` */
function filterOf(value: Written, name: string, partition: string): string | null {
  const filter = value[`filter ${name} [${partition}]`]
  return isMap(filter) && typeof filter.where === "string" ? filter.where.trim() : null
}

/** Soda names tables without their schema, which its data source knows. */
function isName(name: string, table: string): boolean {
  const wanted = name.trim().toLowerCase()
  return wanted === table.toLowerCase() || wanted === splitTableName(table).name.toLowerCase()
}

function qualified(name: string, table: string): string {
  return name.includes(".") ? name : `${splitTableName(table).schema}.${name}`
}

function isMap(value: unknown): value is Written {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
