"use client"
import { useQuery } from "@tanstack/react-query"
import dynamic from "next/dynamic"
import { useState } from "react"
import type { DatasetDetail } from "#lib/contracts/api/datasets.ts"
import type { ScoreHistory } from "#lib/contracts/api/quality.ts"
import { QUALITY_DIMENSIONS, type QualityDimension } from "#lib/domain/quality-dimensions.ts"
import { formatScore, plural } from "../format/count.ts"
import { formatInstant } from "../format/instant.ts"
import { useZone } from "../format/zone.ts"
import { scoreHistoryQuery } from "../queries/quality.ts"
import { cn } from "../ui/cn.ts"
import { Link } from "../ui/link.tsx"

const DayLine = dynamic(() => import("../charts/day-line.tsx").then((module) => module.DayLine), {
  ssr: false,
  loading: () => <div className="h-[110px]" />,
})

/** Below this a bar is red: one in ten rows, or worse. */
const GOOD = 90

/** The score, its dimensions, how it is computed, and how it went. */
export function ScorePanel({ dataset }: { dataset: DatasetDetail }) {
  const [dimension, setDimension] = useState<QualityDimension | null>(null)
  const { data: history } = useQuery(scoreHistoryQuery(dataset.id))
  const scores = new Map(dataset.scores.map((one) => [one.dimension, one]))
  const before = dataset.scoreHistory.at(-2)?.score
  const change = dataset.score !== null && before !== undefined ? dataset.score - before : null
  return (
    <section aria-label="Quality score" className="border-line border-b px-4 py-3">
      <div className="mb-1 flex items-center gap-2">
        <h2>Quality</h2>
        <b className="ml-auto text-20 tracking-[-.01em]">{formatScore(dataset.score)}</b>
        {change !== null && <Change change={change} />}
      </div>
      {dataset.score === null ? (
        <p className="text-t2">No score: nothing was checked yet. No score is not a good score.</p>
      ) : (
        <ul>
          {QUALITY_DIMENSIONS.map((name) => (
            <Dimension
              key={name}
              name={name}
              score={scores.get(name)}
              before={lastButOne(history, name)}
              isChosen={name === dimension}
              onChoose={() => setDimension(name === dimension ? null : name)}
            />
          ))}
        </ul>
      )}
      <Definition weights={history?.weights ?? {}} />
      {history && <Curve history={history} dimension={dimension} />}
    </section>
  )
}

function Change({ change }: { change: number }) {
  if (Math.abs(change) < 0.1) return null
  return (
    <span className={change < 0 ? "font-[560] text-failed-t" : "text-t2"} title="against the checks before">
      {change < 0 ? "−" : "+"}
      {formatScore(Math.abs(change))}
    </span>
  )
}

function Dimension({
  name,
  score,
  before,
  isChosen,
  onChoose,
}: {
  name: QualityDimension
  score: DatasetDetail["scores"][number] | undefined
  before: number | null
  isChosen: boolean
  onChoose: () => void
}) {
  if (!score) {
    return (
      <li className="grid h-[24px] grid-cols-[104px_1fr] items-center gap-2 text-t3">
        <span className="first-letter:uppercase">{name}</span>
        <span>no checks</span>
      </li>
    )
  }
  return (
    <li>
      <button
        type="button"
        aria-pressed={isChosen}
        onClick={onChoose}
        title={`${plural(score.checks, "check")}. Show how it went.`}
        className="-mx-1 grid h-[24px] w-[calc(100%+8px)] grid-cols-[104px_1fr_36px_44px] items-center gap-2 rounded-1 px-1 text-left hover:bg-hover aria-pressed:bg-selected"
      >
        <span className="font-med first-letter:uppercase">{name}</span>
        <span className="h-1.5 overflow-hidden rounded-full bg-band" aria-hidden="true">
          <span
            className="block h-full"
            style={{
              width: `${score.score}%`,
              background: score.score < GOOD ? "var(--st-failed)" : "var(--st-success)",
            }}
          />
        </span>
        <b className="text-right">{formatScore(score.score)}</b>
        <DimensionChange now={score.score} before={before} />
      </button>
    </li>
  )
}

function DimensionChange({ now, before }: { now: number; before: number | null }) {
  if (before === null) return <span />
  const change = now - before
  if (Math.abs(change) < 0.1) return <span className="text-right text-t3">same</span>
  return (
    <span className={cn("text-right", change < 0 ? "font-med text-failed-t" : "text-t2")}>
      {change < 0 ? "−" : "+"}
      {formatScore(Math.abs(change))}
    </span>
  )
}

function lastButOne(history: ScoreHistory | undefined, name: QualityDimension): number | null {
  const scores = (history?.items ?? []).flatMap(({ dimensions }) => dimensions[name] ?? [])
  return scores.at(-2) ?? null
}

/** What the number means, beside it. */
function Definition({ weights }: { weights: ScoreHistory["weights"] }) {
  const own = Object.entries(weights).map(([name, weight]) => `${name} ×${weight}`)
  return (
    <details className="mt-1 text-12 text-t2">
      <summary className="cursor-pointer text-t3">How it is computed</summary>
      <p className="mt-1">
        The share of rows that pass, averaged over the newest result of each check; an error weighs 3, a warning 1. A
        check about the whole table counts all or nothing, one that found no rows not at all.
        {own.length > 0 && ` The policy weighs ${own.join(", ")}.`} Rounded down: 100 means that nothing fails.{" "}
        <Link className="link" href="/quality/expectations">
          What may be expected
        </Link>
      </p>
    </details>
  )
}

function Curve({ history, dimension }: { history: ScoreHistory; dimension: QualityDimension | null }) {
  const zone = useZone()
  const points = history.items.flatMap(({ at, overall, dimensions }) => {
    const value = dimension === null ? overall : (dimensions[dimension] ?? null)
    return value === null ? [] : [{ day: at, value }]
  })
  if (points.length < 2) return null
  const name = dimension ?? "score"
  const lowest = Math.min(...points.map(({ value }) => value))
  return (
    <div className="mt-3">
      <h3 className="mb-1 font-body text-12 text-t3 first-letter:uppercase">{name} over time</h3>
      <DayLine
        label={`Quality ${name} over time`}
        name={dimension ?? "Score"}
        height={110}
        data={points}
        domain={[Math.max(0, Math.floor((lowest - 5) / 10) * 10), 100]}
        formatDay={(at) => formatInstant(at, zone, "day")}
        formatValue={formatScore}
      />
    </div>
  )
}
