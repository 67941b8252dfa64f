"use client"
import { useInfiniteQuery } from "@tanstack/react-query"
import type { IncidentDetail, IncidentOccurrence } from "#lib/contracts/api/incidents.ts"
import { formatExact } from "../format/count.ts"
import { Time } from "../format/time.tsx"
import { adviceFor } from "../queries/client.ts"
import { occurrenceListQuery } from "../queries/incidents.ts"
import { Button } from "../ui/button.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { countWords, placeWords } from "./incident-words.ts"
import { Section } from "./section.tsx"

const SHOWN = 6

/** What it was found in, newest first: causes, and what followed from them. */
export function OccurrenceSection({ incident, isWhole }: { incident: IncidentDetail; isWhole: boolean }) {
  return (
    <Section
      title="Occurrences"
      note={countWords(incident)}
      aside={
        !isWhole &&
        incident.found.length > SHOWN && (
          <Link className="link" href={`/triage/${incident.id}`}>
            All {formatExact(incident.occurrences + incident.followers)}
          </Link>
        )
      }
    >
      {incident.found.length === 0 ? (
        <p className="text-t2">None is listed: it is about a measurement, not about runs.</p>
      ) : isWhole ? (
        <AllOccurrences id={incident.id} first={incident.found} />
      ) : (
        <Rows rows={causesFirst(incident.found).slice(0, SHOWN)} />
      )}
    </Section>
  )
}

function AllOccurrences({ id, first }: { id: string; first: readonly IncidentOccurrence[] }) {
  const pages = useInfiniteQuery(occurrenceListQuery(id))
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? first
  return (
    <>
      <Rows rows={rows} />
      {pages.isError && (
        <ErrorState
          className="px-0"
          title="Older ones could not be read"
          message={adviceFor(pages.error)}
          onRetry={() => void pages.refetch()}
        />
      )}
      {pages.hasNextPage && (
        <Button className="mt-2" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          Show older ones
        </Button>
      )}
    </>
  )
}

function Rows({ rows }: { rows: readonly IncidentOccurrence[] }) {
  return (
    <ul className="border-line border-t">
      {rows.map((one) => (
        <li key={one.id} className="flex min-h-7 flex-wrap items-center gap-x-3 border-grid border-b py-1">
          <Time at={one.at} className="w-24 flex-none text-t3" />
          <span className="flex flex-none items-center gap-1.5">
            <StateIcon name={one.isRoot ? "failed" : "upstream_failed"} />
            <span className="w-16 text-12 text-t2">{one.isRoot ? "Cause" : "Followed"}</span>
          </span>
          <span className="max-w-[40%] flex-none truncate font-med" title={placeWords(one) ?? ""}>
            {placeWords(one)}
          </span>
          {one.runId && (
            <Link className="link flex-none" href={runHref(one.runId, one.taskId)}>
              Run {one.runId}
            </Link>
          )}
          <span className="min-w-40 flex-1 truncate text-t2" title={one.message}>
            {one.message}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** Where only some are shown, what followed must not crowd out what it followed from. */
function causesFirst(found: readonly IncidentOccurrence[]): IncidentOccurrence[] {
  return found.toSorted((one, other) => Number(other.isRoot) - Number(one.isRoot))
}

function runHref(runId: string, taskId: string | null): string {
  return taskId === null ? `/runs/${runId}` : `/runs/${runId}?tab=gantt&task=${encodeURIComponent(taskId)}`
}
