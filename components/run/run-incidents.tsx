"use client"
import { useQuery } from "@tanstack/react-query"
import { incidentsOfRunQuery } from "../queries/incidents.ts"
import { countWords, standingOf } from "../triage/incident-words.ts"
import { Mark } from "../ui/badge.tsx"
import { Link } from "../ui/link.tsx"

/** The incidents that a run is part of, each with the way to it. */
export function RunIncidents({ runId }: { runId: string }) {
  const { data } = useQuery(incidentsOfRunQuery(runId))
  if (!data || data.length === 0) return null
  return (
    <ul aria-label="Incidents" className="mt-1.5 flex flex-col gap-0.5">
      {data.map((incident) => {
        const { glyph, label } = standingOf(incident)
        return (
          <li key={incident.id} className="flex min-w-0 flex-wrap items-center gap-x-3">
            <Link href={`/triage/${incident.id}`} className="link">
              Incident {incident.id}
            </Link>
            <Mark glyph={glyph}>{label}</Mark>
            <span className="text-t2">
              {countWords(incident)}
              {incident.assignee && `, ${incident.assignee} sees to it`}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
