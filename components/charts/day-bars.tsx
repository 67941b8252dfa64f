"use client"
import { Bar, BarChart, CartesianGrid, Tooltip, XAxis, YAxis } from "recharts"
import { AXIS, ChartFrame, MARGIN, TOOLTIP } from "./chart-frame.tsx"

/** Stacked counts a day, the first series at the bottom. Colours are states: see `statusOf`. */
export function DayBars({
  label,
  data,
  series,
  formatDay,
}: {
  label: string
  data: readonly Record<string, string | number>[]
  series: readonly { key: string; name: string; color: string }[]
  formatDay: (day: string) => string
}) {
  return (
    <ChartFrame label={label}>
      <BarChart data={data as Record<string, string | number>[]} margin={MARGIN} barCategoryGap="18%">
        <CartesianGrid vertical={false} stroke="var(--grid-line)" />
        <XAxis
          dataKey="day"
          tickFormatter={formatDay}
          ticks={ends(data)}
          interval="preserveStartEnd"
          height={20}
          {...AXIS}
        />
        <YAxis width={34} tickCount={4} allowDecimals={false} {...AXIS} />
        <Tooltip {...TOOLTIP} labelFormatter={(day) => formatDay(String(day))} />
        {series.map((one) => (
          <Bar
            key={one.key}
            dataKey={one.key}
            name={one.name}
            stackId="all"
            fill={one.color}
            stroke="var(--surface)"
            strokeWidth={0.75}
            isAnimationActive={false}
          />
        ))}
      </BarChart>
    </ChartFrame>
  )
}

function ends(data: readonly Record<string, string | number>[]): string[] {
  return [data[0], data.at(-1)].flatMap((one) => (one ? [String(one.day)] : []))
}
