import type { Package } from "./load-project.ts"
import { readText } from "./load-project.ts"
import { fileStem } from "./names.ts"
import type { UnitTestFixture } from "./node.ts"
import type { Yaml, YamlMap } from "./read-yaml.ts"

interface Given {
  rows?: unknown
  format?: "dict" | "csv" | "sql" | null | undefined
  fixture?: string | null | undefined
}

/**
 * The rows that a unit test gives or expects: of `dict` and `csv` a list of maps (texts in CSV, an empty field null), of `sql` a
 * query. They stand in the test or in a file of `tests/fixtures`. @throws Error with what is wrong, as text.
 */
export function unitTestRows({ rows, format, fixture }: Given, of: Package): UnitTestFixture {
  const kind = format ?? "dict"
  const text = fixture ? readFixture(fixture, kind, of) : rows
  const value =
    kind === "csv" && typeof text === "string" ? readCsv(text) : ((text ?? (kind === "sql" ? null : [])) as Yaml)
  if (kind !== "sql" && !Array.isArray(value)) throw new Error(`"rows" in the format ${kind} have to be a list.`)
  if (kind === "sql" && typeof value !== "string") throw new Error('"rows" in the format sql have to be a query.')
  return { rows: value, format: kind, fixture: fixture ?? null }
}

function readFixture(name: string, format: string, of: Package): string {
  const file = of.files.find(
    (each) => each.kind === "fixture" && fileStem(each.path) === name && each.path.endsWith(`.${format}`),
  )
  if (!file)
    throw new Error(
      `there is no fixture "${name}.${format}" in ${of.config.testPaths.map((each) => `${each}/fixtures`).join(", ")}.`,
    )
  return readText(of, file.path)
}

function readCsv(text: string): YamlMap[] {
  const [header, ...records] = csvRecords(text.trim())
  return records.map((record) =>
    Object.fromEntries(
      (header ?? []).map((name, index) => [name.trim(), record[index] === "" ? null : (record[index]?.trim() ?? null)]),
    ),
  )
}

/** RFC 4180: quotes hold commas and line ends, two of them mean one. */
function csvRecords(text: string): string[][] {
  const records: string[][] = []
  let record: string[] = []
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    record.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'))
    if (end === ",") continue
    records.push(record)
    record = []
    if (end === "") break
  }
  return records
}
