import { actOnIncidents } from "#lib/actions/act-on-incidents.ts"
import { pageOf, pageQuerySchema } from "#lib/contracts/api/common.ts"
import {
  incidentActionAnswerSchema,
  incidentActionSchema,
  incidentListQuerySchema,
  incidentStatsQuerySchema,
} from "#lib/contracts/api/incidents.ts"
import {
  listIncidents,
  listOccurrences,
  readIncident,
  readIncidentStats,
  readIncidents,
} from "#lib/store/read/incidents.ts"
import type { Api } from "../api.ts"
import { Incident, IncidentDetail, IncidentOccurrence, IncidentStats, idParams } from "../schemas.ts"

const tag = "Incidents"

/** What is wrong, one entry a cause, and what people do about it. */
export function incidentRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/incidents",
      permission: "incidents.read",
      tag,
      summary: "Incidents, those with the newest occurrence first",
      query: incidentListQuerySchema,
      answer: pageOf(Incident),
    },
    ({ store, query }) => listIncidents(store.pool, query),
  )

  api.json(
    {
      method: "get",
      path: "/incidents/stats",
      permission: "incidents.read",
      tag,
      summary: "How many there were, and the mean times to acknowledge and to resolve",
      description: "By when they were opened; the last 30 days unless asked otherwise.",
      query: incidentStatsQuerySchema,
      answer: IncidentStats,
    },
    ({ store, query, now }) => readIncidentStats(store.pool, query, now),
  )

  api.json(
    {
      method: "post",
      path: "/incidents/actions",
      permission: "incidents.operate",
      tag,
      summary: "Acknowledge, assign, snooze, comment on or resolve incidents",
      description: "All of them or none.",
      body: incidentActionSchema,
      answer: incidentActionAnswerSchema,
    },
    async ({ store, body, actor, now }) => {
      const changed = new Set(await actOnIncidents(store, body, { actor: actor.name, at: now }))
      return {
        items: await readIncidents(store.pool, body.ids),
        unchanged: body.ids.filter((id) => !changed.has(id)),
      }
    },
  )

  api.json(
    {
      method: "get",
      path: "/incidents/{id}",
      permission: "incidents.read",
      tag,
      summary: "One incident with its timeline, where it shows, and its newest occurrences",
      params: idParams,
      answer: IncidentDetail,
    },
    ({ store, params }) => readIncident(store.pool, params.id),
  )

  api.json(
    {
      method: "get",
      path: "/incidents/{id}/occurrences",
      permission: "incidents.read",
      tag,
      summary: "What an incident was found in, newest first",
      params: idParams,
      query: pageQuerySchema,
      answer: pageOf(IncidentOccurrence),
    },
    ({ store, params, query }) => listOccurrences(store.pool, { incidentId: params.id, ...query }),
  )
}
