"use client"
import { parseAsStringLiteral, useQueryState } from "nuqs"
import type { DatasetDetail } from "#lib/contracts/api/datasets.ts"
import { CodeLines } from "../code/code-lines.tsx"
import { Time } from "../format/time.tsx"
import { Mark } from "../ui/badge.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { Link } from "../ui/link.tsx"
import { Segmented } from "../ui/segmented.tsx"

/** The query that builds the dataset: as the project has it, and as it was run last. */
export function SqlTab({ dataset }: { dataset: Pick<DatasetDetail, "definition" | "compiled"> }) {
  const [wanted, setWanted] = useQueryState("sql", parseAsStringLiteral(["source", "compiled"] as const))
  const { definition, compiled } = dataset
  const source = definition?.sql ?? null
  if (source === null && compiled === null) {
    return (
      <EmptyState title="No query is known">
        {definition
          ? "No query of the project builds this dataset."
          : "Queries are shown of datasets that a dbt project builds. The files of other tasks stand with their pipeline's code."}
      </EmptyState>
    )
  }
  const view = source === null ? "compiled" : compiled === null ? "source" : (wanted ?? "source")
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-11 flex-none flex-wrap items-center gap-x-3 gap-y-1 border-line border-b px-6 py-1.5 max-sm:px-4">
        {source !== null && compiled !== null && (
          <Segmented
            label="Which query"
            value={view}
            onValueChange={(value) => void setWanted(value)}
            options={[
              { value: "source", label: "As written" },
              { value: "compiled", label: "As it ran" },
            ]}
          />
        )}
        <span className="min-w-0 break-words text-t2">
          {view === "source" ? (
            <code>{definition?.file ?? `${definition?.package}: ${definition?.uniqueId}`}</code>
          ) : (
            compiled && (
              <>
                Compiled by{" "}
                {compiled.runId ? (
                  <Link href={`/runs/${compiled.runId}`} className="link">
                    run {compiled.runId}
                  </Link>
                ) : (
                  "a run"
                )}{" "}
                of version {compiled.version}, <Time at={compiled.at} />
              </>
            )
          )}
        </span>
        {compiled?.problem && <Mark glyph="at_risk">Its columns could not be traced</Mark>}
      </div>
      {compiled?.problem && <p className="border-line border-b px-6 py-2 text-t2 max-sm:px-4">{compiled.problem}</p>}
      <CodeLines
        key={view}
        path={view === "source" ? (definition?.file ?? "model.sql") : "compiled.sql"}
        text={view === "source" ? source! : compiled!.sql}
        line={null}
      />
    </div>
  )
}
