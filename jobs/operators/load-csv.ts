import { type FileHandle, open, realpath, stat as statFile } from "node:fs/promises"
import path from "node:path"
import type pg from "pg"
import { isInside } from "#jobs/author/module-hooks.ts"
import { type LoadCsvOptions, loadCsvOptionsSchema } from "#lib/contracts/operators/load-csv.ts"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import { AppError } from "#lib/domain/errors.ts"
import { type CopyResult, copyInto } from "#lib/engines/postgres/copy.ts"
import { CsvScanner, invalidRow } from "#lib/engines/postgres/csv-scanner.ts"
import { createCsvStage, csvCopyStatement, csvError } from "#lib/engines/postgres/csv-stage.ts"
import { findPublished } from "#lib/engines/postgres/ledger.ts"
import { resolveColumns, type StageColumn } from "#lib/engines/postgres/partition-stage.ts"
import { publish } from "#lib/engines/postgres/publish.ts"
import { ensureTarget, type PartitionWrite, writePartition } from "#lib/engines/postgres/publish-partition.ts"
import { ensureWarehouseSchema } from "#lib/engines/postgres/warehouse-schema.ts"
import { loadResult } from "./load-result.ts"
import { defineOperator, type OperatorContext } from "./operator.ts"
import { withPolicyChecks } from "./policy-checks.ts"
import { executionOf, withTaskSession } from "./task-session.ts"

type CsvContext = OperatorContext<LoadCsvOptions>

const WAREHOUSE = "warehouse"

/**
 * `loadCsv`: a CSV file of the workspace into a table of the warehouse, in constant memory. The file streams by COPY into
 * a typed stage, which refuses the first row that does not fit with its line; then one warehouse transaction replaces the
 * table's rows, or merges them by keys, with ledger and fence. Loading the same file again gives the same table.
 * Metrics: rowsProcessed (rows of the file), rowsInserted, rowsUpdated, rowsDeleted, rowsFailed (always 0), bytes.
 */
export const loadCsvOperator = defineOperator({
  name: "loadCsv",
  options: loadCsvOptionsSchema,
  async run(context): Promise<TaskResultInput> {
    const startedMs = performance.now()
    const { options } = context
    const execution = executionOf(context, null)
    return withTaskSession(context, WAREHOUSE, async (client) => {
      await ensureWarehouseSchema(client)
      const earlier = await findPublished(client, execution)
      if (earlier) {
        context.log("info", "An earlier attempt had loaded this already.")
        return earlier
      }
      const columns = await resolveColumns(client, options.columns)
      await createCsvStage(client, columns, options.keys)
      const copied = await stage(context, client, columns)
      const target = { dataset: `${WAREHOUSE}.${options.into}`, partitionKey: null }
      const { result } = await publish(client, execution, [target], async () =>
        withPolicyChecks(context, client, await load(context, client, columns, copied, startedMs)),
      )
      return result
    })
  },
})

/** Streams the file into the stage. */
async function stage(context: CsvContext, client: pg.ClientBase, columns: readonly StageColumn[]): Promise<CopyResult> {
  const { options } = context
  const handle = await openFile(context)
  try {
    const scanner = new CsvScanner(options.file)
    const bytes: AsyncIterable<Buffer> = handle.createReadStream({ autoClose: false })
    const copied = await copyInto(client, csvCopyStatement(columns, options), scanner.follow(bytes)).catch((error) => {
      throw csvError(error, options.file, options.keys)
    })
    const rows = options.header ? scanner.rows - 1 : scanner.rows
    // Before 18, Postgres takes a line with nothing but \. for the end of the data, and drops the rest without a word.
    if (copied.rows !== rows) {
      const reason = `the server took ${copied.rows} of ${rows} rows`
      throw invalidRow(options.file, reason, "Put quotes around a field that is \\. alone in its line.")
    }
    context.log("info", `${rows} rows read, ${Math.round(copied.bytes / 1_024)} kB.`)
    if (rows === 0) context.log("warn", `${options.file} holds no rows.`)
    return copied
  } finally {
    await handle.close()
  }
}

/** The version's own file; one that is not part of it, being large, from the workspace as it is now. */
async function openFile({ options, codeDir, workspaceDir, log }: CsvContext): Promise<FileHandle> {
  const pinned = await openInside(codeDir, options.file)
  if (pinned) return pinned
  const current = await openInside(workspaceDir, options.file)
  if (current) {
    const changed = (await current.stat()).mtime.toISOString()
    log("info", `${options.file} is no part of this version; it is read from the workspace, as changed at ${changed}.`)
    return current
  }
  const message = `There is no file ${options.file} that this worker can read, neither in this version nor in its workspace folder; put it there or correct \`file\`.`
  throw new AppError("workspace.missing_file", message, { kind: "config" })
}

/** Null where there is no such file, or it lies outside the folder once links are followed. */
async function openInside(folder: string, file: string): Promise<FileHandle | null> {
  const root = await realpath(folder).catch(() => null)
  if (root === null) return null
  const found = await realpath(path.join(root, file)).catch(() => null)
  if (found === null || !isInside(root, found)) return null
  const isFile = await statFile(found).then(
    (about) => about.isFile(),
    () => false,
  )
  return isFile ? open(found).catch(() => null) : null
}

async function load(
  context: CsvContext,
  client: pg.ClientBase,
  columns: readonly StageColumn[],
  copied: CopyResult,
  startedMs: number,
): Promise<TaskResultInput> {
  const { into: table, keys, write: way } = context.options
  const mode = way === "replace" ? "replace_table" : way
  const write: PartitionWrite = { table, columns, keys, scope: null, mode }
  await ensureTarget(client, write)
  const counts = await writePartition(client, write)
  context.log("info", `${counts.inserted} rows inserted, ${counts.updated} updated, ${counts.deleted} removed.`)
  const { rows: rowsProcessed, bytes } = copied
  return loadResult(client, {
    table,
    columns,
    partitionKey: null,
    counts,
    rowsProcessed,
    rowsRejected: 0,
    bytes,
    startedMs,
  })
}
