"use client"
import type { DatasetSummary } from "#lib/contracts/api/datasets.ts"
import { formatExact } from "../format/count.ts"
import { RelativeTime } from "../format/time.tsx"
import { Chip } from "../ui/badge.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { Icon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { datasetParts } from "./filter-datasets.ts"
import { ScoreText } from "./score-text.tsx"

const COLUMNS: readonly Column<DatasetSummary>[] = [
  {
    id: "name",
    header: "Dataset",
    cell: (one) => (
      <>
        <Link
          data-row-link=""
          href={`/datasets/${encodeURIComponent(one.id)}`}
          title={one.id}
          className="block truncate font-strong hover:text-accent-t"
        >
          {datasetParts(one.id).name}
        </Link>
        <small className="block truncate text-t3" title={one.description}>
          {one.description || `${datasetParts(one.id).warehouse}.${datasetParts(one.id).schema}`}
        </small>
      </>
    ),
  },
  {
    id: "schema",
    header: "Schema",
    width: "11%",
    className: "max-md:hidden",
    cell: (one) => <span className="text-t2">{datasetParts(one.id).schema}</span>,
  },
  {
    id: "owner",
    header: "Owner and tags",
    width: "16%",
    className: "max-xl:hidden",
    cell: (one) => (
      <>
        <span className="block truncate">{one.owner ?? <span className="text-t3">no owner</span>}</span>
        <span className="flex gap-1 overflow-hidden">
          {one.sensitiveColumns > 0 && (
            <Chip>
              <Icon name="lock" size={12} />
              <span className="sr-only">Columns with personal data: </span>
              {one.sensitiveColumns}
            </Chip>
          )}
          {one.tags.map((tag) => (
            <Chip key={tag}>{tag}</Chip>
          ))}
        </span>
      </>
    ),
  },
  {
    id: "built",
    header: "Built by",
    width: "18%",
    className: "max-lg:hidden",
    cell: (one) =>
      one.pipelineId ? (
        <>
          <Link href={`/pipelines/${encodeURIComponent(one.pipelineId)}`} className="link block truncate">
            {one.pipelineId}
          </Link>
          <small className="block truncate text-t3">{one.taskId}</small>
        </>
      ) : (
        <span className="text-t3">a source</span>
      ),
  },
  {
    id: "quality",
    header: "Quality",
    width: "150px",
    cell: (one) => <ScoreText score={one.score} failing={one.checksFailing} />,
  },
  {
    id: "rows",
    header: "Rows",
    width: "110px",
    isNumber: true,
    className: "max-sm:hidden",
    cell: (one) => formatExact(one.rowCount),
  },
  {
    id: "updated",
    header: "Loaded",
    width: "130px",
    isNumber: true,
    className: "max-sm:hidden",
    cell: (one) =>
      one.updatedAt ? <RelativeTime at={one.updatedAt} className="text-t2" /> : <span className="text-t3">never</span>,
  },
]

/** Datasets, one row each. */
export function DatasetTable({ datasets, isDimmed }: { datasets: readonly DatasetSummary[]; isDimmed: boolean }) {
  return (
    <DataTable
      label="Datasets"
      columns={COLUMNS}
      rows={datasets}
      rowKey={(one) => one.id}
      rowHeight={50}
      isDimmed={isDimmed}
    />
  )
}
