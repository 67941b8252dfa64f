"use client"
import { Area, Bar, CartesianGrid, ComposedChart, Line, Tooltip, XAxis, YAxis } from "recharts"
import { AXIS, ChartFrame, MARGIN, TOOLTIP } from "./chart-frame.tsx"

/** A value over time with the band it was expected in. `mark` points are drawn and can be chosen. */
export interface BandPoint {
  id: string
  time: number
  value: number | null
  band: [number, number] | null
  mark: "unusual" | "fine" | null
}

/** Values as a line, or as bars where each stands for itself (partitions), before the band they were expected in. */
export function BandChart({
  label,
  name,
  points,
  asBars,
  selectedId,
  onSelect,
  formatTime,
  formatAxis,
  formatValue,
  height = 240,
}: {
  label: string
  name: string
  points: readonly BandPoint[]
  asBars: boolean
  selectedId: string | null
  onSelect: (id: string) => void
  formatTime: (time: number) => string
  formatAxis: (value: number) => string
  formatValue: (value: number) => string
  height?: number
}) {
  const drawMark = ({ cx, cy, payload }: { cx?: number; cy?: number; payload?: BandPoint }) => (
    <MarkDot
      key={payload?.id}
      cx={cx}
      cy={cy}
      point={payload}
      isSelected={payload?.id === selectedId}
      isOnly={points.length === 1}
      onSelect={onSelect}
    />
  )
  return (
    <ChartFrame label={label} height={height}>
      <ComposedChart data={points as BandPoint[]} margin={{ ...MARGIN, right: 16 }} barCategoryGap="22%">
        <CartesianGrid vertical={false} stroke="var(--grid-line)" />
        <XAxis
          dataKey="time"
          type="number"
          scale="time"
          domain={["dataMin", "dataMax"]}
          padding={asBars ? { left: 12, right: 12 } : { left: 0, right: 0 }}
          tickFormatter={formatTime}
          tickCount={6}
          minTickGap={48}
          height={20}
          {...AXIS}
        />
        <YAxis
          width={56}
          tickCount={4}
          tickFormatter={formatAxis}
          domain={asBars ? [0, "auto"] : ["auto", "auto"]}
          {...AXIS}
        />
        <Tooltip
          {...TOOLTIP}
          labelFormatter={(time) => formatTime(Number(time))}
          formatter={(value, series) =>
            Array.isArray(value)
              ? [value.map((each) => formatValue(Number(each))).join(" to "), "expected"]
              : [formatValue(Number(value)), series === "value" ? name : series]
          }
          filterNull
        />
        <Area
          dataKey="band"
          stroke="none"
          fill="var(--band)"
          isAnimationActive={false}
          activeDot={false}
          connectNulls
        />
        {asBars && <Bar dataKey="value" name={name} fill="var(--ink)" maxBarSize={14} isAnimationActive={false} />}
        <Line
          dataKey="value"
          name={name}
          stroke={asBars ? "none" : "var(--ink)"}
          strokeWidth={1.6}
          dot={drawMark}
          activeDot={asBars ? false : { r: 3, fill: "var(--ink)" }}
          isAnimationActive={false}
          {...(asBars && { tooltipType: "none" as const })}
        />
      </ComposedChart>
    </ChartFrame>
  )
}

/** A triangle for the unusual, a ring for what was called fine; the list beside the chart is for the keyboard. */
function MarkDot({
  cx,
  cy,
  point,
  isSelected,
  isOnly,
  onSelect,
}: {
  cx: number | undefined
  cy: number | undefined
  point: BandPoint | undefined
  isSelected: boolean
  isOnly: boolean
  onSelect: (id: string) => void
}) {
  if (cx === undefined || cy === undefined || !point || point.value === null) return <g />
  if (point.mark === null) return isOnly ? <circle cx={cx} cy={cy} r={3} fill="var(--ink)" /> : <g />
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the list of anomalies below does the same by keyboard
    <g onClick={() => onSelect(point.id)} className="cursor-pointer">
      <circle cx={cx} cy={cy} r={12} fill="transparent" />
      {isSelected && <circle cx={cx} cy={cy} r={9} fill="none" stroke="var(--accent)" strokeWidth={1.5} />}
      {point.mark === "unusual" ? (
        <path
          d={`M${cx} ${cy - 6}L${cx + 6} ${cy + 5}H${cx - 6}Z`}
          fill="var(--st-failed)"
          stroke="var(--surface)"
          strokeWidth={1}
        />
      ) : (
        <circle cx={cx} cy={cy} r={4} fill="var(--surface)" stroke="var(--st-success)" strokeWidth={2} />
      )}
    </g>
  )
}
