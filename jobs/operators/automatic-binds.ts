import type { BindValue } from "#lib/contracts/operators/sql.ts"
import type { RunContext } from "./operator.ts"

/** Binds that every SQL of a task may use without declaring them. Instants are UTC. */
export function automaticBinds(run: RunContext): Record<string, BindValue> {
  return {
    interval_start: run.intervalStart,
    interval_end: run.intervalEnd,
    logical_at: run.logicalAt,
    partition_key: run.partitionKey,
    partition_keys: run.partitionKeys,
    partition_time: run.partition.time,
    partition_static_key: run.partition.key,
    run_id: run.runId,
  }
}

/**
 * Their types: bare parameters would be read as intervals in `:interval_start - interval '1 day'`. A task's own parameter
 * of the same name has the type its use gives it.
 */
export function automaticTypes(own: Record<string, BindValue>): Record<string, string> {
  return Object.fromEntries(Object.entries(TYPES).filter(([name]) => !Object.hasOwn(own, name)))
}

const TYPES = {
  interval_start: "timestamptz",
  interval_end: "timestamptz",
  logical_at: "timestamptz",
  partition_key: "text",
  partition_keys: "text[]",
  partition_time: "text",
  partition_static_key: "text",
  run_id: "bigint",
}
