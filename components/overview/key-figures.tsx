import type { ReactNode } from "react"
import type { Overview } from "#lib/contracts/api/system.ts"
import { Sparkline } from "../charts/sparkline.tsx"
import { formatScore, plural } from "../format/count.ts"
import { Time } from "../format/time.tsx"
import type { StateGlyph } from "../ui/glyphs.ts"
import { StateIcon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { Skeleton } from "../ui/skeleton.tsx"

/** The four numbers, each a link to what it counts. */
export function KeyFigures({ overview }: { overview: Overview | undefined }) {
  return (
    <div className="mx-6 grid flex-none grid-cols-4 overflow-hidden rounded-3 border border-line max-lg:grid-cols-2 max-sm:mx-4 max-sm:grid-cols-1">
      {figuresOf(overview).map((figure) => (
        <Link
          key={figure.label}
          href={figure.href}
          className="-mt-px -ml-px relative grid h-[83px] grid-cols-[auto_1fr] items-end gap-x-2.5 border-line border-t border-l px-4 py-3 hover:bg-hover focus-visible:-outline-offset-2"
        >
          <span className="col-span-2 flex items-center gap-1.5 text-t2">
            <StateIcon name={figure.glyph} />
            {figure.label}
          </span>
          {overview ? (
            <>
              <span className="whitespace-nowrap font-[600] text-28 tracking-[-.02em]">
                {figure.value}
                {figure.unit && (
                  <small className="ml-1.5 font-body text-13 text-t3 tracking-normal">{figure.unit}</small>
                )}
              </span>
              <span className="truncate pb-1 text-12 text-t2">{figure.note}</span>
            </>
          ) : (
            <Skeleton className="mb-1 h-6 w-14" />
          )}
          {figure.extra}
        </Link>
      ))}
    </div>
  )
}

interface Figure {
  label: string
  href: string
  glyph: StateGlyph
  value: string
  unit?: string
  note: ReactNode
  extra?: ReactNode
}

function figuresOf(overview: Overview | undefined): Figure[] {
  const failed = overview?.failedRuns ?? []
  const oldest = failed.map((run) => run.finishedAt).toSorted()[0]
  const breaches = overview?.freshness.breaches ?? 0
  const quality = overview?.quality
  const slots = overview?.slots
  return [
    {
      label: "Failed runs open",
      href: "/triage",
      glyph: failed.length > 0 ? "failed" : "success",
      value: String(failed.length),
      note: oldest ? (
        <>
          oldest <Time at={oldest} />
          {incidentWords(overview?.incidents)}
        </>
      ) : (
        "every pipeline's last run is good"
      ),
    },
    {
      label: "Freshness breaches",
      href: "/freshness",
      glyph: breaches > 0 ? "late" : "success",
      value: String(breaches),
      note: overview?.freshness.policies
        ? `of ${plural(overview.freshness.policies, "dataset")} with a policy`
        : "no freshness policies yet",
    },
    {
      label: "Quality score",
      href: "/quality",
      glyph:
        quality?.score === null || !quality
          ? "missing"
          : quality.failingChecks + quality.warningChecks > 0
            ? "at_risk"
            : "success",
      value: quality?.score === null || !quality ? "–" : formatScore(quality.score),
      ...(quality?.score === null || !quality ? {} : { unit: "/ 100" }),
      note: quality ? qualityNote(quality) : "",
      extra: quality && quality.history.length > 1 && (
        <Sparkline
          values={quality.history.map((one) => one.score)}
          label="Quality score, 14 days"
          className="absolute top-3.5 right-4 max-xl:hidden max-lg:block"
        />
      ),
    },
    {
      label: "Running now",
      href: "/runs?state=running,queued",
      glyph: "running",
      value: String(overview?.running ?? 0),
      note: slots ? slotWords(slots) : "",
    },
  ]
}

/** One cause may fail many runs, and one run may have several. */
function incidentWords(incidents: Overview["incidents"] | undefined): string {
  if (!incidents || incidents.open + incidents.acknowledged === 0) return ""
  const seen = incidents.acknowledged > 0 ? ` (${incidents.acknowledged} seen to)` : ""
  return `, ${plural(incidents.open + incidents.acknowledged, "incident")}${seen}`
}

function qualityNote(quality: Overview["quality"]): string {
  if (quality.score === null) return "no checks have run yet"
  const before = quality.history.at(-2)?.score
  if (before === undefined) return `mean of ${plural(quality.datasets, "dataset")}`
  const change = quality.score - before
  if (Math.abs(change) < 0.05) return "same as yesterday"
  return `${formatScore(Math.abs(change))} ${change < 0 ? "lower" : "higher"} than yesterday`
}

function slotWords({ used, total, waiting }: Overview["slots"]): string {
  if (total === 0) return "no worker is running"
  return `${used} of ${plural(total, "slot")}, ${waiting === 0 ? "none waiting" : `${waiting} waiting`}`
}
