import type { Manifest } from "../../contracts/manifest.ts"
import { NO_TRIGGERS, schedulesOf } from "../../contracts/manifest-schedule.ts"
import type { KnownSchedule } from "../../domain/next-runs.ts"

/** What a pipeline's current version says about when it runs, and how far its schedules have come. */
export interface Timing extends Pick<Manifest, "schedule" | "schedules" | "startDate" | "catchup" | "timezone"> {
  triggers: Manifest["triggers"]
  states: Array<{ key: string; lastLogicalAt: string | null; nextRunAt: string | null }>
}

/** Of `pipeline p left join pipeline_version v`: a {@link Timing}, null without a current version. */
export const TIMING_COLUMN = `
  case when v.id is not null then jsonb_build_object(
    'schedule', v.manifest -> 'schedule', 'schedules', coalesce(v.manifest -> 'schedules', '[]'),
    'startDate', v.manifest -> 'startDate', 'catchup', v.manifest -> 'catchup', 'timezone', v.manifest -> 'timezone',
    'triggers', coalesce(v.manifest -> 'triggers', '${JSON.stringify(NO_TRIGGERS)}'),
    'states', (select coalesce(jsonb_agg(jsonb_build_object('key', s.schedule_key, 'lastLogicalAt', s.last_logical_at,
                 'nextRunAt', s.next_run_at)), '[]')
               from pipeline_schedule s where s.pipeline_id = p.id)) end`

/** The pipeline's schedules, with the latest time of its datasets among them. */
export function knownSchedules(timing: Timing | null): KnownSchedule[] {
  if (timing === null) return []
  const { datasets } = timing.triggers
  return [...schedulesOf(timing), ...(datasets?.latest ? [datasets.latest] : [])].map((schedule) => {
    const state = timing.states.find((each) => each.key === schedule.key)
    return { schedule, lastLogicalAt: toDate(state?.lastLogicalAt), nextRunAt: toDate(state?.nextRunAt) }
  })
}

/** Whether its schedules start anything now. */
export function isAwake(row: { isPaused: boolean; version: number | null }): boolean {
  return !row.isPaused && row.version !== null
}

function toDate(instant: string | null | undefined): Date | null {
  return instant ? new Date(instant) : null
}
