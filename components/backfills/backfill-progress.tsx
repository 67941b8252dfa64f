import type { Backfill } from "#lib/contracts/api/backfills.ts"
import { cn } from "../ui/cn.ts"
import { progressWords } from "./backfill-words.ts"

/** Done, failed and running as one bar, with the numbers in words for everyone who does not see it. */
export function BackfillProgress({ backfill, className }: { backfill: Backfill; className?: string }) {
  const { create, done, failed, running } = backfill.counts
  const width = (count: number) => `${(count / Math.max(1, create)) * 100}%`
  return (
    <span
      role="progressbar"
      aria-valuemin={0}
      aria-valuemax={create}
      aria-valuenow={done + failed}
      aria-valuetext={progressWords(backfill)}
      aria-label="Progress"
      title={progressWords(backfill)}
      className={cn("flex h-1.5 overflow-hidden rounded-full bg-band", className)}
    >
      <span style={{ width: width(done), background: "var(--st-success)" }} />
      <span style={{ width: width(failed), background: "var(--st-failed)" }} />
      <span style={{ width: width(running), background: "var(--st-running)" }} />
    </span>
  )
}
