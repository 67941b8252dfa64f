import type { Queryable } from "../transaction.ts"

/** A session whose open transaction holds locks that others wait for. */
export interface Blocker {
  pid: number
  applicationName: string
  /** `idle in transaction`, `active` … */
  state: string
  heldForSeconds: number
  /** Sessions that wait for it. */
  waiting: number
}

/** Sessions of this database that have held up others for longer than `minSeconds`, the oldest first. */
export async function readBlockers(queryable: Queryable, minSeconds: number): Promise<Blocker[]> {
  const { rows } = await queryable.query<Blocker>(
    `select b.pid, b.application_name as "applicationName", coalesce(b.state, '') as state,
            extract(epoch from now() - b.xact_start)::int as "heldForSeconds", count(*)::int as waiting
     from pg_stat_activity w
     cross join lateral unnest(pg_blocking_pids(w.pid)) as p (pid)
     join pg_stat_activity b on b.pid = p.pid
     where w.datname = current_database() and w.wait_event_type = 'Lock'
       and b.xact_start < now() - $1 * interval '1 second'
     group by b.pid, b.application_name, b.state, b.xact_start
     order by b.xact_start`,
    [minSeconds],
  )
  return rows
}
