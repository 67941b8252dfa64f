"use client"
import { type ReactNode, useContext } from "react"
import type { IncidentDetail } from "#lib/contracts/api/incidents.ts"
import type { Triage } from "#lib/contracts/api/triage.ts"
import { logHref } from "../run/log-href.ts"
import { Button, ButtonLink } from "../ui/button.tsx"
import { Link } from "../ui/link.tsx"
import { diffHref } from "./changes-section.tsx"
import type { Ask } from "./incident-detail.tsx"
import { SectionLevel } from "./section.tsx"

type Step = Triage["nextSteps"][number]

/** What to do next, the most promising first, each with the button that does it. */
export function NextSteps({ incident, triage, onAsk }: { incident: IncidentDetail; triage: Triage; onAsk: Ask }) {
  const Heading = useContext(SectionLevel)
  const [first, ...others] = triage.nextSteps
  if (incident.state === "resolved" || !first) return null
  return (
    <section aria-label="Next steps" className="mx-6 mt-4 rounded-3 border border-accent px-4 py-3 max-sm:mx-4">
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
        <div className="min-w-56 flex-1">
          <Heading className="text-accent-t">Next step</Heading>
          <p className="break-words">{first.text}</p>
        </div>
        <StepButton step={first} isFirst incident={incident} triage={triage} onAsk={onAsk} />
      </div>
      {others.length > 0 && (
        <ul className="mt-2 border-line border-t pt-2">
          {others.map((step) => (
            <li key={step.step} className="flex flex-wrap items-center gap-x-6 gap-y-1 py-0.5">
              <span className="min-w-56 flex-1 break-words text-t2">{step.text}</span>
              <StepButton step={step} isFirst={false} incident={incident} triage={triage} onAsk={onAsk} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function StepButton({
  step,
  isFirst,
  incident,
  triage,
  onAsk,
}: {
  step: Step
  isFirst: boolean
  incident: IncidentDetail
  triage: Triage
  onAsk: Ask
}) {
  const link = (href: string, words: string): ReactNode => (
    <ButtonLink variant={isFirst ? "primary" : "default"} size={isFirst ? "md" : "sm"}>
      {href.startsWith("/") ? (
        <Link href={href}>{words}</Link>
      ) : (
        <a href={href} target="_blank" rel="noreferrer">
          {words}
        </a>
      )}
    </ButtonLink>
  )
  const { changes, firstError, runbook, retryable } = triage
  switch (step.step) {
    case "retry":
      return retryable === 0 ? null : (
        <Button
          icon="retry"
          variant={isFirst ? "primary" : "default"}
          onClick={() => onAsk("retry", [incident], { version: "pinned" })}
        >
          Retry
        </Button>
      )
    case "see_change": {
      const href = changes?.changes[0]?.kind === "code" ? diffHref(changes) : null
      return href === null ? null : link(href, "Open the change")
    }
    case "runbook":
      // A path in the workspace is a file of the author's; only an address can be followed.
      return runbook !== null && /^https?:\/\//.test(runbook) ? link(runbook, "Runbook") : null
    case "fix_data":
    case "fix_config":
    case "fix_code":
    case "wait":
      return firstError === null ? null : link(logHref(firstError, firstError.line), "Log at the error")
    case "ask_owner":
      return incident.owner === null || incident.assignee === incident.owner ? null : (
        <Button size="sm" onClick={() => onAsk("assign", [incident])}>
          Assign
        </Button>
      )
  }
}

/** Which code a retry should run: the newest where the old cannot go well. */
export function retryVersion(triage: Triage | null): "pinned" | "newest" {
  const step = triage?.nextSteps[0]?.step
  return step === "fix_config" || step === "fix_code" ? "newest" : "pinned"
}
