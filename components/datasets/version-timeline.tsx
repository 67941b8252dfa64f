"use client"
import type { RowVersions } from "#lib/contracts/api/samples.ts"
import { MASK } from "#lib/domain/mask.ts"
import { formatInstant } from "../format/instant.ts"
import { useZone } from "../format/zone.ts"
import { cn } from "../ui/cn.ts"
import { axisTicks, changedColumns, segmentsOf, shareOf, spanOf } from "./history-model.ts"

/**
 * The versions of a row over time: for each column that ever changed, its values as bars. `asOf` (milliseconds) is drawn as
 * a line. The same is in the table below in words, so this is a picture to those who cannot see it.
 */
export function VersionTimeline({ found, now, asOf }: { found: RowVersions; now: number; asOf: number | null }) {
  const zone = useZone()
  const { versions, columns } = found
  const span = spanOf(versions, now)
  const changed = changedColumns(versions)
  return (
    <div
      role="img"
      aria-label={`${versions.length} versions; ${changed.map((column) => columns[column]?.name).join(", ") || "nothing"} changed`}
      className="px-6 pt-3 pb-2 max-sm:px-4"
    >
      <div className="grid grid-cols-[120px_1fr] items-center gap-y-1.5 max-sm:grid-cols-[84px_1fr]" aria-hidden="true">
        <span />
        <div className="relative h-4 text-11 text-t3">
          {axisTicks(span).map(({ at, label }) => (
            <span
              key={at}
              className="absolute -translate-x-1/2 whitespace-nowrap"
              style={{ left: percent(shareOf(at, span)) }}
            >
              {label}
            </span>
          ))}
        </div>
        {changed.map((column) => (
          <Track key={column} name={columns[column]?.name ?? ""} asOf={asOf === null ? null : shareOf(asOf, span)}>
            {segmentsOf(versions, column, span).map((segment) => (
              <span
                key={segment.version}
                title={`${segment.value ?? "null"}, from ${formatInstant(versions[segment.version]?.validFrom, zone, "full")}`}
                className={cn(
                  "absolute top-0 bottom-0 truncate rounded-1 border px-1.5 text-12 leading-[22px]",
                  segment.isCurrent
                    ? "border-accent bg-accent-b font-med text-accent-t"
                    : "border-line-strong bg-band text-t2",
                )}
                style={{ left: percent(segment.start), width: `max(3px, ${percent(segment.end - segment.start)})` }}
              >
                {segment.value ?? "null"}
              </span>
            ))}
          </Track>
        ))}
        <Track name="Versions" asOf={asOf === null ? null : shareOf(asOf, span)}>
          {versions.map((version, index) => (
            <span
              key={version.validFrom}
              className="absolute top-2 truncate border-t2 border-l pl-1 text-11 text-t3 leading-[14px]"
              style={{
                left: percent(shareOf(Date.parse(version.validFrom), span)),
                width: percent(
                  shareOf(version.validTo === null ? span.to : Date.parse(version.validTo), span) -
                    shareOf(Date.parse(version.validFrom), span),
                ),
              }}
            >
              v{index + 1}
            </span>
          ))}
        </Track>
      </div>
      {columns.some(({ maskedBy }) => maskedBy !== null) && (
        <p className="mt-1 text-12 text-t3">{MASK} stands for values that are masked; that they changed is shown.</p>
      )}
    </div>
  )
}

function Track({ name, asOf, children }: { name: string; asOf: number | null; children: React.ReactNode }) {
  return (
    <>
      <span className="truncate pr-2 text-12 text-t2" title={name}>
        {name}
      </span>
      <div className="relative h-6 min-w-0">
        {children}
        {asOf !== null && (
          <span className="absolute -top-1.5 -bottom-0.5 w-0.5 bg-accent" style={{ left: percent(asOf) }} />
        )}
      </div>
    </>
  )
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)}%`
}
