"use client"
import { formatAgo, formatDuration, formatDurationExact, formatMinutes } from "./duration.ts"
import { formatInstant, formatUpcoming, formatUtc, type InstantStyle } from "./instant.ts"
import { useNow } from "./now.ts"
import { useZone } from "./zone.ts"

type Instant = string | null | undefined

/** An instant in the person's zone, UTC on hover; "–" where there is none. */
export function Time({ at, style = "short", className }: { at: Instant; style?: InstantStyle; className?: string }) {
  const zone = useZone()
  if (!at) return <span className={className}>–</span>
  return (
    <time dateTime={at} title={formatUtc(at)} className={className} suppressHydrationWarning>
      {formatInstant(at, zone, style)}
    </time>
  )
}

/** How long ago (in one unit) or ahead: `4 min ago`, `in 23 h 50 min`; the instant itself on hover. */
export function RelativeTime({ at, className }: { at: Instant; className?: string }) {
  const zone = useZone()
  const now = useNow()
  if (!at) return <span className={className}>–</span>
  const text = now === 0 ? "" : relativeWords(Date.parse(at) - now)
  return (
    <time dateTime={at} title={`${formatInstant(at, zone, "full")}, ${formatUtc(at)}`} className={className}>
      {text}
    </time>
  )
}

/** A coming instant as people say it: `05:00`, `tomorrow 05:00`, `19 Mar 05:00`. */
export function UpcomingTime({ at, className }: { at: Instant; className?: string }) {
  const zone = useZone()
  const now = useNow(60_000)
  if (!at) return <span className={className}>–</span>
  return (
    <time dateTime={at} title={formatUtc(at)} className={className}>
      {now === 0 ? formatInstant(at, zone, "time") : formatUpcoming(at, zone, now)}
    </time>
  )
}

/** A length of time, exact on hover. */
export function DurationText({ ms, className }: { ms: number | null | undefined; className?: string }) {
  return (
    <span title={formatDurationExact(ms)} className={className}>
      {formatDuration(ms)}
    </span>
  )
}

/** Time since `since`, counting up each second while `until` is null. */
export function ElapsedText({ since, until, className }: { since: Instant; until: Instant; className?: string }) {
  return until || !since ? (
    <DurationText ms={since && until ? Date.parse(until) - Date.parse(since) : null} className={className ?? ""} />
  ) : (
    <Ticking since={since} className={className} />
  )
}

function Ticking({ since, className }: { since: string; className: string | undefined }) {
  const now = useNow(1_000)
  const ms = Math.max(0, now - Date.parse(since))
  return <span className={className}>{now === 0 ? "" : formatDuration(Math.floor(ms / 1_000) * 1_000)}</span>
}

function relativeWords(ms: number): string {
  // Our clock ticks each ten seconds and may differ a little from the server's: what began "in 5 s" began just now.
  if (Math.abs(ms) < 60_000) return ms > 15_000 ? "any moment" : "just now"
  return ms > 0 ? `in ${formatMinutes(ms)}` : `${formatAgo(-ms)} ago`
}
