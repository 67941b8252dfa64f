import { readFile } from "node:fs/promises"
import path from "node:path"
import pg from "pg"
import type { JsonObject } from "#lib/contracts/json.ts"
import { type SqlOptions, sqlOptionsSchema } from "#lib/contracts/operators/sql.ts"
import type { MaterializationRecord, TaskResultInput } from "#lib/contracts/task-result.ts"
import { AppError } from "#lib/domain/errors.ts"
import { type BoundStatement, bindParameters } from "#lib/engines/postgres/bind-parameters.ts"
import { countIfSmall, readColumns, schemaHash } from "#lib/engines/postgres/catalog.ts"
import { publish } from "#lib/engines/postgres/publish.ts"
import { RowTally } from "#lib/engines/postgres/row-tally.ts"
import { inTransaction } from "#lib/engines/postgres/session.ts"
import { translateError } from "#lib/engines/postgres/translate-error.ts"
import { ensureWarehouseSchema } from "#lib/engines/postgres/warehouse-schema.ts"
import { automaticBinds, automaticTypes } from "./automatic-binds.ts"
import { bindableParams } from "./bindable-params.ts"
import { sharedByPartitions } from "./load-result.ts"
import { defineOperator, type OperatorContext } from "./operator.ts"
import { withPolicyChecks } from "./policy-checks.ts"
import { traceScriptLineage } from "./script-lineage.ts"
import { executionOf, secondsSince, withTaskSession } from "./task-session.ts"

type SqlContext = OperatorContext<SqlOptions>

/**
 * `sql`: the statements of a file or text, in one transaction with bound parameters. On the warehouse the transaction
 * also carries the ledger row and the fences of the tables in `writes`, so that a retry after a crash does not run the
 * statements twice and an attempt that was overtaken changes nothing. Counts by command are metrics; the first row of the
 * last query is the output `row`. The statement under way is cancelled with the attempt.
 */
export const sqlOperator = defineOperator({
  name: "sql",
  options: sqlOptionsSchema,
  async run(context): Promise<TaskResultInput> {
    const { options } = context
    const file = options.file ?? "text"
    const source = options.text ?? (await readSource(context.codeDir, file))
    const values = { ...automaticBinds(context.run), ...bindableParams(context.run.params), ...options.params }
    const statements = await bindParameters(source, values, { file, types: automaticTypes(options.params) })
    const tables = typeof options.writes === "string" ? [options.writes] : options.writes
    return withTaskSession(context, options.connection, async (client) => {
      const work = async () => {
        const result = await runStatements(context, client, statements, file, tables)
        if (options.connection !== "warehouse") return result
        const checked = await withPolicyChecks(context, client, result)
        return { ...checked, lineage: await traceScriptLineage(client, { source, statements, tables }) }
      }
      // Other databases are not ours to put a schema into, unless the task says that it fills tables there.
      if (options.connection !== "warehouse" && tables.length === 0) return inTransaction(client, "begin", work)
      await ensureWarehouseSchema(client)
      const { partitionKey } = context.run
      const keys = partitionKey === null ? [null] : context.run.partitionKeys
      const targets = tables.flatMap((table) =>
        keys.map((key) => ({ dataset: `${options.connection}.${table}`, partitionKey: key })),
      )
      const published = await publish(client, executionOf(context, partitionKey), targets, work)
      if (published.kind === "already_published") context.log("info", "An earlier attempt had done this already.")
      return published.result
    })
  },
})

async function readSource(codeDir: string, file: string): Promise<string> {
  const full = path.resolve(codeDir, file)
  if (!full.startsWith(path.resolve(codeDir) + path.sep)) {
    throw new AppError("workspace.missing_file", `File ${file} lies outside the workspace; move it inside.`, {
      kind: "config",
    })
  }
  return readFile(full, "utf8").catch((error: unknown) => {
    throw new AppError("workspace.missing_file", `File ${file} is not part of this version of the workspace.`, {
      kind: "config",
      cause: error,
    })
  })
}

async function runStatements(
  context: SqlContext,
  client: pg.ClientBase,
  statements: readonly BoundStatement[],
  file: string,
  tables: readonly string[],
): Promise<TaskResultInput> {
  const started = performance.now()
  const tally = new RowTally()
  const metrics = { statements: 0, rowsInserted: 0, rowsUpdated: 0, rowsDeleted: 0, rowsSelected: 0 }
  let row: JsonObject | null = null
  for (const statement of statements) {
    const startedMs = performance.now()
    const done = await runStatement(client, statement, file, context.options.connection)
    metrics.statements++
    if (statement.target) tally.add(statement.target, done.rows)
    // The command tag of CREATE TABLE AS is that of its query.
    addRows(metrics, statement.kind === "CreateTableAsStmt" ? "INSERT" : done.command, done.rows)
    if (statement.kind === "SelectStmt") row = fitsOutput(done.first) ? done.first : null
    context.log("info", `line ${statement.line}: ${done.command} ${done.rows} (${secondsSince(startedMs)} s)`)
  }
  const seconds = secondsSince(started)
  const materializations: MaterializationRecord[] = []
  for (const table of tables) {
    const written = await describeWritten(client, context, table, tally, seconds)
    materializations.push(...sharedByPartitions(written, context.run.partitionKeys))
  }
  return {
    outputs: { ...metrics, ...(row && { row }) },
    metrics: { ...metrics, durationSeconds: seconds },
    materializations,
  }
}

/** The outputs of a task are bounded; a wider row belongs into a table. */
const MAX_ROW_BYTES = 16_384

function fitsOutput(row: JsonObject | null): boolean {
  return JSON.stringify(row).length <= MAX_ROW_BYTES
}

interface Done {
  command: string
  rows: number
  first: JsonObject | null
}

/** Rows of a query are let go as they come; only the first is kept, so a query of any size needs no memory. */
async function runStatement(
  client: pg.ClientBase,
  statement: BoundStatement,
  file: string,
  connection: string,
): Promise<Done> {
  let first: JsonObject | null = null
  const query = new pg.Query({ text: statement.text, values: statement.values, types: TEXT_TYPES })
  query.on("row", (row) => {
    first ??= row as JsonObject
  })
  try {
    const result = await new Promise<pg.Result>((resolve, reject) => {
      query.on("end", resolve)
      query.on("error", reject)
      client.query(query)
    })
    return {
      command: result.command ?? statement.kind.replace(/Stmt$/, "").toUpperCase(),
      rows: result.rowCount ?? 0,
      first,
    }
  } catch (error) {
    throw translateError(error, { connection, where: `${file}:${lineOfError(error, statement)}` })
  }
}

function lineOfError(error: unknown, statement: BoundStatement): number {
  const position = error instanceof pg.DatabaseError ? Number(error.position) : Number.NaN
  return position > 0 ? statement.lineOf(position) : statement.line
}

/** JSON-safe values: small numbers and booleans as such, everything else as Postgres prints it. */
const TEXT_TYPES = {
  getTypeParser(oid: number) {
    if (oid === pg.types.builtins.BOOL) return (text: string) => text === "t"
    const numbers: number[] = [pg.types.builtins.INT2, pg.types.builtins.INT4, pg.types.builtins.INT8]
    if (!numbers.includes(oid)) return (text: string) => text
    return (text: string) => (Number.isSafeInteger(Number(text)) ? Number(text) : text)
  },
}

function addRows(
  metrics: { rowsInserted: number; rowsUpdated: number; rowsDeleted: number; rowsSelected: number },
  command: string,
  rows: number,
): void {
  if (command === "INSERT") metrics.rowsInserted += rows
  else if (command === "UPDATE" || command === "MERGE") metrics.rowsUpdated += rows
  else if (command === "DELETE") metrics.rowsDeleted += rows
  else if (command === "SELECT") metrics.rowsSelected += rows
}

async function describeWritten(
  client: pg.ClientBase,
  context: SqlContext,
  table: string,
  tally: RowTally,
  durationSeconds: number,
): Promise<MaterializationRecord> {
  const columns = await readColumns(client, table)
  if (!columns) {
    const message = `The task says it writes ${table}, but there is no such table afterwards; correct "writes" or the SQL.`
    throw new AppError("sql.failed", message, { where: context.options.file ?? null })
  }
  const shape = columns.map(({ name, type }) => ({ name, type }))
  const counted = tally.of(table)
  return {
    dataset: `${context.options.connection}.${table}`,
    partitionKey: context.run.partitionKey,
    rowsInserted: counted.inserted,
    rowsUpdated: counted.updated,
    rowsDeleted: counted.deleted,
    rowsRejected: 0,
    sharesRows: false,
    rowsTotal: counted.total ?? (await countIfSmall(client, table)),
    bytes: null,
    durationSeconds,
    schemaHash: schemaHash(shape),
    columns: shape,
    watermark: null,
  }
}
