import { loadModule, parseSync, type ScanToken, scanSync } from "libpg-query"
import type { BindValue } from "#lib/contracts/operators/sql.ts"
import { AppError } from "#lib/domain/errors.ts"
import { type PositionMap, positionMap } from "./sql-position.ts"
import { type StatementTarget, statementTarget } from "./statement-target.ts"

/** One statement ready to be sent: `$n` in the text, values beside it. */
export interface BoundStatement {
  text: string
  values: BindValue[]
  /** Node name of Postgres' parse tree: `SelectStmt`, `InsertStmt` … */
  kind: string
  target: StatementTarget | null
  /** 1-based line of its first word in the source. */
  line: number
  /** Line in the source of a 1-based character position in `text`, as Postgres reports it. */
  lineOf(position: number): number
}

export interface BindOptions {
  /** Named in errors: path of the file, or `text`. */
  file: string
  /** Postgres types of binds whose value alone does not tell: `{ interval_start: "timestamptz" }`. */
  types?: Record<string, string>
}

/**
 * Splits SQL into its statements and turns each `:name` into a bound parameter. Postgres' own scanner tells binds from
 * what only looks like one: strings, dollar quotes, comments, `::` casts, `:=`; and a colon that touches what stands
 * before it is a slice, `a[1:n]`.
 *
 * @throws AppError `sql.parameter_missing` naming the bind and where it stands; `sql.failed` for a syntax error, for
 * transaction control (the caller owns the transaction) and for a bind where Postgres takes none.
 */
export async function bindParameters(
  source: string,
  values: Record<string, BindValue>,
  options: BindOptions,
): Promise<BoundStatement[]> {
  await loadModule()
  const map = positionMap(source)
  const binds = findBinds(source, map, options)
  for (const bind of binds) {
    if (Object.hasOwn(values, bind.name)) continue
    const known = Object.keys(values).sort().join(", ")
    throw new AppError("sql.parameter_missing", `No value is given for :${bind.name}; known are ${known || "none"}.`, {
      kind: "config",
      where: `${options.file}:${map.lineOfIndex(bind.start)}`,
    })
  }
  return splitStatements(source, binds, map, options).map(({ start, end, kind, node }) => {
    const inside = binds.filter((bind) => bind.start >= start && bind.start < end)
    const line = map.lineOfIndex(start)
    refuseTransactionControl(kind, node, `${options.file}:${line}`)
    if (inside.length > 0 && !TAKES_PARAMETERS.has(kind)) {
      const message = `A bind such as :${inside[0]!.name} works in queries and data changes, not in ${kind.replace(/Stmt$/, "")} statements.`
      throw new AppError("sql.failed", message, { where: `${options.file}:${line}` })
    }
    const bound = substitute(source.slice(start, end), start, inside, options.types ?? {})
    return {
      text: bound.text,
      values: bound.names.map((name) => values[name]!),
      kind,
      target: statementTarget(kind, node),
      line,
      lineOf: (position) => map.lineOfIndex(bound.toSource(position)),
    }
  })
}

/** A bind in the source; `start` and `end` are indexes of its colon and past its name. */
interface Bind {
  name: string
  start: number
  end: number
}

function findBinds(source: string, map: PositionMap, options: BindOptions): Bind[] {
  const tokens = scan(source, map, options)
  const binds: Bind[] = []
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1]
    if (token.text !== ":" || !next || next.start !== token.end || !/^[a-z_]\w*$/i.test(next.text)) continue
    if (tokens[index - 1]?.end === token.start && /[\w"')\]]$/.test(tokens[index - 1]!.text)) continue
    binds.push({ name: next.text, start: map.indexOfByte(token.start), end: map.indexOfByte(next.end) })
  }
  return binds
}

/** The scanner's JSON is not escaped for control characters; as white space they leave every offset where it was. */
function scan(source: string, map: PositionMap, options: BindOptions): ScanToken[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters meant.
  const printable = source.replace(/[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, " ")
  try {
    return scanSync(printable).tokens
  } catch {
    // What the scanner cannot read, the parser describes; binds would only stop it earlier.
    parse(
      printable.replace(/(?<![\w:]):([a-z_]\w*)/gi, (bind) => "$1".padEnd(bind.length)),
      map,
      options,
    )
    throw new AppError("sql.failed", "The SQL cannot be read.", { where: options.file })
  }
}

interface RawStatement {
  stmt: Record<string, unknown>
  stmt_location?: number
  stmt_len?: number
}

/** Statement boundaries come from the parser, with each bind replaced by a parameter of the same length. */
function splitStatements(source: string, binds: Bind[], map: PositionMap, options: BindOptions) {
  let padded = ""
  let from = 0
  for (const bind of binds) {
    padded += source.slice(from, bind.start) + "$1".padEnd(bind.end - bind.start)
    from = bind.end
  }
  return parse(padded + source.slice(from), map, options).map((raw) => {
    const start = raw.stmt_location ?? 0
    const kind = Object.keys(raw.stmt)[0] ?? "Unknown"
    return {
      start: map.indexOfByte(start),
      end: raw.stmt_len ? map.indexOfByte(start + raw.stmt_len) : source.length,
      kind,
      node: raw.stmt[kind] as Record<string, unknown>,
    }
  })
}

function parse(text: string, map: PositionMap, options: BindOptions): RawStatement[] {
  try {
    return (parseSync(text).stmts ?? []) as RawStatement[]
  } catch (error) {
    const position = (error as { sqlDetails?: { cursorPosition?: number } }).sqlDetails?.cursorPosition
    const line = position === undefined ? "" : `:${map.lineOfIndex(map.indexOfCharacter(position))}`
    const reason = error instanceof Error ? error.message : String(error)
    throw new AppError("sql.failed", `The SQL cannot be read: ${reason}.`, {
      where: `${options.file}${line}`,
      cause: error,
    })
  }
}

/** Statements that Postgres plans, and the few others that pass parameters on to one. */
const TAKES_PARAMETERS = new Set([
  "SelectStmt",
  "InsertStmt",
  "UpdateStmt",
  "DeleteStmt",
  "MergeStmt",
  "CreateTableAsStmt",
  "DeclareCursorStmt",
  "ExplainStmt",
  "CallStmt",
  "ExecuteStmt",
])

/** Savepoints stay inside the transaction and are fine. */
function refuseTransactionControl(kind: string, node: Record<string, unknown>, where: string): void {
  const inner = ["TRANS_STMT_SAVEPOINT", "TRANS_STMT_RELEASE", "TRANS_STMT_ROLLBACK_TO"]
  if (kind !== "TransactionStmt" || inner.includes(String(node.kind))) return
  const word = String(node.kind).replace("TRANS_STMT_", "")
  throw new AppError("sql.failed", `Take out ${word}: all statements run in one transaction that Headrace commits.`, {
    where,
  })
}

/** One parameter a name, so that equal expressions stay equal (GROUP BY); typed where `types` says so. */
function substitute(text: string, offset: number, binds: Bind[], types: Record<string, string>) {
  const names: string[] = []
  const shifts: { from: number; delta: number }[] = []
  let result = ""
  let from = 0
  for (const bind of binds) {
    const known = names.indexOf(bind.name)
    const number = known < 0 ? names.push(bind.name) : known + 1
    const type = types[bind.name]
    result += text.slice(from, bind.start - offset) + (type ? `$${number}::${type}` : `$${number}`)
    from = bind.end - offset
    shifts.push({ from: result.length, delta: bind.end - result.length })
  }
  result += text.slice(from)
  return {
    text: result,
    names,
    /** Index in the source of a 1-based character position in the result. */
    toSource(position: number): number {
      const index = [...result].slice(0, position - 1).join("").length
      const shift = shifts.findLast((each) => each.from <= index)
      return index + (shift ? shift.delta : offset)
    },
  }
}
