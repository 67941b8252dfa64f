"use client"
import { CartesianGrid, Line, LineChart, Tooltip, XAxis, YAxis } from "recharts"
import { AXIS, ChartFrame, MARGIN, TOOLTIP } from "./chart-frame.tsx"

/** One value a day as an ink line; the last stretch is dashed where the last day is not over (`isLastOpen`). */
export function DayLine({
  label,
  name,
  data,
  formatDay,
  formatValue,
  domain,
  isLastOpen = false,
  height,
}: {
  label: string
  name: string
  data: readonly { day: string; value: number }[]
  formatDay: (day: string) => string
  formatValue: (value: number) => string
  domain?: [number | "auto", number | "auto"]
  isLastOpen?: boolean
  height?: number
}) {
  const last = data.length - 1
  const points = data.map((one, index) => ({
    day: one.day,
    done: isLastOpen && index === last && last > 0 ? null : one.value,
    open: isLastOpen && index >= last - 1 ? one.value : null,
  }))
  return (
    <ChartFrame label={label} {...(height ? { height } : {})}>
      <LineChart data={points} margin={MARGIN}>
        <CartesianGrid vertical={false} stroke="var(--grid-line)" />
        <XAxis
          dataKey="day"
          tickFormatter={formatDay}
          ticks={[data[0]?.day ?? "", data.at(-1)?.day ?? ""]}
          interval="preserveStartEnd"
          height={20}
          {...AXIS}
        />
        <YAxis width={42} tickCount={4} tickFormatter={formatValue} domain={domain ?? [0, "auto"]} {...AXIS} />
        <Tooltip
          {...TOOLTIP}
          labelFormatter={(day) => formatDay(String(day))}
          formatter={(value) => [formatValue(Number(value)), name]}
          filterNull
        />
        <Line
          dataKey="done"
          stroke="var(--ink)"
          strokeWidth={1.6}
          dot={data.length === 1 ? { r: 3, fill: "var(--ink)" } : false}
          activeDot={{ r: 3, fill: "var(--ink)" }}
          isAnimationActive={false}
        />
        {isLastOpen && last > 0 && (
          <Line
            dataKey="open"
            stroke="var(--ink)"
            strokeWidth={1.6}
            strokeDasharray="3 3"
            dot={({ cx, cy, index }: { cx?: number; cy?: number; index?: number }) =>
              index === last ? (
                <circle key={index} cx={cx} cy={cy} r="3" fill="var(--surface)" stroke="var(--ink)" strokeWidth="1.6" />
              ) : (
                <g key={index} />
              )
            }
            activeDot={false}
            legendType="none"
            isAnimationActive={false}
          />
        )}
      </LineChart>
    </ChartFrame>
  )
}
