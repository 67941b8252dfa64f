"use client"
import { useState } from "react"
import type { RunChanges } from "#lib/contracts/api/triage.ts"
import { formatExact } from "../format/count.ts"
import { Time } from "../format/time.tsx"
import { Button } from "../ui/button.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { CHANGE_WORDS, changeValue } from "./incident-words.ts"
import { Section } from "./section.tsx"

/** From here on a change is likely enough to be the cause to be marked. */
const SUSPICIOUS = 60
const UNLIKELY = 25

/** What differs between the run and the last that went well, the most suspicious first. */
export function ChangesSection({ changes }: { changes: RunChanges }) {
  const { run, lastSuccess } = changes
  const href = diffHref(changes)
  return (
    <Section
      title="Changed since the last success"
      note={
        lastSuccess && (
          <>
            <RunLink id={lastSuccess.id} /> <Time at={lastSuccess.finishedAt} /> → <RunLink id={run.id} />{" "}
            <Time at={run.finishedAt ?? run.startedAt} />
          </>
        )
      }
      aside={
        href && (
          <Link className="link" href={href}>
            Code v{lastSuccess?.version} → v{run.version}
          </Link>
        )
      }
    >
      <FailedBefore tasks={changes.failedBefore} />
      {lastSuccess === null ? (
        <p className="text-t2">
          No run of {changes.pipelineId} went well before run {run.id}: there is nothing to compare it with.
        </p>
      ) : changes.changes.length === 0 ? (
        <p className="text-t2">
          Nothing that Headrace knows of: same code (v{run.version}), same parameters, inputs and workers much alike.
        </p>
      ) : (
        <Ranked changes={changes.changes} href={href} />
      )}
    </Section>
  )
}

/** Of a run that was retried to success nothing is failed any more: what was is told here. */
function FailedBefore({ tasks }: { tasks: RunChanges["failedBefore"] }) {
  if (tasks.length === 0) return null
  return (
    <ul aria-label="Failed before" className="mb-2">
      {tasks.map(({ taskId, failures, message }) => (
        <li key={taskId} className="flex items-baseline gap-1.5 py-0.5">
          <StateIcon name="failed" className="self-center" />
          <span className="min-w-0 break-words text-t2 [overflow-wrap:anywhere]">
            <b className="text-t1">{taskId}</b> failed {failures === 1 ? "once" : `${failures} times`} before it went
            well
            {message === null ? "." : `: ${message}`}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** Those below are mostly chance or a consequence: a task that failed early took less time. They unfold. */
function Ranked({ changes, href }: { changes: RunChanges["changes"]; href: string | null }) {
  const [isAll, setAll] = useState(false)
  const likely = changes.filter(({ suspicion }) => suspicion >= UNLIKELY)
  const shown = isAll ? changes : likely
  const hidden = changes.length - shown.length
  return (
    <>
      {shown.length > 0 ? <ChangeTable changes={shown} href={href} /> : <p className="text-t2">Nothing suspicious.</p>}
      {hidden > 0 && (
        <Button variant="ghost" size="sm" className="-ml-2 mt-1" onClick={() => setAll(true)}>
          Show {hidden === 1 ? "one unlikely difference" : `${hidden} unlikely differences`}
        </Button>
      )}
    </>
  )
}

/** The two versions of the code side by side; null where they are one. */
export function diffHref({ pipelineId, run, lastSuccess }: RunChanges): string | null {
  if (lastSuccess === null || lastSuccess.version === run.version) return null
  return `/pipelines/${encodeURIComponent(pipelineId)}?tab=code&version=${run.version}&against=${lastSuccess.version}`
}

function ChangeTable({ changes, href }: { changes: RunChanges["changes"]; href: string | null }) {
  return (
    <table className="w-full border-separate border-spacing-0 border-line border-t">
      <thead className="max-sm:hidden">
        <tr className="text-left text-12 text-t3 [&>th]:border-grid [&>th]:border-b [&>th]:py-1 [&>th]:pr-3 [&>th]:font-med">
          <th scope="col">What</th>
          <th scope="col">Last success</th>
          <th scope="col">This run</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <tr
            key={`${change.kind} ${change.subject} ${change.text}`}
            className="align-top [&>td]:border-grid [&>td]:border-b [&>td]:py-1.5 [&>td]:pr-3 max-sm:block max-sm:[&>td]:inline-block max-sm:[&>td]:border-0 max-sm:[&>td]:py-0.5"
          >
            <td className="max-sm:w-full">
              <span className="flex items-baseline gap-1.5">
                {change.suspicion >= SUSPICIOUS ? (
                  <>
                    <StateIcon name="at_risk" className="self-center" />
                    <span className="sr-only">Likely the cause: </span>
                  </>
                ) : (
                  <span className="w-3.5 flex-none" />
                )}
                <span className="min-w-0">
                  <span className={change.suspicion >= SUSPICIOUS ? "font-strong" : ""}>
                    {CHANGE_WORDS[change.kind]}
                  </span>{" "}
                  <span className="break-words text-t2 [overflow-wrap:anywhere]">{change.text}</span>
                </span>
              </span>
            </td>
            <td className="whitespace-nowrap text-t2 max-sm:pl-5" title={change.before ?? ""}>
              <Value change={change} value={change.before} href={null} />
              <span className="sm:hidden"> →</span>
            </td>
            <td className="whitespace-nowrap font-med" title={change.after ?? ""}>
              <Value change={change} value={change.after} href={href} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Value({
  change,
  value,
  href,
}: {
  change: RunChanges["changes"][number]
  value: string | null
  href: string | null
}) {
  const text = <span className="inline-block max-w-44 truncate align-bottom">{changeValue(change.kind, value)}</span>
  if (change.kind === "code" && href !== null) {
    return (
      <Link className="link" href={href}>
        {text}
      </Link>
    )
  }
  return (
    <>
      {text}
      {change.kind === "input_rows" && value === change.after && <Share change={change} />}
    </>
  )
}

/** How far a count moved, where that can be said: `, down 98 %`. */
function Share({ change: { before, after } }: { change: RunChanges["changes"][number] }) {
  const [old, now] = [Number(before), Number(after)]
  if (before === null || after === null || old === 0) return null
  const percent = Math.abs(((now - old) / old) * 100)
  return (
    <span className="font-body text-t3">
      , {now < old ? "down" : "up"} {formatExact(Math.round(percent))} %
    </span>
  )
}

function RunLink({ id }: { id: string }) {
  return (
    <Link className="link" href={`/runs/${id}`}>
      run {id}
    </Link>
  )
}
