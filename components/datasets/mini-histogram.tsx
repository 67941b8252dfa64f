/** Counts of equally wide ranges as bars; small ones stay visible. Its exact numbers stand in the details of the column. */
export function MiniHistogram({ counts, label }: { counts: readonly number[]; label: string }) {
  const most = Math.max(1, ...counts)
  const width = 80 / counts.length
  return (
    <svg role="img" aria-label={label} width="80" height="18" viewBox="0 0 80 18" className="block">
      {counts.map((count, index) => {
        const height = count === 0 ? 0 : Math.max(1, (count / most) * 18)
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is known by its place alone
            key={index}
            x={index * width}
            y={18 - height}
            width={Math.max(1, width - 1)}
            height={height}
            fill="var(--ink)"
          />
        )
      })}
    </svg>
  )
}
