"use client"
import { useQuery } from "@tanstack/react-query"
import { parseAsString, useQueryState } from "nuqs"
import type { DatasetProfile, TableProfile } from "#lib/contracts/api/profiles.ts"
import { RelativeTime } from "../format/time.tsx"
import { adviceFor } from "../queries/client.ts"
import { datasetProfileQuery, isAtWork, useProfileNow } from "../queries/profiles.ts"
import { Mark } from "../ui/badge.tsx"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { ProfileTable } from "./profile-table.tsx"
import { readWords } from "./profile-words.ts"

/** What the values of each column look like, and what is another than the time before. */
export function ProfileTab({ id }: { id: string }) {
  const [picked, setPicked] = useQueryState("column", parseAsString)
  const { data, error, refetch } = useQuery(datasetProfileQuery(id))
  if (error && !data) {
    return (
      <ErrorState title="The profile could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
    )
  }
  if (!data) return <SkeletonRows label="Reading the profile" />
  const { latest } = data
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <ProfileBar id={id} data={data} />
      {!latest ? (
        <EmptyState title="This dataset was not profiled yet">
          A profile says of each column how full it is, how many different values it has, and which. It reads a sample
          of the rows; <code>profile</code> in a policy under quality/ has it made after loads, or every so often.
        </EmptyState>
      ) : latest.columns.length === 0 ? (
        <EmptyState title="The table has no columns" />
      ) : (
        <section
          aria-label="Columns"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard
          tabIndex={0}
          className="min-h-0 flex-1 overflow-auto focus-visible:-outline-offset-2"
        >
          <ProfileTable
            profile={latest}
            before={data.before}
            picked={picked}
            onPick={(column) => void setPicked(column)}
          />
        </section>
      )}
    </div>
  )
}

function ProfileBar({ id, data }: { id: string; data: DatasetProfile }) {
  const profileNow = useProfileNow(id)
  const { pending, latest } = data
  const isBusy = isAtWork(data) || profileNow.isPending
  return (
    <div className="flex min-h-10 flex-none flex-wrap items-center gap-x-4 gap-y-1 border-line border-b px-6 py-1 text-t2 max-sm:px-4">
      {latest && <Summary profile={latest} />}
      {pending?.state === "queued" && <Mark glyph="queued">Waiting for a worker</Mark>}
      {pending?.state === "running" && <Mark glyph="running">Reading the table</Mark>}
      {pending?.state === "failed" && <Mark glyph="failed">{pending.message}</Mark>}
      <span className="ml-auto flex gap-2">
        <Button size="sm" disabled={isBusy} onClick={() => profileNow.mutate("all")}>
          Profile all rows
        </Button>
        <Button size="sm" icon="retry" disabled={isBusy} onClick={() => profileNow.mutate(undefined)}>
          Profile now
        </Button>
      </span>
    </div>
  )
}

const CAUSES: Record<TableProfile["cause"], string> = { person: "asked for", load: "after a load", clock: "as planned" }

function Summary({ profile }: { profile: TableProfile }) {
  const cut = profile.columnsTotal > profile.columns.length
  return (
    <span>
      Of {readWords(profile)}, <RelativeTime at={profile.finishedAt} /> ({CAUSES[profile.cause]})
      {cut && `; the first ${profile.columns.length} of ${profile.columnsTotal} columns`}
    </span>
  )
}
