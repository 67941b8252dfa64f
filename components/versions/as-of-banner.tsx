"use client"
import { useMemo } from "react"
import type { DatasetVersionSummary, Moment } from "#lib/contracts/api/dataset-versions.ts"
import { Time } from "../format/time.tsx"
import { Button } from "../ui/button.tsx"
import { Icon } from "../ui/icon.tsx"
import { type Shortcut, useKeys } from "../ui/keys.ts"
import { isSameMoment } from "./moment-address.ts"

/** Says that a page is not as things are now, and leads back; `[` and `]` step through the versions, `]` ends at now. */
export function AsOfBanner({
  moment,
  at,
  versions,
  onChange,
}: {
  moment: Moment
  /** When the version was saved, where that is known. */
  at: string | null
  /** Newest first. */
  versions: readonly DatasetVersionSummary[]
  onChange: (moment: Moment | null) => void
}) {
  const { older, newer } = neighbours(versions, moment, at)
  useKeys(
    useMemo<Shortcut[]>(
      () => [
        { keys: "[", label: "The version before", run: () => older && onChange(older) },
        { keys: "]", label: "The next version, or now", run: () => onChange(newer) },
      ],
      [older, newer, onChange],
    ),
  )
  return (
    <section
      aria-label="As of a version"
      className="flex min-h-11 flex-none flex-wrap items-center gap-x-3 gap-y-1 border-line border-y bg-selected px-6 py-1.5 max-sm:px-4"
    >
      <span className="inline-flex min-w-0 items-center gap-1.5" role="status">
        <Icon name="clock" className="flex-none text-accent-t" />
        <span className="min-w-0">
          <b>As of version {moment.version}</b> <span className="text-t2">of {moment.pipelineId}</span>
          {at && (
            <span className="text-t2">
              , saved <Time at={at} />
            </span>
          )}
        </span>
      </span>
      <span className="ml-auto inline-flex flex-wrap items-center gap-2">
        <Button size="sm" disabled={older === null} onClick={() => onChange(older)}>
          Older
        </Button>
        <Button size="sm" disabled={newer === null} onClick={() => onChange(newer)}>
          Newer
        </Button>
        <Button size="sm" variant="primary" onClick={() => onChange(null)}>
          Back to now
        </Button>
      </span>
    </section>
  )
}

/** The changes before and after a version; it need not be one itself. */
function neighbours(versions: readonly DatasetVersionSummary[], moment: Moment, at: string | null) {
  const index = versions.findIndex((each) => isSameMoment(each, moment))
  if (index !== -1) return { older: versions[index + 1] ?? null, newer: versions[index - 1] ?? null }
  if (at === null) return { older: null, newer: null }
  return {
    older: versions.find((each) => each.at < at) ?? null,
    newer: versions.findLast((each) => each.at > at) ?? null,
  }
}
