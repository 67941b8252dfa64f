"use client"
import { useQuery } from "@tanstack/react-query"
import type { Affected, DatasetSchema, SchemaChange } from "#lib/contracts/api/schema-changes.ts"
import { changeText } from "#lib/domain/schema/compare-columns.ts"
import { plural } from "../format/count.ts"
import { RelativeTime, Time } from "../format/time.tsx"
import { adviceFor } from "../queries/client.ts"
import { datasetSchemaQuery } from "../queries/series.ts"
import { Mark } from "../ui/badge.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Link } from "../ui/link.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { Table, Td, Th, Tr } from "../ui/table.tsx"

const VERDICTS = {
  kept: { label: "As promised", glyph: "success" },
  missing: { label: "Missing", glyph: "failed" },
  wrong_type: { label: "Another type", glyph: "failed" },
  extra: { label: "Not promised", glyph: "skipped" },
} as const

const EFFECTS: Record<Affected["effect"], string> = {
  fails: "fails",
  values: "has values of it",
  stale: "stays as it is, behind one that fails",
  unknown: "may depend on it",
}

/** A dataset's columns against what is promised of them, and how they changed, with whom that breaks. */
export function SchemaTab({ id }: { id: string }) {
  const { data, error, isError, refetch } = useQuery(datasetSchemaQuery(id))
  if (isError && !data) {
    return <ErrorState title="The schema could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
  }
  if (!data) return <SkeletonRows label="Reading the schema" />
  return (
    <div className="grid grid-cols-2 max-lg:grid-cols-1">
      <section
        aria-label="Contract"
        className="min-w-0 border-line border-r px-6 py-3 max-lg:border-r-0 max-lg:border-b max-sm:px-4"
      >
        <Contract schema={data} />
      </section>
      <section aria-label="Changes" className="min-w-0 px-6 py-3 max-sm:px-4">
        <h2 className="mb-2">Changes</h2>
        {data.changes.length === 0 ? (
          <p className="text-t3">Its columns have not changed since they are known.</p>
        ) : (
          <ol>
            {data.changes.map((change) => (
              <Change key={change.id} change={change} />
            ))}
          </ol>
        )}
      </section>
    </div>
  )
}

function Contract({ schema }: { schema: DatasetSchema }) {
  const { contract, lines, datasetId } = schema
  const broken = lines.filter(({ isBroken }) => isBroken).length
  return (
    <>
      <h2 className="mb-1">Contract</h2>
      {contract?.hasColumns ? (
        <p className="mb-2 flex flex-wrap items-center gap-x-2">
          <Mark glyph={broken === 0 ? "success" : contract.onChange === "fail" ? "failed" : "stale"}>
            {broken === 0 ? "Kept" : `Broken in ${plural(broken, "column")}`}
          </Mark>
          <span className="text-t2">
            {contract.allowExtra ? "May have more columns." : "No other columns."} Changes: <b>{contract.onChange}</b>.
          </span>
          <code className="text-12 text-t3">{contract.line ? `${contract.file}:${contract.line}` : contract.file}</code>
        </p>
      ) : (
        <>
          <p className="mb-2 text-t2">
            {contract ? (
              <>
                No columns are promised; breaking changes are taken as <b>{contract.onChange}</b>.
              </>
            ) : (
              <>
                None. Promise columns to who reads the table, in a file under <code>quality/</code>:
              </>
            )}
          </p>
          {!contract && (
            <pre className="mb-3 overflow-auto rounded-2 border border-line bg-sunken px-3 py-2 text-12">
              {`datasets:\n  ${datasetId.replace(/^warehouse\./, "")}:\n    schema:\n      onChange: fail\n      columns:\n        - { name: ${lines[0]?.column ?? "id"}, type: ${lines[0]?.actual ?? "bigint"} }`}
            </pre>
          )}
        </>
      )}
      {lines.length > 0 && <Lines schema={schema} />}
    </>
  )
}

function Lines({ schema: { contract, lines } }: { schema: DatasetSchema }) {
  return (
    <Table aria-label="Columns" className="-mx-6 w-[calc(100%+3rem)] max-sm:-mx-4 max-sm:w-[calc(100%+2rem)]">
      <thead>
        <tr>
          <Th>Column</Th>
          {contract?.hasColumns && <Th>Promised</Th>}
          <Th>Type</Th>
          {contract?.hasColumns && <Th>Verdict</Th>}
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <Tr key={line.column}>
            <Td className="font-med">{line.column}</Td>
            {contract?.hasColumns && (
              <Td>
                <code>{line.promised ?? (line.verdict === "extra" ? "–" : "any type")}</code>
              </Td>
            )}
            <Td>
              <code>{line.actual ?? "–"}</code>
            </Td>
            {contract?.hasColumns && (
              <Td>
                <Mark glyph={line.verdict === "extra" && line.isBroken ? "failed" : VERDICTS[line.verdict].glyph}>
                  {VERDICTS[line.verdict].label}
                </Mark>
              </Td>
            )}
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

function Change({ change }: { change: SchemaChange }) {
  const hit = change.affected
  return (
    <li className="border-line border-b py-2 last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-2">
        {change.isBreaking ? (
          <Mark glyph={change.severity === "error" ? "failed" : "stale"}>Breaking</Mark>
        ) : (
          <Mark glyph="success">Compatible</Mark>
        )}
        <Time at={change.at} /> <RelativeTime at={change.at} className="text-t3" />
        {change.runId ? (
          <Link className="link ml-auto text-12" href={`/runs/${change.runId}`}>
            run {change.runId}
          </Link>
        ) : (
          <span className="ml-auto text-12 text-t3">seen by a monitor</span>
        )}
      </div>
      <ul className="mt-1">
        {change.changes.map((each) => (
          <li key={`${each.kind} ${each.column}`} className={each.isBreaking ? "font-med" : "text-t2"}>
            {changeText(each)}
          </li>
        ))}
      </ul>
      {hit.length > 0 && (
        <details className="mt-1" open={hit.length <= 12}>
          <summary className="cursor-pointer text-12 text-t2">Affects {plural(hit.length, "dataset")}</summary>
          <ul className="mt-1">
            {hit.map(({ dataset, owner, effect, columns }) => (
              <li key={dataset} className="min-w-0 truncate text-12" title={columns.join(", ")}>
                <Link className="link" href={`/datasets/${encodeURIComponent(dataset)}`}>
                  {dataset.replace(/^warehouse\./, "")}
                </Link>{" "}
                <span className="text-t3">
                  {EFFECTS[effect]} ({columns.join(", ")}){owner && `, ${owner}`}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {change.isBreaking && hit.length === 0 && <p className="text-12 text-t3">Nothing known reads it.</p>}
    </li>
  )
}
