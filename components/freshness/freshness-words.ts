import type { FreshnessItem, FreshnessPage } from "#lib/contracts/api/freshness.ts"
import type { Standing } from "#lib/domain/freshness/rank-freshness.ts"
import { plural } from "../format/count.ts"
import { formatDuration, formatMinutes } from "../format/duration.ts"
import { formatUpcoming } from "../format/instant.ts"
import type { StateGlyph } from "../ui/glyphs.ts"

/** How a standing looks: its word, and the shape and hue of its state. */
export const STANDING_LOOK: Record<Standing, { label: string; glyph: StateGlyph }> = {
  error: { label: "Late", glyph: "late" },
  warn: { label: "Warning", glyph: "stale" },
  at_risk: { label: "At risk", glyph: "at_risk" },
  unknown: { label: "Unknown", glyph: "missing" },
  loading: { label: "Loading", glyph: "running" },
  fresh: { label: "On time", glyph: "success" },
}

/** From what it is seen that something came. */
export const MEASURE_WORDS: Record<FreshnessItem["measure"], string> = {
  loads: "loads of its pipeline",
  data: "its newest data",
  both: "loads and newest data, both",
}

/** The board's title: what is wrong, or that nothing is. */
export function verdictWords({ standings, nextDueAt }: FreshnessPage["summary"], now: number): string {
  const late = standings.error ?? 0
  const warned = standings.warn ?? 0
  const atRisk = standings.at_risk ?? 0
  const unknown = standings.unknown ?? 0
  const soon = nextDueAt && now > 0 ? ` within ${formatMinutes(Math.max(0, Date.parse(nextDueAt) - now))}` : " soon"
  if (late > 0)
    return `${isAre(late)} late${atRisk > 0 ? `, ${atRisk} more will be${atRisk === 1 ? soon : " soon"}` : ""}`
  if (warned > 0) return `${plural(warned, "dataset")} ${warned === 1 ? "warns" : "warn"}, none is late`
  if (atRisk > 0) return `${plural(atRisk, "dataset")} will be late${atRisk === 1 ? soon : " soon"}`
  if (unknown > 0) return `Nothing is late, ${isAre(unknown)} not known`
  return "Everything is on time"
}

function isAre(count: number): string {
  return `${plural(count, "dataset")} ${count === 1 ? "is" : "are"}`
}

/** `26 min left`, `12 min late`, `48 s left`; null where nothing falls due. */
export function leftWords(dueAt: string | null, now: number): string | null {
  if (dueAt === null || now === 0) return null
  const ms = Date.parse(dueAt) - now
  const length =
    Math.abs(ms) < 120_000 ? formatDuration(Math.ceil(Math.abs(ms) / 1_000) * 1_000) : formatMinutes(Math.abs(ms))
  return ms >= 0 ? `${length} left` : `${length} late`
}

/** What the next arrival rests on and when it is expected: `done about 07:40`, `next load about tomorrow 05:20`. */
export function forecastWords(
  { forecast, risk }: Pick<FreshnessItem, "forecast" | "risk">,
  zone: string,
  now: number,
): string {
  if (!forecast) return "no forecast yet"
  const at = formatUpcoming(forecast.at, zone, now)
  const text = forecast.basis === "running" ? `done about ${at}` : `next load about ${at}`
  return risk === "possible" ? `${text}, maybe late` : text
}

/** A share to one decimal, rounded down so that 99.96 never reads as a clean 100: `97.4 %`. */
export function keptWords(share: number | null): string {
  return share === null ? "–" : `${(Math.floor(share * 1000) / 10).toFixed(1).replace(/\.0$/, "")} %`
}

/** The strip in words, for those who do not see it: `late on 2 of 30 days`. */
export function stripWords(days: string): string {
  const count = (letter: string) => [...days].filter((day) => day === letter).length
  const parts = [`late on ${count("e")}`, ...(count("w") > 0 ? [`warning on ${count("w")}`] : [])]
  return `Last ${days.length} days: ${parts.join(", ")}, fresh on ${count("f")}`
}

/** Where an instant so far from now lies on the bar, −1 to 1: minutes near now are told apart, days far away are not. */
export function barPosition(ms: number): number {
  const minutes = Math.min(Math.abs(ms) / 60_000, WEEK_MINUTES)
  return Math.sign(ms) * (Math.log1p(minutes) / Math.log1p(WEEK_MINUTES))
}
const WEEK_MINUTES = 10_080
