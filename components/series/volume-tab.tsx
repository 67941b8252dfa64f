"use client"
import { useQuery } from "@tanstack/react-query"
import dynamic from "next/dynamic"
import { parseAsString, parseAsStringLiteral, useQueryState } from "nuqs"
import type { DatasetDetail } from "#lib/contracts/api/datasets.ts"
import type { Anomaly, Series, SeriesPointView, SeriesSummary } from "#lib/contracts/api/series.ts"
import { unitOf as unitOfMetric } from "#lib/domain/anomaly/metric.ts"
import { plural } from "../format/count.ts"
import { formatInstant } from "../format/instant.ts"
import { useZone } from "../format/zone.ts"
import { adviceFor } from "../queries/client.ts"
import { anomaliesQuery, seriesListQuery, seriesQuery } from "../queries/series.ts"
import { Mark } from "../ui/badge.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Select } from "../ui/input.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { AnomalyCard } from "./anomaly-card.tsx"
import { AnomalyTable } from "./anomaly-table.tsx"
import { axisText, exactText, findSeries, isInstantSeries, seriesId, seriesWords } from "./metric-words.ts"
import { thinPoints } from "./thin-points.ts"

const BandChart = dynamic(() => import("../charts/band-chart.tsx").then((module) => module.BandChart), {
  ssr: false,
  loading: () => <div className="h-60" />,
})

const RANGES = ["30", "90", "400", "10000"] as const
/** As many as a wide screen has room for. */
const MOST_DRAWN = 600

/** How much there is of a dataset over time, what was expected, and what people say of what was not. */
export function VolumeTab({ dataset }: { dataset: DatasetDetail }) {
  const { id } = dataset
  const [asked, setAsked] = useQueryState("series", parseAsString)
  const [range, setRange] = useQueryState("points", parseAsStringLiteral(RANGES).withDefault("90"))
  const [chosen, setChosen] = useQueryState("anomaly", parseAsString)
  const list = useQuery(seriesListQuery(id))
  const anomalies = useQuery(anomaliesQuery(id))
  if (list.isError && !list.data) {
    const retry = () => void list.refetch()
    return <ErrorState title="Measurements could not be read" message={adviceFor(list.error)} onRetry={retry} />
  }
  if (!list.data) return <SkeletonRows label="Reading measurements" />
  const series = findSeries(list.data.items, asked)
  if (!series) {
    return (
      <EmptyState title="Nothing was measured yet">
        Each load says how many rows it brought. A table that no pipeline builds is counted by a monitor, declared in a
        file under <code>quality/</code>.
      </EmptyState>
    )
  }
  const found = anomalies.data?.items ?? []
  const choose = (anomaly: Anomaly) => {
    const one = list.data.items.find((item) => isOf(anomaly, item))
    void setChosen(anomaly.id)
    if (one) void setAsked(seriesId(one))
  }
  const shown = found.find((anomaly) => anomaly.id === chosen) ?? found.find((anomaly) => isOf(anomaly, series))
  return (
    <>
      <section aria-label="Volume" className="border-line border-b px-6 py-3 max-sm:px-4">
        <div className="flex flex-wrap items-center gap-2">
          <Select
            aria-label="What is shown"
            className="max-w-80 max-sm:w-full"
            value={seriesId(series)}
            onChange={(event) => void setAsked(event.target.value)}
          >
            {list.data.items.map((item) => (
              <option key={seriesId(item)} value={seriesId(item)}>
                {seriesWords(item)}
                {item.openAnomalies > 0 ? " (unusual)" : ""}
              </option>
            ))}
          </Select>
          <Segmented
            label="How many of the newest"
            value={range}
            onValueChange={(value) => void setRange(value)}
            options={RANGES.map((value) => ({ value, label: value === "10000" ? "All" : value }))}
          />
          <span className="ml-auto text-12 text-t3">{plural(series.points, "measurement")}</span>
        </div>
        <SeriesChart
          dataset={dataset}
          series={series}
          limit={Number(range)}
          selectedId={shown?.id ?? null}
          onSelect={(anomalyId) => void setChosen(anomalyId)}
        />
      </section>
      {shown && <AnomalyCard anomaly={shown} unit={unitOf(dataset, series, shown)} />}
      <AnomalyTable anomalies={found} selectedId={shown?.id ?? null} onSelect={choose} />
    </>
  )
}

function isOf({ metric, column, partitionKey }: Anomaly, series: SeriesSummary): boolean {
  if (metric !== series.metric || column !== series.column) return false
  if (series.kind === "table") return partitionKey === null
  const [time, key = ""] = (partitionKey ?? "").split("|")
  return series.kind === "key" ? partitionKey === series.key : /^\d{4}-/.test(time!) && key === series.key
}

function unitOf(dataset: DatasetDetail, series: SeriesSummary, { metric, column }: Pick<Anomaly, "metric" | "column">) {
  const type = dataset.columns.find(({ name }) => name === column)?.type
  if (isInstantSeries({ ...series, metric, column }, type)) return "instant" as const
  return unitOfMetric(metric)
}

function SeriesChart({
  dataset,
  series,
  limit,
  selectedId,
  onSelect,
}: {
  dataset: DatasetDetail
  series: SeriesSummary
  limit: number
  selectedId: string | null
  onSelect: (anomalyId: string) => void
}) {
  const zone = useZone()
  const { data, error, isError, refetch } = useQuery(seriesQuery(dataset.id, series, limit))
  if (isError && !data) {
    return <ErrorState title="The series could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
  }
  if (!data) return <SkeletonRows label="Reading the series" />
  const unit = unitOf(dataset, series, series)
  const words = seriesWords(series)
  const points = thinPoints(data.points.map(toDrawn), MOST_DRAWN)
  const next = data.next?.kind === "band" ? data.next : null
  const coming = { id: "next", time: Date.parse(next?.at ?? ""), value: null, mark: null }
  const isByDay =
    series.kind === "partitions" ||
    Date.parse(data.points.at(-1)?.time ?? "") - Date.parse(data.points[0]?.time ?? "") > 4 * 86_400_000
  return (
    <>
      <Standing series={data} text={(value) => exactText(value, unit)} />
      <BandChart
        label={`${words} over time, with what was expected`}
        name={words}
        points={next && points.length > 1 ? [...points, { ...coming, band: [next.lower, next.upper] }] : points}
        asBars={series.kind === "partitions"}
        selectedId={data.points.find(({ anomaly }) => anomaly?.id === selectedId)?.id ?? null}
        onSelect={(pointId) => {
          const anomaly = data.points.find(({ id }) => id === pointId)?.anomaly
          if (anomaly) onSelect(anomaly.id)
        }}
        // A partition's day is its own, wherever it is looked at.
        formatTime={(time) =>
          formatInstant(time, series.kind === "partitions" ? "UTC" : zone, isByDay ? "day" : "short")
        }
        formatAxis={(value) => axisText(value, unit)}
        formatValue={(value) => exactText(value, unit)}
      />
    </>
  )
}

function toDrawn({ id, time, value, lower, upper, state, anomaly }: SeriesPointView) {
  const mark = anomaly?.state === "fine" ? "fine" : state === "unusual" ? "unusual" : null
  return {
    id,
    time: Date.parse(time),
    value,
    band: lower === null || upper === null ? null : ([lower, upper] as [number, number]),
    mark: mark as "fine" | "unusual" | null,
    isKept: mark !== null,
  }
}

/** The newest measurement in a sentence, and what is expected next. */
function Standing({ series, text }: { series: Series; text: (value: number) => string }) {
  const last = series.points.at(-1)
  if (!last) return null
  const { next } = series
  const range = last.lower !== null && last.upper !== null ? `${text(last.lower)} to ${text(last.upper)}` : null
  const isFine = last.anomaly?.state === "fine"
  return (
    <p className="mt-2 mb-1 flex flex-wrap items-center gap-x-2">
      {last.state === "unusual" && !isFine ? (
        <Mark glyph="failed">Unusual</Mark>
      ) : last.state === "unwatched" || next === null ? (
        <Mark glyph="missing">Not watched</Mark>
      ) : next.kind === "learning" ? (
        <Mark glyph="scheduled">Learning</Mark>
      ) : (
        <Mark glyph="success">
          {isFine ? "Called fine" : last.state === "partial" ? "Not over yet" : "As expected"}
        </Mark>
      )}
      <span>
        {last.partitionKey && <>{last.partitionKey}: </>}
        <b>{text(last.value)}</b>
        {range && <>, expected {range}</>}.
      </span>
      <span className="text-t3">
        {next?.kind === "learning" &&
          `Nothing is judged yet: ${next.missing} more of ${next.needed} measurements are needed.`}
        {next?.kind === "band" && `Next: ${text(next.lower)} to ${text(next.upper)} (${next.rule}).`}
      </span>
    </p>
  )
}
