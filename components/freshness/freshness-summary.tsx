"use client"
import type { FreshnessPage } from "#lib/contracts/api/freshness.ts"
import { STANDINGS, type Standing } from "#lib/domain/freshness/rank-freshness.ts"
import { formatExact } from "../format/count.ts"
import { useNow } from "../format/now.ts"
import { StateIcon } from "../ui/icon.tsx"
import { PageHeader } from "../ui/page-header.tsx"
import { keptWords, STANDING_LOOK, verdictWords } from "./freshness-words.ts"

/** The board's answer: a sentence, and how many stand how. A click on a count shows these alone. */
export function FreshnessSummary({
  summary,
  chosen,
  onChoose,
}: {
  summary: FreshnessPage["summary"]
  chosen: string | null
  onChoose: (standing: Standing | null) => void
}) {
  const now = useNow(60_000)
  const shown = STANDINGS.filter((standing) => (summary.standings[standing] ?? 0) > 0)
  const worst = shown[0] ?? "fresh"
  return (
    <>
      <PageHeader
        title={
          <span className="inline-flex items-center gap-2">
            <StateIcon name={STANDING_LOOK[worst].glyph} size={22} />
            {verdictWords(summary, now)}
          </span>
        }
      />
      <div className="flex-none px-6 pb-3 max-sm:px-4">
        <div className="flex h-2 gap-0.5" aria-hidden="true">
          {shown.map((standing) => (
            <i
              key={standing}
              data-s={STANDING_LOOK[standing].glyph}
              className="block min-w-1 rounded-[2px] bg-[var(--c)]"
              style={{ flexGrow: summary.standings[standing] }}
            />
          ))}
        </div>
        <div className="mt-2 flex flex-wrap items-center gap-x-6 gap-y-1">
          {shown.map((standing) => (
            <button
              key={standing}
              type="button"
              aria-pressed={chosen === standing}
              data-s={STANDING_LOOK[standing].glyph}
              onClick={() => onChoose(chosen === standing ? null : standing)}
              className="inline-flex items-center gap-1.5 rounded-1 font-med text-ct hover:underline aria-pressed:underline"
            >
              <StateIcon name={STANDING_LOOK[standing].glyph} />
              <b className="text-14">{formatExact(summary.standings[standing])}</b>
              {STANDING_LOOK[standing].label}
            </button>
          ))}
          <span className="ml-auto text-t2">{keptWords(summary.kept)} of the time fresh in 30 days</span>
        </div>
      </div>
    </>
  )
}
