import type { DatasetQuality } from "#lib/contracts/api/quality.ts"
import { QUALITY_DIMENSIONS, type QualityDimension } from "#lib/domain/quality-dimensions.ts"
import { Sparkline } from "../charts/sparkline.tsx"
import { datasetParts } from "../datasets/filter-datasets.ts"
import { formatCount, formatExact, formatScore, plural } from "../format/count.ts"
import { RelativeTime } from "../format/time.tsx"
import { Mark } from "../ui/badge.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { Link } from "../ui/link.tsx"

/** Below this a bar is red: one in ten rows, or worse. */
const GOOD = 90

const COLUMNS: Column<DatasetQuality>[] = [
  {
    id: "dataset",
    header: "Dataset",
    cell: (one) => {
      const { schema, name } = datasetParts(one.id)
      return (
        <span className="block min-w-0">
          <Link
            data-row-link=""
            href={`/datasets/${encodeURIComponent(one.id)}`}
            className="block truncate font-med hover:text-accent-t"
          >
            {name}
          </Link>
          <span className="block truncate text-12 text-t3">
            {schema}
            {one.owner && ` · ${one.owner}`}
          </span>
        </span>
      )
    },
  },
  { id: "score", header: "Score", width: "84px", isNumber: true, cell: (one) => <Score quality={one} /> },
  {
    id: "history",
    header: "History",
    width: "100px",
    className: "max-lg:hidden",
    cell: (one) =>
      one.history.length > 1 ? (
        <Sparkline values={one.history} label={`Scores ${one.history.map(formatScore).join(", ")}`} />
      ) : (
        <span className="text-t3">–</span>
      ),
  },
  {
    id: "checks",
    header: "Checks",
    width: "120px",
    className: "max-sm:w-[104px]",
    cell: (one) => <Checks quality={one} />,
  },
  ...QUALITY_DIMENSIONS.map(
    (dimension): Column<DatasetQuality> => ({
      id: dimension,
      header: <span className="first-letter:uppercase">{dimension}</span>,
      width: "104px",
      className: "max-xl:hidden",
      cell: (one) => <DimensionBar score={one.dimensions[dimension]} dimension={dimension} />,
    }),
  ),
  {
    id: "at",
    header: "Checked",
    width: "96px",
    className: "max-md:hidden",
    cell: (one) =>
      one.checkedAt ? <RelativeTime at={one.checkedAt} className="text-t2" /> : <span className="text-t3">never</span>,
  },
]

/** Datasets with their scores by dimension. */
export function QualityTable({ datasets, isDimmed }: { datasets: readonly DatasetQuality[]; isDimmed: boolean }) {
  return (
    <DataTable
      label="Quality of datasets"
      columns={COLUMNS}
      rows={datasets}
      rowKey={(one) => one.id}
      rowHeight={50}
      isDimmed={isDimmed}
    />
  )
}

function Score({ quality }: { quality: DatasetQuality }) {
  if (quality.score === null) return <span className="text-t3">no score</span>
  return (
    <b className={quality.failing > 0 ? "text-16 text-failed-t" : "text-16"} title={`${quality.score} of 100`}>
      {formatScore(quality.score)}
    </b>
  )
}

function Checks({ quality: { checks, failing, warning, empty } }: { quality: DatasetQuality }) {
  if (checks === 0) return <span className="text-t3">not yet checked</span>
  const of = `of ${formatExact(checks)} checks`
  if (failing > 0)
    return (
      <span title={of}>
        <Mark glyph="failed">
          {formatCount(failing)} {failing === 1 ? "fails" : "fail"}
        </Mark>
      </span>
    )
  if (warning > 0)
    return (
      <span title={of}>
        <Mark glyph="at_risk">
          {formatCount(warning)} {warning === 1 ? "warns" : "warn"}
        </Mark>
      </span>
    )
  if (empty === checks) return <Mark glyph="missing">no rows</Mark>
  return (
    <Mark glyph="success" className="font-body text-t2">
      {plural(checks, "passes", "pass")}
    </Mark>
  )
}

/** A dimension's score as a bar with its number; without one, nothing was checked. */
function DimensionBar({ score, dimension }: { score: number | undefined; dimension: QualityDimension }) {
  if (score === undefined) {
    return (
      <span className="text-t3">
        –<span className="sr-only">no checks of {dimension}</span>
      </span>
    )
  }
  return (
    <span className="grid grid-cols-[1fr_32px] items-center gap-1.5">
      <span className="h-1.5 overflow-hidden rounded-full bg-band" aria-hidden="true">
        <span
          className="block h-full"
          style={{ width: `${score}%`, background: score < GOOD ? "var(--st-failed)" : "var(--st-success)" }}
        />
      </span>
      <span className={score < GOOD ? "text-right font-med text-failed-t" : "text-right text-t2"}>
        {formatScore(score)}
      </span>
    </span>
  )
}
