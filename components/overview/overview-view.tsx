"use client"
import { useQuery } from "@tanstack/react-query"
import dynamic from "next/dynamic"
import { parseAsStringLiteral, useQueryState } from "nuqs"
import { Fragment, Suspense } from "react"
import type { Overview } from "#lib/contracts/api/system.ts"
import { MissedCard } from "../deadlines/missed-card.tsx"
import { plural } from "../format/count.ts"
import { UpcomingTime } from "../format/time.tsx"
import { adviceFor } from "../queries/client.ts"
import { overviewQuery } from "../queries/overview.ts"
import { StaleNotice } from "../status/stale-notice.tsx"
import { ButtonLink } from "../ui/button.tsx"
import { Card } from "../ui/card.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { PageHeader } from "../ui/page-header.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { Skeleton } from "../ui/skeleton.tsx"
import { useHydrated } from "../ui/use-hydrated.ts"
import { ApprovalsCard } from "../waits/approvals-card.tsx"
import { BreachesCard } from "./breaches-card.tsx"
import { FirstPipeline } from "./first-pipeline.tsx"
import { KeyFigures } from "./key-figures.tsx"
import { NextRunsCard } from "./next-runs-card.tsx"
import { Timeline } from "./timeline.tsx"
import { type Phrase, verdictOf } from "./verdict.ts"

// Charts stand below the fold and weigh more than the rest of the page together.
const Trends = dynamic(() => import("./trends.tsx").then((module) => module.Trends), {
  ssr: false,
  loading: () => <div className="h-[190px] max-xl:h-[590px]" />,
})

/**
 * "Is everything all right?" in one sentence, four numbers, a day of runs, and the trends. `initial` is the overview as
 * the server read it for the first view; null where it could not.
 */
export function OverviewView({ initial }: { initial: Overview | null }) {
  const isHydrated = useHydrated()
  const reading = useQuery({
    ...overviewQuery(),
    refetchInterval: 60_000,
    ...(initial && { initialData: initial, initialDataUpdatedAt: Date.parse(initial.generatedAt) }),
  })
  const { error, refetch, isError } = reading
  const data = isHydrated ? reading.data : (initial ?? undefined)
  if (isError && !data) {
    return (
      <>
        <PageHeader title="Overview" />
        <ErrorState title="The overview could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
      </>
    )
  }
  if (data && data.timeline.length === 0) return <FirstPipeline problems={data.problems} />
  return (
    <div className="pb-6">
      <StaleNotice reading={reading} />
      <Headline overview={data} />
      <KeyFigures overview={data} />
      <div className="mx-6 mt-4 grid grid-cols-[minmax(0,1fr)_344px] gap-4 max-xl:grid-cols-1 max-sm:mx-4">
        {/* Reads the address, which a page rendered ahead does not have. */}
        <Suspense fallback={<div className="h-[425px] rounded-3 border border-line" />}>
          <TimelineCard overview={data} />
        </Suspense>
        <div className="flex min-w-0 flex-col gap-4">
          {data ? (
            <>
              <ApprovalsCard />
              <MissedCard />
              <BreachesCard freshness={data.freshness} />
              <NextRunsCard nextRuns={data.nextRuns} />
            </>
          ) : (
            <div className="h-[420px] rounded-3 border border-line" />
          )}
        </div>
      </div>
      {data && <Trends overview={data} />}
    </div>
  )
}

function Headline({ overview }: { overview: Overview | undefined }) {
  if (!overview) {
    return (
      <div
        className="flex h-[88px] items-center gap-4 px-6 max-sm:h-[184px] max-sm:px-4"
        role="status"
        aria-label="Reading the overview"
      >
        <h1 className="sr-only">Overview</h1>
        <Skeleton className="size-7 rounded-full" />
        <span className="flex flex-col gap-2">
          <Skeleton className="h-5 w-[min(420px,60vw)]" />
          <Skeleton className="h-4 w-[min(620px,70vw)]" />
        </span>
      </div>
    )
  }
  const verdict = verdictOf(overview)
  return (
    <div className="flex min-h-[88px] items-center max-sm:min-h-[184px] gap-4 px-6 py-4 max-sm:flex-wrap max-sm:px-4">
      <StateIcon name={verdict.glyph} size={28} className="max-sm:hidden" />
      <div className="min-w-0 flex-1 max-sm:basis-full">
        <h1>{verdict.title}</h1>
        <p className="mt-0.5 line-clamp-2 text-14 text-t2">
          {verdict.lead.map((phrase, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one sentence keep their order
            <Fragment key={index}>
              <Piece phrase={phrase} />
            </Fragment>
          ))}
        </p>
      </div>
      {verdict.action && (
        <ButtonLink variant="primary">
          <Link href={verdict.action.href}>{verdict.action.label}</Link>
        </ButtonLink>
      )}
    </div>
  )
}

function Piece({ phrase }: { phrase: Phrase }) {
  if (typeof phrase === "string") return phrase
  if ("strong" in phrase) return <b className="text-t1">{phrase.strong}</b>
  return <UpcomingTime at={phrase.time} />
}

function TimelineCard({ overview }: { overview: Overview | undefined }) {
  const [by, setBy] = useQueryState("by", parseAsStringLiteral(["owner", "tag"]).withDefault("owner"))
  const runs = overview?.timeline.flatMap((row) => row.runs) ?? []
  return (
    <Card
      title="Last 24 hours"
      note={overview ? plural(runs.length, "run") : ""}
      aside={
        <>
          <Legend runs={runs} />
          <Segmented
            label="Group by"
            value={by}
            onValueChange={(next) => void setBy(next)}
            options={[
              { value: "owner", label: "Owner" },
              { value: "tag", label: "Tag" },
            ]}
          />
        </>
      }
    >
      <div className="max-h-[600px] min-h-[360px] overflow-auto px-4 py-3">
        {overview && <Timeline overview={overview} by={by} />}
      </div>
    </Card>
  )
}

function Legend({ runs }: { runs: { state: string }[] }) {
  const count = (...states: string[]) => runs.filter((run) => states.includes(run.state)).length
  return (
    <div className="flex flex-wrap gap-x-3.5 text-12 text-t2 max-md:hidden">
      {(
        [
          ["success", "Success", count("success")],
          ["failed", "Failed", count("failed")],
          ["running", "Running", count("running", "cancelling")],
        ] as const
      ).map(([glyph, label, total]) => (
        <span key={glyph} className="inline-flex items-center gap-[5px] whitespace-nowrap">
          <StateIcon name={glyph} size={12} className="motion-safe:animate-none" />
          {label} {total}
        </span>
      ))}
      <span className="inline-flex items-center gap-[5px]">
        <StateIcon name="scheduled" size={12} />
        Scheduled
      </span>
    </div>
  )
}
