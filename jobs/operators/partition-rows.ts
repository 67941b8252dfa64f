import type pg from "pg"
import type { AuthorRow, AuthorSession } from "#jobs/author/author-call.ts"
import { unwrapAuthorOutcome } from "#jobs/author/unwrap-author-outcome.ts"
import type { PartitionLoadOptions } from "#lib/contracts/operators/partition-load.ts"
import { copyTextRow, valueAsText } from "#lib/engines/postgres/copy-text.ts"
import type { StageColumn } from "#lib/engines/postgres/partition-stage.ts"

/** Thrown through the COPY when the author's code skips the task. */
export class SkippedByAuthor extends Error {
  override readonly name = "SkippedByAuthor"
}

/** Where rows come from and what the author does with them. */
export interface RowFlow {
  /** Gives the next rows of the source, none at the end. */
  fetch(): Promise<AuthorRow[]>
  /** Null where the author has neither function. */
  author: AuthorSession | null
  options: Pick<PartitionLoadOptions, "transform" | "validate">
  columns: readonly StageColumn[]
  signal: AbortSignal
  /** Counts rows as they come from the source. */
  onRead(rows: number): void
}

/**
 * Streams the stage's rows in COPY's text format: fetch → transform → validate, one batch at a time; the next batch is
 * fetched while the author's code works on this one. Pulled by the COPY, so memory holds two batches.
 */
export async function* stageRows(flow: RowFlow): AsyncGenerator<string> {
  const arrays = [false, false, false, ...flow.columns.map((column) => column.isArray)]
  let line = 0
  let next = flow.fetch()
  for (;;) {
    const read = await next
    if (read.length === 0) return
    flow.onRead(read.length)
    next = flow.fetch()
    // Awaited in the next turn; until then its failure must not count as unhandled.
    next.catch(() => {})
    const rows = flow.options.transform ? ((await call(flow, "transform", read)) as AuthorRow[]) : read
    const verdicts = flow.options.validate ? ((await call(flow, "validate", rows)) as (string | null)[]) : []
    let text = ""
    for (const [index, row] of rows.entries()) {
      line++
      text += copyTextRow(stageValues(row, line, verdicts[index] ?? null, flow.columns), arrays)
    }
    if (text) yield text
  }
}

async function call(flow: RowFlow, hook: "transform" | "validate", rows: AuthorRow[]): Promise<unknown> {
  if (rows.length === 0) return []
  const { skipped, output } = unwrapAuthorOutcome(await flow.author!.send(hook, rows), flow.signal)
  if (skipped !== null) throw new SkippedByAuthor(skipped)
  return output
}

/** A rejected row is kept as JSON alone, since it may lack columns; NUL, which Postgres cannot store, rejects a row. */
function stageValues(row: AuthorRow, line: number, verdict: string | null, columns: readonly StageColumn[]): unknown[] {
  const values = columns.map(({ name, isArray }) => valueAsText(row[name], isArray))
  const withNul = columns.find((_, index) => values[index]?.includes("\0"))
  const reason = verdict ?? (withNul ? `column "${withNul.name}" holds a NUL character` : null)
  if (reason === null) return [line, null, null, ...values]
  return [line, withoutNul(reason), rowAsJson(row), ...columns.map(() => null)]
}

function rowAsJson(row: AuthorRow): string {
  return JSON.stringify(row, (_key, value: unknown) => {
    if (typeof value === "bigint") return value.toString()
    return typeof value === "string" ? withoutNul(value) : value
  })
}

function withoutNul(text: string): string {
  return text.replaceAll("\0", "\ufffd")
}

/** Opens a cursor over the query and returns the function that fetches its next rows. */
export async function openCursor(
  client: pg.ClientBase,
  query: { text: string; values: unknown[] },
  batchRows: number,
): Promise<() => Promise<AuthorRow[]>> {
  await client.query(`${CURSOR_PREFIX}${query.text}`, query.values)
  return async () => {
    const { rows } = await client.query<AuthorRow>({
      text: `fetch ${batchRows} from headrace_rows`,
      types: { getTypeParser: parserOf },
    })
    return rows
  }
}

/** What stands before the author's text, for mapping error positions back. */
export const CURSOR_PREFIX = "declare headrace_rows no scroll cursor for "

/**
 * Values as author code sees them, with nothing lost: integers up to 32 bits and floats as numbers, json as its value,
 * instants as ISO 8601 text in UTC with microseconds; bigint, numeric, date and all else as text. A Date would cut
 * microseconds, a number the digits of large keys and amounts.
 */
function parserOf(oid: number): (text: string) => unknown {
  return PARSERS[oid] ?? ((text) => text)
}

const PARSERS: Record<number, (text: string) => unknown> = {
  16: (text) => text === "t",
  21: Number,
  23: Number,
  700: Number,
  701: Number,
  114: (text) => JSON.parse(text) as unknown,
  3802: (text) => JSON.parse(text) as unknown,
  1184: (text) => text.replace(" ", "T").replace(/\+00$/, "Z"),
}
