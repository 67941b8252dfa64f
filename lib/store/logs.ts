import type { AttemptId, RunId } from "../domain/ids.ts"
import type { Queryable } from "./transaction.ts"

export interface NewLogLine {
  line: number
  at: Date
  level: "debug" | "info" | "warn" | "error"
  message: string
}

/** Stores a batch of an attempt's lines, counts them at the attempt and tells those who follow the log: one statement. */
export async function appendLogLines(
  queryable: Queryable,
  attempt: { attemptId: AttemptId; runId: RunId },
  lines: readonly NewLogLine[],
): Promise<void> {
  const bytes = lines.reduce((sum, line) => sum + line.message.length, 0)
  await queryable.query(
    `with added as (
       insert into log_line (attempt_id, line, at, level, message)
       select $1::bigint, * from unnest($2::int[], $3::timestamptz[], $4::text[], $5::text[])
       on conflict do nothing
     )
     update attempt
     set log_lines = greatest(log_lines, $6::int), log_bytes = log_bytes + $7::bigint
     where id = $1::bigint
     returning pg_notify('headrace_events', json_build_object('type', 'log', 'attemptId', id::text, 'runId', $8::text,
       'lines', $6::int)::text)`,
    [
      attempt.attemptId,
      lines.map((line) => line.line),
      lines.map((line) => line.at),
      lines.map((line) => line.level),
      lines.map((line) => line.message),
      lines.at(-1)?.line ?? 0,
      bytes,
      attempt.runId,
    ],
  )
}
