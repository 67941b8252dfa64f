import type { Command } from "commander"
import { type DiffRequest, type TableDiffView, tableDiffSchema } from "#lib/contracts/api/diff.ts"
import { contextOf } from "../context.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { instantOption } from "../instant-option.ts"
import { plain, table } from "../output.ts"
import { fullName } from "./datasets.ts"

interface Options {
  key?: string
  columns?: string
  where: string[]
  leftWhere: string[]
  rightWhere: string[]
  asOf?: string
  leftAsOf?: string
  rightAsOf?: string
  limit: string
}

/** diff: how two tables differ. */
export function addDiffCommand(program: Command, signal: AbortSignal): void {
  const several = (value: string, all: string[]) => [...all, value]
  program
    .command("diff <left> [right]")
    .description("compare two tables, two parts of one, or two times of one, row by row")
    .option("--key <columns>", "comma-separated columns that tell rows apart; else the snapshot's or the primary key")
    .option("--columns <columns>", "comma-separated columns to compare; else all that both have")
    .option("--where <column=value>", "only such rows of both (repeatable)", several, [])
    .option("--left-where <column=value>", "only such rows of the left one", several, [])
    .option("--right-where <column=value>", "only such rows of the right one", several, [])
    .option("--as-of <instant>", "both as they were then, where versions are kept")
    .option("--left-as-of <instant>", "the left one as it was then")
    .option("--right-as-of <instant>", "the right one as it was then")
    .option("--limit <number>", "show at most so many rows", "20")
    .action(async (left: string, right: string | undefined, options: Options, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const diff = await client.post("/diff", tableDiffSchema, requestOf(left, right ?? left, options), signal)
      output.result(diff, () => diffText(diff))
      if (!diff.isEqual) process.exitCode = EXIT.failed
    })
}

function requestOf(left: string, right: string, options: Options): DiffRequest {
  const names = (text: string | undefined) => (text ?? "").split(",").flatMap((name) => name.trim() || [])
  const side = (dataset: string, own: string[], instant: string | undefined) => {
    const asOf = instantOption("--as-of", instant ?? options.asOf)
    return { dataset: fullName(dataset), where: [...options.where, ...own].map(condition), ...(asOf && { asOf }) }
  }
  return {
    left: side(left, options.leftWhere, options.leftAsOf),
    right: side(right, options.rightWhere, options.rightAsOf),
    keys: names(options.key),
    columns: names(options.columns),
    limit: Number(options.limit),
  }
}

function condition(text: string): { column: string; value: string } {
  const at = text.indexOf("=")
  if (at > 0) return { column: text.slice(0, at), value: text.slice(at + 1) }
  throw new CliError(`"${plain(text)}" is no condition; write column=value.`, EXIT.usage)
}

const SIGN = { only_left: "-", only_right: "+", changed: "~" } as const

function diffText(diff: TableDiffView): string {
  const { rows, onlyLeft, onlyRight, changed } = diff
  const parts = [
    diff.isEqual
      ? `Equal: ${rows.left} rows on both sides.`
      : `${onlyLeft} only left, ${onlyRight} only right, ${changed} changed, of ${rows.left} and ${rows.right} rows.`,
    ...notes(diff),
  ]
  if (diff.isEqual) return parts.join("\n")
  const columns = diff.columns.filter((column) => column.changed > 0)
  if (columns.length > 0) {
    parts.push(
      "",
      table(
        ["COLUMN", "CHANGED"],
        columns.map(({ name, changed: n }) => [name, String(n)]),
        "",
      ),
    )
  }
  const samples = diff.samples.map(({ kind, key, isRepeated, values }) => [
    SIGN[kind],
    key.map((value) => value ?? "NULL").join(", ") + (isRepeated ? " (key repeats)" : ""),
    values.map(({ column, left, right }) => `${column}: ${left ?? "NULL"} → ${right ?? "NULL"}`).join("; "),
  ])
  parts.push("", table(["", diff.keys.join(", "), "CHANGE"], samples, ""))
  return parts.join("\n")
}

function notes(diff: TableDiffView): string[] {
  const list = (words: string, names: readonly string[]) =>
    names.length > 0 ? [plain(`${words}: ${names.join(", ")}.`)] : []
  const types = diff.columns.flatMap(({ name, leftType, rightType }) =>
    leftType === rightType ? [] : [`${name} (${leftType} and ${rightType})`],
  )
  return [
    ...list("Columns only left", diff.columnsOnlyLeft),
    ...list("Columns only right", diff.columnsOnlyRight),
    ...list("Columns of different types", types),
    ...(diff.repeatedKeys.left + diff.repeatedKeys.right > 0
      ? [`The key repeats: ${diff.repeatedKeys.left} times left, ${diff.repeatedKeys.right} times right.`]
      : []),
  ]
}
