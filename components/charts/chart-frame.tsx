"use client"
import type { ReactElement } from "react"
import { ResponsiveContainer } from "recharts"

/** Gives a chart its fixed height from the first frame on, and its meaning to those who do not see it. */
export function ChartFrame({
  label,
  height = 124,
  children,
}: {
  label: string
  height?: number
  children: ReactElement
}) {
  return (
    <figure aria-label={label} style={{ height }} className="m-0 min-w-0 overflow-hidden">
      <ResponsiveContainer width="100%" height={height} initialDimension={{ width: 364, height }}>
        {children}
      </ResponsiveContainer>
    </figure>
  )
}

/** The look that all charts share: 11 px labels, thin grid, at most four y labels. */
export const AXIS = {
  tick: { fontSize: 11, fill: "var(--text-3)" },
  tickLine: false,
  axisLine: false,
} as const

export const MARGIN = { top: 8, right: 8, bottom: 0, left: 0 } as const

/** The box that follows the pointer over a chart. */
export const TOOLTIP = {
  cursor: { fill: "var(--hover)", stroke: "var(--border-strong)" },
  contentStyle: {
    background: "var(--raised)",
    border: "1px solid var(--border)",
    borderRadius: 5,
    padding: "4px 8px",
    fontSize: 12,
    lineHeight: "18px",
    boxShadow: "var(--elev-2)",
  },
  labelStyle: { color: "var(--text-1)", fontWeight: 530 },
  itemStyle: { color: "var(--text-2)", padding: 0 },
  isAnimationActive: false,
} as const
