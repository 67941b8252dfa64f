import type { Connections } from "#lib/server/connections.ts"
import type { Store } from "#lib/store/client.ts"

/** What a monitor gives to each of its parts. */
export interface MonitorCall {
  store: Store
  /** With few sessions, which all monitors of the worker share and tasks do not; what is read there is to end early. */
  connections: Connections
  /** `warehouse.schema.table`. */
  datasetId: string
  now: Date
  /** Aborted when the part takes too long, or the worker stops. */
  signal: AbortSignal
}

/** What a part came to. `failed` is for looks that could not be made; a table that is not as it should be is `ok` here. */
export interface MonitorOutcome {
  outcome: "ok" | "failed"
  /** One sentence for people, without row data. */
  message: string
}

/** A part of what a monitor does. It throws, or answers; null: its policy asks nothing of it. */
export interface MonitorHook {
  name: "freshness" | "expectations" | "series"
  run(call: MonitorCall): Promise<MonitorOutcome | null>
}
