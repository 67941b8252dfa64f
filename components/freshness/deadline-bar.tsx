"use client"
import type { FreshnessItem } from "#lib/contracts/api/freshness.ts"
import { useNow } from "../format/now.ts"
import { barPosition, leftWords, STANDING_LOOK } from "./freshness-words.ts"

/** Pixels: the whole, and where now is. */
const WIDTH = 200
const NOW_X = 66
const SPAN = { late: NOW_X - 6, left: WIDTH - NOW_X - 6 }

/** Time left until the deadline, or since it, counting; and where the next arrival is expected. */
export function DeadlineBar({ item }: { item: Pick<FreshnessItem, "dueAt" | "standing" | "forecast"> }) {
  const isNear = item.dueAt !== null && Math.abs(Date.parse(item.dueAt) - Date.now()) < 300_000
  const now = useNow(isNear ? 1_000 : 10_000)
  const words = leftWords(item.dueAt, now)
  if (words === null) return <span className="text-t3">{item.dueAt === null ? "nothing due" : ""}</span>
  const { glyph } = STANDING_LOOK[item.standing]
  const place = (instant: string) => {
    const position = barPosition(Date.parse(instant) - now)
    return NOW_X + position * (position < 0 ? SPAN.late : SPAN.left)
  }
  const dueX = place(item.dueAt!)
  const isCalm = item.standing === "fresh" || item.standing === "unknown"
  return (
    <span data-s={glyph} className="block min-w-0">
      <b className={isCalm ? "font-[480]" : "font-strong text-ct"}>{words}</b>
      <svg
        viewBox={`0 0 ${WIDTH} 16`}
        preserveAspectRatio="xMinYMid meet"
        className="block h-4 w-full max-w-[200px] max-sm:hidden"
        aria-hidden="true"
      >
        <rect x="0" y="6" width={WIDTH} height="4" rx="2" fill="var(--band)" />
        <rect
          x={Math.min(NOW_X, dueX)}
          y="6"
          width={Math.max(1, Math.abs(dueX - NOW_X))}
          height="4"
          fill={isCalm ? "var(--border-strong)" : "var(--c)"}
        />
        <path d={`M${NOW_X} 1V15`} stroke="var(--text-2)" strokeWidth="1" />
        <path d={`M${dueX} 2.500V13.500`} stroke={isCalm ? "var(--text-3)" : "var(--c)"} strokeWidth="2" />
        {item.forecast && (
          <path
            d={`M${place(item.forecast.at) - 4} 8l4-4.500 4 4.500-4 4.500z`}
            fill="var(--surface)"
            stroke="var(--text-1)"
            strokeWidth="1.3"
          />
        )}
      </svg>
    </span>
  )
}
