import { actOnRuns } from "#lib/actions/act-on-runs.ts"
import { retryIncidents } from "#lib/actions/retry-incidents.ts"
import { logSearchQuerySchema } from "#lib/contracts/api/log-search.ts"
import { retryIncidentSchema, retryIncidentsSchema } from "#lib/contracts/api/triage.ts"
import type { RunId } from "#lib/domain/ids.ts"
import { readRunChanges } from "#lib/server/triage/read-run-changes.ts"
import { readTriage } from "#lib/server/triage/read-triage.ts"
import { readFirstError } from "#lib/store/read/first-error.ts"
import { readIncidentFacts } from "#lib/store/read/incident-facts.ts"
import { readIncident } from "#lib/store/read/incidents.ts"
import { searchLogs } from "#lib/store/read/search-logs.ts"
import type { Api } from "../api.ts"
import {
  BulkResult,
  FirstError,
  idParams,
  LogSearchPage,
  RetryIncidentsResult,
  RunChanges,
  Triage,
} from "../schemas.ts"

const tag = "Triage"

/** What to know of a failure, and what to do about it. */
export function triageRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/runs/{id}/changes",
      permission: "runs.read",
      tag,
      summary: "What differs between a run and the last of its pipeline that went well before it",
      params: idParams,
      answer: RunChanges,
    },
    ({ store, params }) => readRunChanges(store.pool, params.id),
  )

  api.json(
    {
      method: "get",
      path: "/attempts/{id}/first-error",
      permission: "logs.read",
      tag,
      summary: "The first error of an attempt's log, with the lines around it",
      params: idParams,
      answer: FirstError,
    },
    ({ store, params }) => readFirstError(store.pool, params.id),
  )

  api.json(
    {
      method: "get",
      path: "/logs/search",
      permission: "logs.read",
      tag,
      summary: "Lines of all logs, and messages of failures, that contain a text",
      description:
        "Newest attempts first. A page reads at most 500,000 lines: `searched` says how far back it came, `nextCursor` goes on.",
      query: logSearchQuerySchema,
      answer: LogSearchPage,
    },
    ({ store, query, now }) => searchLogs(store.pool, query, now),
  )

  api.json(
    {
      method: "get",
      path: "/incidents/{id}/triage",
      permission: "incidents.read",
      tag,
      summary: "What changed, the first error, who is affected, and what to do next",
      params: idParams,
      answer: Triage,
    },
    ({ store, params }) => readTriage(store.pool, params.id),
  )

  api.json(
    {
      method: "post",
      path: "/incidents/{id}/retry",
      permission: "runs.operate",
      tag,
      summary: "Run again what failed of an incident's cause",
      description: "The failed tasks, and what waits for them, of each run at its root that is failed now.",
      params: idParams,
      body: retryIncidentSchema,
      answer: BulkResult,
    },
    async ({ store, params, body, actor }) => {
      await readIncident(store.pool, params.id)
      const { failedRuns } = await readIncidentFacts(store.pool, params.id)
      const runIds = failedRuns as RunId[]
      return actOnRuns(store, { action: "retry", runIds, ...body, actor: actor.name })
    },
  )

  api.json(
    {
      method: "post",
      path: "/incidents/retry",
      permission: "runs.operate",
      tag,
      summary: "Run again what failed of the causes of many incidents",
      description:
        "Each run once, at most 500. What cannot be done is said for that incident or run and stops no other.",
      body: retryIncidentsSchema,
      answer: RetryIncidentsResult,
    },
    ({ store, body, actor }) => retryIncidents(store, { ...body, actor: actor.name }),
  )
}
