"use client"
import type { FreshnessItem } from "#lib/contracts/api/freshness.ts"
import { datasetParts } from "../datasets/filter-datasets.ts"
import { useNow } from "../format/now.ts"
import { Time } from "../format/time.tsx"
import { useZone } from "../format/zone.ts"
import { Mark } from "../ui/badge.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { Link } from "../ui/link.tsx"
import { ComplianceStrip } from "./compliance-strip.tsx"
import { DeadlineBar } from "./deadline-bar.tsx"
import { forecastWords, keptWords, STANDING_LOOK } from "./freshness-words.ts"

const COLUMNS: readonly Column<FreshnessItem>[] = [
  {
    id: "state",
    header: "State",
    width: "124px",
    className: "max-sm:w-[104px]",
    cell: ({ standing }) => <Mark glyph={STANDING_LOOK[standing].glyph}>{STANDING_LOOK[standing].label}</Mark>,
  },
  {
    id: "dataset",
    header: "Dataset",
    cell: (one) => (
      <>
        <Link
          data-row-link=""
          href={`/datasets/${encodeURIComponent(one.datasetId)}?tab=freshness`}
          title={one.datasetId}
          className="block truncate font-strong hover:text-accent-t"
        >
          {datasetParts(one.datasetId).name}
        </Link>
        <small className="block truncate text-t3">{one.owner ?? datasetParts(one.datasetId).schema}</small>
      </>
    ),
  },
  {
    id: "policy",
    header: "Policy and last arrival",
    width: "15%",
    className: "max-lg:hidden",
    cell: (one) => (
      <>
        <span className="block truncate" title={one.policy}>
          {one.policy}
        </span>
        <small className="block truncate text-t3">
          <LastArrival item={one} />
        </small>
      </>
    ),
  },
  {
    id: "deadline",
    header: "Time to deadline",
    width: "200px",
    className: "max-sm:w-[112px]",
    cell: (one) => <DeadlineBar item={one} />,
  },
  {
    id: "next",
    header: "Why, and what comes next",
    width: "20%",
    className: "max-md:hidden",
    cell: (one) => <NextCell item={one} />,
  },
  {
    id: "days",
    header: "Last 30 days",
    width: "226px",
    className: "max-xl:hidden",
    cell: ({ days }) => <ComplianceStrip days={days} />,
  },
  {
    id: "kept",
    header: "Fresh",
    width: "76px",
    isNumber: true,
    className: "max-sm:hidden",
    cell: ({ kept }) => keptWords(kept),
  },
]

/** Datasets with a policy, one row each, in the order that they were read in. */
export function FreshnessTable({
  items,
  isDimmed,
  onReachEnd,
}: {
  items: readonly FreshnessItem[]
  isDimmed: boolean
  onReachEnd: () => void
}) {
  return (
    <DataTable
      label="Freshness"
      columns={COLUMNS}
      rows={items}
      rowKey={(one) => one.datasetId}
      rowHeight={50}
      isDimmed={isDimmed}
      onReachEnd={onReachEnd}
    />
  )
}

function LastArrival({ item }: { item: FreshnessItem }) {
  const { measure, dataAt, loadedAt } = item
  if (measure !== "loads" && dataAt) {
    return (
      <>
        data up to <Time at={dataAt} />
      </>
    )
  }
  return loadedAt ? (
    <>
      came <Time at={loadedAt} />
    </>
  ) : (
    "nothing has come yet"
  )
}

/** What is wrong comes before what is expected. */
function NextCell({ item }: { item: FreshnessItem }) {
  const zone = useZone()
  const now = useNow(60_000)
  const { run, standing, message } = item
  const isWell = standing === "fresh" || standing === "loading"
  const loader = item.pipelineId ?? "not loaded by a pipeline here"
  return (
    <>
      <span className="block truncate">
        {run?.state === "failed" ? (
          <Link href={`/runs/${run.id}`} className="link" title={message}>
            {run.failedTaskId ?? item.pipelineId} failed
          </Link>
        ) : run && standing === "loading" ? (
          <Link href={`/runs/${run.id}`} className="link">
            {item.pipelineId} runs
          </Link>
        ) : (
          <span title={message}>
            {standing === "at_risk" ? "expected after its deadline" : isWell ? loader : message}
          </span>
        )}
      </span>
      <small className="block truncate text-t3">{now === 0 ? "" : forecastWords(item, zone, now)}</small>
    </>
  )
}
