"use client"
import { useQuery } from "@tanstack/react-query"
import { adviceFor } from "../queries/client.ts"
import { runChangesQuery } from "../queries/incidents.ts"
import { ChangesSection } from "../triage/changes-section.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"

/** What differs between a run that failed and the last of its pipeline that went well. */
export function RunChangesTab({ runId }: { runId: string }) {
  const changes = useQuery(runChangesQuery(runId))
  if (changes.data) {
    return (
      <div className="max-w-[960px] px-6 py-4 max-sm:px-4">
        <ChangesSection changes={changes.data} />
      </div>
    )
  }
  return changes.isError ? (
    <ErrorState
      title="What changed could not be read"
      message={adviceFor(changes.error)}
      onRetry={() => void changes.refetch()}
    />
  ) : (
    <SkeletonRows label="Reading what changed" rows={6} />
  )
}
