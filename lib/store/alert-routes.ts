import type { AlertRoute, MaintenanceWindow } from "../domain/alert-plan.ts"
import type { Queryable } from "./transaction.ts"

/** The routes that are switched on, in their order. There are few. */
export async function readActiveRoutes(queryable: Queryable): Promise<AlertRoute[]> {
  const { rows } = await queryable.query<AlertRoute>(
    `select id, '{"pipelines":[],"datasets":[],"owners":[],"tags":[],"kinds":[],"severities":[]}'::jsonb || match as match,
            hours, channels, group_wait_seconds as "groupWaitSeconds", group_interval_seconds as "groupIntervalSeconds",
            escalation, continues
     from alert_route
     where is_active
     order by position, id
     limit 1000`,
  )
  return rows
}

/** Windows that are not over at `now`. Relies on maintenance_window_ends. */
export async function readOpenWindows(queryable: Queryable, now: Date): Promise<MaintenanceWindow[]> {
  const { rows } = await queryable.query<MaintenanceWindow>(
    `select '{"pipelines":[],"datasets":[],"owners":[],"tags":[]}'::jsonb || match as match,
            starts_at as "startsAt", ends_at as "endsAt"
     from maintenance_window
     where ends_at > $1
     order by starts_at
     limit 1000`,
    [now],
  )
  return rows
}
