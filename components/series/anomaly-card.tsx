"use client"
import type { Anomaly, SeriesSummary } from "#lib/contracts/api/series.ts"
import { RelativeTime, Time } from "../format/time.tsx"
import { useAnomalyVerdict } from "../queries/series.ts"
import { Mark } from "../ui/badge.tsx"
import { Button } from "../ui/button.tsx"
import { Link } from "../ui/link.tsx"
import { exactText, seriesWords } from "./metric-words.ts"

/** How an anomaly's state looks. */
export const ANOMALY_LOOK = {
  open: { label: "Unusual", glyph: "failed" },
  closed: { label: "Was unusual", glyph: "stale" },
  fine: { label: "Called fine", glyph: "success" },
} as const

/** One anomaly: what was found against what was expected, and what a person says of it. */
export function AnomalyCard({ anomaly, unit }: { anomaly: Anomaly; unit: SeriesSummary["unit"] | "instant" }) {
  const { fine, undo } = useAnomalyVerdict()
  const isBusy = fine.isPending || undo.isPending
  const { label, glyph } = ANOMALY_LOOK[anomaly.state]
  const text = (value: number) => exactText(value, unit)
  const kind = anomaly.partitionKey === null ? "table" : "partitions"
  const side = anomaly.value < anomaly.lower ? "below" : "above"
  return (
    <section
      aria-label="Anomaly"
      className="flex flex-wrap items-center gap-x-4 gap-y-2 border-line border-b bg-sunken px-6 py-3 max-sm:px-4"
    >
      <div className="min-w-0 flex-[1_1_18rem]">
        <div className="flex flex-wrap items-center gap-x-2">
          <Mark glyph={glyph}>{label}</Mark>
          <b>
            {seriesWords({ ...anomaly, kind, key: "" })}: {text(anomaly.value)}
          </b>
          <span>
            is {side} the {text(anomaly.lower)} to {text(anomaly.upper)} expected
            {anomaly.partitionKey && <> of {anomaly.partitionKey}</>}.
          </span>
        </div>
        <div className="text-12 text-t3">
          <Time at={anomaly.at} /> by {anomaly.rule}
          {anomaly.runId && (
            <>
              , in{" "}
              <Link className="link" href={`/runs/${anomaly.runId}`}>
                run {anomaly.runId}
              </Link>
            </>
          )}
          {anomaly.state === "fine" && anomaly.closedAt && (
            <>
              . {anomaly.closedBy} called it fine <RelativeTime at={anomaly.closedAt} />:{" "}
              {anomaly.lesson === "shift" ? "the level is another from there on" : "such values happen"}
              {anomaly.note && `. ${anomaly.note}`}
            </>
          )}
        </div>
      </div>
      <div className="flex flex-wrap gap-2">
        {anomaly.state === "fine" ? (
          <Button disabled={isBusy} onClick={() => undo.mutate(anomaly.id)}>
            Undo
          </Button>
        ) : (
          <>
            <Button
              icon="check"
              disabled={isBusy}
              title="Such values happen: the band reaches as far from now on"
              onClick={() => fine.mutate({ id: anomaly.id, lesson: "point" })}
            >
              This was fine
            </Button>
            <Button
              disabled={isBusy}
              title="From here on the level is another, and that is how it is"
              onClick={() => fine.mutate({ id: anomaly.id, lesson: "shift" })}
            >
              New level from here
            </Button>
          </>
        )}
      </div>
    </section>
  )
}
