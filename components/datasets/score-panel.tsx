"use client"
import dynamic from "next/dynamic"
import type { DatasetDetail } from "#lib/contracts/api/datasets.ts"
import { formatScore } from "../format/count.ts"
import { formatInstant } from "../format/instant.ts"
import { useZone } from "../format/zone.ts"

const DayLine = dynamic(() => import("../charts/day-line.tsx").then((module) => module.DayLine), {
  ssr: false,
  loading: () => <div className="h-[110px]" />,
})

/** The score, its dimensions, and how it went. */
export function ScorePanel({ dataset }: { dataset: DatasetDetail }) {
  const zone = useZone()
  const dimensions = dataset.scores.filter((one) => one.dimension !== "overall")
  const before = dataset.scoreHistory.at(-2)?.score
  const change = dataset.score !== null && before !== undefined ? dataset.score - before : null
  return (
    <section className="border-line border-b px-4 py-3">
      <div className="mb-1 flex items-center gap-2">
        <h2>Quality</h2>
        <b className="ml-auto text-20 tracking-[-.01em]">{formatScore(dataset.score)}</b>
        {change !== null && Math.abs(change) >= 0.1 && (
          <span className={change < 0 ? "font-[560] text-failed-t" : "text-t2"} title="against the check run before">
            {change < 0 ? "−" : "+"}
            {formatScore(Math.abs(change))}
          </span>
        )}
      </div>
      {dimensions.length === 0 ? (
        <p className="text-t2">No score: this dataset has no checks. No score is not a good score.</p>
      ) : (
        <ul>
          {dimensions.map((one) => (
            <li key={one.dimension} className="grid h-[22px] grid-cols-[104px_1fr_40px] items-center gap-2">
              <span className="font-med first-letter:uppercase">{one.dimension}</span>
              <span className="h-1.5 overflow-hidden rounded-full bg-band" aria-hidden="true">
                <span
                  className="block h-full"
                  style={{
                    width: `${one.score}%`,
                    background: one.score < 90 ? "var(--st-failed)" : "var(--st-success)",
                  }}
                />
              </span>
              <b className="text-right" title={`${one.checks} checks`}>
                {formatScore(one.score)}
              </b>
            </li>
          ))}
        </ul>
      )}
      {dataset.scoreHistory.length > 1 && (
        <div className="mt-3">
          <h3 className="mb-1 font-body text-12 text-t3">Score over time</h3>
          <DayLine
            label="Quality score over time"
            name="Score"
            height={110}
            data={dataset.scoreHistory.map((one) => ({ day: one.at, value: one.score }))}
            domain={[
              Math.max(0, Math.floor((Math.min(...dataset.scoreHistory.map((one) => one.score)) - 5) / 10) * 10),
              100,
            ]}
            formatDay={(at) => formatInstant(at, zone, "day")}
            formatValue={formatScore}
          />
        </div>
      )}
    </section>
  )
}
