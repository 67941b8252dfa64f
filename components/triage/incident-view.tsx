"use client"
import { useQuery } from "@tanstack/react-query"
import { incidentDetailQuery, triageQuery } from "../queries/incidents.ts"
import { IncidentDetail } from "./incident-detail.tsx"
import { retryVersion } from "./next-steps.tsx"
import { useIncidentActions } from "./use-incident-actions.tsx"
import { useIncidentKeys } from "./use-triage-keys.ts"

/** One incident on a page of its own, to share. */
export function IncidentView({ id }: { id: string }) {
  const { ask, dialog } = useIncidentActions()
  const incident = useQuery(incidentDetailQuery(id)).data
  const version = retryVersion(useQuery(triageQuery(id)).data ?? null)
  useIncidentKeys((action) => incident && ask(action, [incident], { version }))
  return (
    <>
      <IncidentDetail id={id} isWhole onAsk={ask} />
      {dialog}
    </>
  )
}
