import type { Overview } from "#lib/contracts/api/system.ts"
import { formatMinutes } from "../format/duration.ts"
import { UpcomingTime } from "../format/time.tsx"
import { Card } from "../ui/card.tsx"
import { Link } from "../ui/link.tsx"

const SHOWN = 6

/** What the schedules start next, with how long it usually takes. */
export function NextRunsCard({ nextRuns }: { nextRuns: Overview["nextRuns"] }) {
  return (
    <Card
      title="Next runs"
      aside={
        <Link href="/pipelines" className="link text-12">
          Schedules
        </Link>
      }
    >
      {nextRuns.length === 0 ? (
        <p className="px-4 py-3 text-t2">No schedule is on. Give a pipeline a cron line, or run one by hand.</p>
      ) : (
        <ul className="py-1.5">
          {nextRuns.slice(0, SHOWN).map((run) => (
            <li key={`${run.pipelineId} ${run.at}`} className="flex h-[26px] items-center gap-2 px-4">
              <UpcomingTime at={run.at} className="min-w-11 whitespace-nowrap text-t2" />
              <Link
                href={`/pipelines/${encodeURIComponent(run.pipelineId)}`}
                className="min-w-0 flex-1 truncate font-med hover:text-accent-t"
              >
                {run.pipelineId}
              </Link>
              {run.medianDurationMs !== null && (
                <span className="whitespace-nowrap text-12 text-t3">usually {formatMinutes(run.medianDurationMs)}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
