import type { WorkerId } from "../domain/ids.ts"
import type { Queryable } from "./transaction.ts"

export interface NewWorker {
  id: WorkerId
  host: string
  pid: number
  version: string
  slots: number
}

/** Makes a worker known; its heartbeat keeps it active. */
export async function registerWorker(queryable: Queryable, worker: NewWorker): Promise<void> {
  await queryable.query("insert into worker (id, host, pid, version, slots) values ($1, $2, $3, $4, $5)", [
    worker.id,
    worker.host,
    worker.pid,
    worker.version,
    worker.slots,
  ])
}

export async function setWorkerState(
  queryable: Queryable,
  id: WorkerId,
  state: "active" | "draining" | "gone",
): Promise<void> {
  await queryable.query("update worker set state = $2, heartbeat_at = now() where id = $1", [id, state])
}
