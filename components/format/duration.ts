/**
 * A length of time for people: `320 ms`, `4.2 s`, `4 m 12 s`, `1 h 26 m`, `2 d 3 h`. Two units at most; null and negative
 * lengths (clocks disagree) give "–" and `0 s`.
 */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return "–"
  if (ms <= 0) return "0 s"
  if (ms < 1_000) return `${Math.max(1, Math.round(ms))} ms`
  if (ms < 10_000) return `${trim((ms / 1_000).toFixed(1))} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} m ${pad(seconds % 60)} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours} h ${pad(minutes % 60)} m`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** The exact length, for hover: `252.318 s`. */
export function formatDurationExact(ms: number | null | undefined): string {
  return ms === null || ms === undefined
    ? ""
    : `${(ms / 1_000).toLocaleString("en-GB", { maximumFractionDigits: 3 })} s`
}

/** How long in whole minutes, for estimates and deadlines: `26 min`, `1 h 26 min`, `15 days`, `under a minute`. */
export function formatMinutes(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 1) return "under a minute"
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return `${Math.round(hours / 24)} days`
}

/** How long ago, in one unit, for lists: `3 min`, `10 h`, `4 days`. */
export function formatAgo(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 1) return "under a minute"
  if (minutes < 60) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`
}

function pad(value: number): string {
  return String(value).padStart(2, "0")
}

function trim(text: string): string {
  return text.replace(/\.0$/, "")
}
