"use client"
import { useQuery } from "@tanstack/react-query"
import { parseAsStringLiteral, useQueryState } from "nuqs"
import type { ReactNode } from "react"
import type { DatasetVersion } from "#lib/contracts/api/dataset-versions.ts"
import type { DatasetChanges } from "#lib/contracts/dataset-changes.ts"
import { DIFF_LAYOUTS, DiffLayout, FileDiff } from "../code/file-diff.tsx"
import { adviceFor } from "../queries/client.ts"
import { datasetVersionQuery } from "../queries/datasets.ts"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"

/** What a version changed of a dataset: columns, what it is made from, and its SQL line by line. */
export default function VersionChanges({ dataset }: { dataset: DatasetVersion }) {
  const { version, previous, changes } = dataset.change
  if (previous === null || changes === null) {
    return (
      <EmptyState title={`Version ${version} is the first that knows it`}>
        Columns, SQL and lineage show what it was then.
      </EmptyState>
    )
  }
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex-none border-line border-b px-6 py-3 max-sm:px-4">
        <h2 className="first-letter:uppercase">{dataset.change.summary}</h2>
        <p className="text-t3">
          From version {previous.version} to version {version}
          {version !== dataset.version && `; nothing of it changed from there to version ${dataset.version}`}
        </p>
        <ChangeList changes={changes} />
      </div>
      {changes.isSqlChanged && <SqlChanges dataset={dataset} previous={previous} />}
    </div>
  )
}

const SIGN = { added: "+", removed: "−", changed: "~" } as const
const HUE = { added: "success", removed: "failed", changed: "up_for_retry" } as const

function ChangeList({ changes }: { changes: DatasetChanges }) {
  const lines: { change: keyof typeof SIGN; what: ReactNode; key: string }[] = [
    ...changes.columnsAdded.map((name) => line("added", "Column", name)),
    ...changes.columnsRemoved.map((name) => line("removed", "Column", name)),
    ...changes.columnsRetyped.map(({ column, from, to }) => ({
      change: "changed" as const,
      key: `type ${column}`,
      what: (
        <>
          Column <code>{column}</code>: <del className="text-failed-t">{from}</del> <span className="text-t3">to</span>{" "}
          <ins className="text-success-t no-underline">{to}</ins>
        </>
      ),
    })),
    ...changes.upstreamsAdded.map((name) => line("added", "Made from", name)),
    ...changes.upstreamsRemoved.map((name) => line("removed", "Made from", name)),
    ...changes.others.map((what) => ({ change: "changed" as const, key: what, what: <>Changed: {what}</> })),
  ]
  if (lines.length === 0) return null
  return (
    <ul aria-label="Changes" className="mt-2 max-h-56 overflow-auto">
      {lines.map(({ change, what, key }) => (
        <li key={`${change} ${key}`} className="break-words py-0.5">
          <span data-s={HUE[change]} className="mr-2 inline-block w-3 text-center font-strong text-ct">
            {SIGN[change]}
          </span>
          {what} {change !== "changed" && <span className="text-t3">{change}</span>}
        </li>
      ))}
    </ul>
  )
}

function line(change: "added" | "removed", noun: string, name: string) {
  return {
    change,
    key: `${noun} ${name}`,
    what: (
      <>
        {noun} <code>{name}</code>
      </>
    ),
  }
}

function SqlChanges({
  dataset,
  previous,
}: {
  dataset: DatasetVersion
  previous: { pipelineId: string; version: number }
}) {
  const [layout, setLayout] = useQueryState("view", parseAsStringLiteral(DIFF_LAYOUTS).withDefault("unified"))
  const { data, error, refetch } = useQuery(datasetVersionQuery(dataset.id, previous))
  if (error && !data) {
    return (
      <ErrorState
        title="The version before could not be read"
        message={adviceFor(error)}
        onRetry={() => void refetch()}
      />
    )
  }
  if (!data) return <SkeletonRows label="Reading the version before" rowHeight={20} />
  return (
    <>
      <div className="flex min-h-11 flex-none flex-wrap items-center gap-2 border-line border-b px-6 py-1.5 max-sm:px-4">
        <b>SQL</b>
        {dataset.definition?.file && <code className="min-w-0 break-words text-t3">{dataset.definition.file}</code>}
        <span className="ml-auto" />
        <DiffLayout value={layout} onValueChange={(value) => void setLayout(value)} />
      </div>
      <div className="flex min-h-60 flex-1">
        <FileDiff
          path={dataset.definition?.file ?? "compiled.sql"}
          before={sqlOf(data)}
          after={sqlOf(dataset)}
          isSplit={layout === "split"}
        />
      </div>
    </>
  )
}

function sqlOf({ definition, compiled }: DatasetVersion): string {
  return (definition ? definition.sql : compiled?.sql) ?? ""
}
