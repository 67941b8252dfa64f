import type { ReactNode } from "react"

const WIDTH = 80
const HEIGHT = 18

/** Counts of equally wide ranges as bars; small ones stay visible. Its exact numbers stand in the details of the column. */
export function MiniHistogram({ counts, label }: { counts: readonly number[]; label: string }) {
  const most = Math.max(1, ...counts)
  const width = WIDTH / counts.length
  return (
    <Frame label={label}>
      {counts.map((count, index) => {
        const height = count === 0 ? 0 : Math.max(1, (count / most) * HEIGHT)
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is known by its place alone
            key={index}
            x={index * width}
            y={HEIGHT - height}
            width={Math.max(1, width - 1)}
            height={height}
            fill="var(--ink)"
          />
        )
      })}
    </Frame>
  )
}

/** Shares of the most frequent values, side by side and ever fainter; the rest stays empty. */
export function MiniShares({ counts, total, label }: { counts: readonly number[]; total: number; label: string }) {
  const starts = counts.map((_, index) => counts.slice(0, index).reduce((sum, count) => sum + count, 0))
  return (
    <Frame label={label}>
      {counts.map((count, index) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a part is known by its place alone
          key={index}
          x={((starts[index] ?? 0) / total) * WIDTH}
          y={5}
          width={Math.max(0.5, (count / total) * WIDTH - 1)}
          height={8}
          fill="var(--ink)"
          opacity={Math.max(0.25, 1 - index * 0.2)}
        />
      ))}
    </Frame>
  )
}

function Frame({ label, children }: { label: string; children: ReactNode }) {
  return (
    <svg
      role="img"
      aria-label={label}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className="block"
    >
      {children}
    </svg>
  )
}
