"use client"
import { useQuery } from "@tanstack/react-query"
import type { FreshnessDetail } from "#lib/contracts/api/freshness.ts"
import { useNow } from "../format/now.ts"
import { RelativeTime, Time, UpcomingTime } from "../format/time.tsx"
import { useZone } from "../format/zone.ts"
import { adviceFor } from "../queries/client.ts"
import { freshnessDetailQuery, useCheckNow } from "../queries/freshness.ts"
import { Mark } from "../ui/badge.tsx"
import { Button } from "../ui/button.tsx"
import { Facts } from "../ui/card.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { ComplianceStrip } from "./compliance-strip.tsx"
import { DeadlineBar } from "./deadline-bar.tsx"
import { forecastWords, keptWords, MEASURE_WORDS, STANDING_LOOK } from "./freshness-words.ts"
import { MonitorSection } from "./monitor-section.tsx"
import { StateHistory } from "./state-history.tsx"

type Watched = NonNullable<FreshnessDetail["freshness"]>

/** How fresh one dataset is, by which policy, since when, and what its monitor found. */
export function FreshnessTab({ id }: { id: string }) {
  const zone = useZone()
  const { data, error, isError, refetch } = useQuery(freshnessDetailQuery(id, zone))
  if (isError && !data) {
    return <ErrorState title="Freshness could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
  }
  if (!data) return <SkeletonRows label="Reading freshness" />
  const { freshness, monitor } = data
  if (!freshness && !monitor) return <NoPolicy id={id} />
  return (
    <>
      {freshness && <Standing item={freshness} />}
      {monitor && <MonitorSection monitor={monitor} hasOwnCheck={freshness !== null} />}
      {freshness && <StateHistory history={freshness.history} />}
    </>
  )
}

function Standing({ item }: { item: Watched }) {
  const zone = useZone()
  const now = useNow(60_000)
  const check = useCheckNow()
  const { label, glyph } = STANDING_LOOK[item.standing]
  return (
    <section className="border-line border-b px-6 py-4 max-sm:px-4" aria-label="Freshness now">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Mark glyph={glyph} className="text-14">
          {label}
        </Mark>
        <span className="min-w-0 flex-1 text-t2">{item.message}</span>
        <Button icon="retry" disabled={check.isPending} onClick={() => check.mutate(item.datasetId)}>
          Check now
        </Button>
      </div>
      <div className="mt-3 grid grid-cols-2 gap-x-8 gap-y-3 max-lg:grid-cols-1">
        <Facts
          items={[
            ["Asked for", item.policy],
            ["Declared in", <Place key="place" item={item} />],
            ["Measured by", MEASURE_WORDS[item.measure]],
            [
              "Since",
              <span key="since">
                <Time at={item.since} /> <RelativeTime at={item.since} className="text-t3" />
              </span>,
            ],
          ]}
        />
        <Facts
          items={[
            ["Last load", item.loadedAt ? <Time key="load" at={item.loadedAt} /> : "none known"],
            ["Data up to", item.measure === "loads" ? "not asked" : <Time key="data" at={item.dataAt} />],
            [
              "Expected",
              now === 0 ? "" : <Expected key="forecast" item={item} words={forecastWords(item, zone, now)} />,
            ],
            ["Looked at", <RelativeTime key="checked" at={item.checkedAt} />],
          ]}
        />
      </div>
      <div className="mt-3 flex flex-wrap items-end gap-x-8 gap-y-3">
        <div className="w-52">
          <DeadlineBar item={item} />
        </div>
        <div className="flex items-center gap-3">
          <ComplianceStrip days={item.days} />
          <span>
            <b>{keptWords(item.kept)}</b> <span className="text-t3">fresh in 30 days</span>
          </span>
        </div>
      </div>
    </section>
  )
}

function Place({ item }: { item: Watched }) {
  const where = item.file ? <code>{item.line ? `${item.file}:${item.line}` : item.file}</code> : null
  if (item.origin === "policy") return where ?? "the workspace"
  return <>its dbt project{where && <>, {where}</>}</>
}

function Expected({ item, words }: { item: Watched; words: string }) {
  const { forecast } = item
  // A range within a minute would read as one instant, twice.
  if (!forecast || Date.parse(forecast.to) - Date.parse(forecast.from) < 60_000) return words
  return (
    <>
      {words}{" "}
      <span className="text-t3">
        between <UpcomingTime at={forecast.from} /> and <UpcomingTime at={forecast.to} />
      </span>
    </>
  )
}

function NoPolicy({ id }: { id: string }) {
  const table = id.replace(/^warehouse\./, "")
  return (
    <EmptyState title="No freshness policy">
      <p>
        Say how old this table may be, or by when it has to be there, in a file under <code>quality/</code>:
      </p>
      <pre className="mt-3 overflow-auto rounded-2 border border-line bg-sunken px-3 py-2 text-12">
        {`datasets:\n  ${table}:\n    freshness:\n      maxAge: { warn: 6h, error: 1d }`}
      </pre>
    </EmptyState>
  )
}
