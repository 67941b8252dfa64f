/** A line without axes for a handful of values; its range is that of the values. */
export function Sparkline({
  values,
  label,
  width = 72,
  height = 24,
  className,
}: {
  values: readonly number[]
  label: string
  width?: number
  height?: number
  className?: string
}) {
  const low = Math.min(...values)
  const range = Math.max(...values) - low || 1
  const x = (index: number) => ((index / Math.max(1, values.length - 1)) * width).toFixed(1)
  const y = (value: number) => (2 + (1 - (value - low) / range) * (height - 4)).toFixed(1)
  const path = values.map((value, index) => `${index === 0 ? "M" : "L"}${x(index)} ${y(value)}`).join("")
  return (
    <svg
      role="img"
      aria-label={label}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      className={className}
    >
      <path d={path} fill="none" stroke="var(--ink)" strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  )
}
