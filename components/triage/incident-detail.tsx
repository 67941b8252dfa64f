"use client"
import { useQuery } from "@tanstack/react-query"
import type { IncidentDetail as Detail } from "#lib/contracts/api/incidents.ts"
import type { Triage } from "#lib/contracts/api/triage.ts"
import { Time, UpcomingTime } from "../format/time.tsx"
import { adviceFor, isNotFound } from "../queries/client.ts"
import { incidentDetailQuery, triageQuery } from "../queries/incidents.ts"
import { StaleNotice } from "../status/stale-notice.tsx"
import { Badge } from "../ui/badge.tsx"
import { Button, ButtonLink } from "../ui/button.tsx"
import { MetaRow } from "../ui/card.tsx"
import { cn } from "../ui/cn.ts"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Link } from "../ui/link.tsx"
import { Skeleton, SkeletonRows } from "../ui/skeleton.tsx"
import { ActivitySection } from "./activity-section.tsx"
import { BlastRadiusSection } from "./blast-radius-section.tsx"
import { ChangesSection } from "./changes-section.tsx"
import { FirstErrorSection } from "./first-error-section.tsx"
import { GroupSection } from "./group-section.tsx"
import { KIND_WORDS, restOfMessage, SEVERITY_LOOK, standingOf } from "./incident-words.ts"
import { NextSteps, retryVersion } from "./next-steps.tsx"
import { OccurrenceSection } from "./occurrence-section.tsx"
import { SectionLevel } from "./section.tsx"
import { ToldSection } from "./told-section.tsx"
import type { AskOptions, Target, TriageAction } from "./use-incident-actions.tsx"

/** From here on a title is a message, and reads better smaller. */
const LONG_TITLE = 80

export type Ask = (action: TriageAction, targets: readonly Target[], options?: AskOptions) => void

/**
 * One incident: what it is, what to do, the first error, what changed, who is affected, where it shows, and what was done
 * about it. `isWhole` where it has a page of its own: then nothing of it is cut.
 */
export function IncidentDetail({
  id,
  isWhole = false,
  onAsk,
  onClose,
}: {
  id: string
  isWhole?: boolean
  onAsk: Ask
  onClose?: () => void
}) {
  const incident = useQuery(incidentDetailQuery(id))
  const triage = useQuery(triageQuery(id))
  if (!incident.data) {
    return !incident.error ? (
      <SkeletonRows label="Reading the incident" rows={12} />
    ) : isNotFound(incident.error) ? (
      <EmptyState
        title="There is no such incident"
        action={
          <ButtonLink>
            <Link href="/triage">All incidents</Link>
          </ButtonLink>
        }
      >
        Incident {id} never was, or its records were removed after their time.
      </EmptyState>
    ) : (
      <ErrorState
        title="The incident could not be read"
        message={adviceFor(incident.error)}
        onRetry={() => void incident.refetch()}
      />
    )
  }
  return (
    <SectionLevel value={isWhole ? "h2" : "h3"}>
      <div className="@container">
        <StaleNotice reading={incident} />
        <Header
          incident={incident.data}
          triage={triage.data ?? null}
          isWhole={isWhole}
          onAsk={onAsk}
          onClose={onClose}
        />
        {triage.data ? (
          <Findings incident={incident.data} triage={triage.data} onAsk={onAsk} />
        ) : triage.isError ? (
          <ErrorState
            title="What is known of it could not be read"
            message={adviceFor(triage.error)}
            onRetry={() => void triage.refetch()}
          />
        ) : (
          <div role="status" aria-label="Reading what is known of it" className="flex flex-col gap-4 px-6 py-4">
            <Skeleton className="h-20" />
            <Skeleton className="h-40" />
          </div>
        )}
        <div className="flex flex-col gap-6 px-6 pt-6 pb-8 max-sm:px-4">
          <OccurrenceSection incident={incident.data} isWhole={isWhole} />
          <ToldSection incidentId={id} />
          <ActivitySection incident={incident.data} isWhole={isWhole} />
        </div>
      </div>
    </SectionLevel>
  )
}

function Header({
  incident,
  triage,
  isWhole,
  onAsk,
  onClose,
}: {
  incident: Detail
  triage: Triage | null
  isWhole: boolean
  onAsk: Ask
  onClose: (() => void) | undefined
}) {
  const standing = standingOf(incident)
  const rest = restOfMessage(incident)
  const Title = isWhole ? "h1" : "h2"
  const isOver = incident.state === "resolved"
  const ask = (action: TriageAction) => onAsk(action, [incident], { version: retryVersion(triage) })
  return (
    <div className="border-line border-b px-6 pt-4 pb-3.5 max-sm:px-4">
      {onClose && (
        // On a phone the list, and the page's heading with it, is away.
        <h1 className="mb-1 font-body text-13 md:hidden">
          <Button
            variant="ghost"
            icon="right"
            title="All incidents"
            className="-ml-2 [&_svg]:rotate-180"
            onClick={onClose}
          >
            Triage
          </Button>
        </h1>
      )}
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5">
        <Title
          className={cn(
            "min-w-0 break-words font-strong",
            incident.title.length > LONG_TITLE ? "text-16" : "text-20 tracking-[-.012em]",
          )}
        >
          {incident.title}
        </Title>
        <Badge glyph={standing.glyph}>{standing.label}</Badge>
      </div>
      {rest !== "" && <p className="mt-0.5 line-clamp-4 whitespace-pre-line break-words text-t2">{rest}</p>}
      <Facts incident={incident} isWhole={isWhole} />
      <div className="mt-3 flex flex-wrap items-center gap-2 empty:hidden">
        {!isOver && (
          <>
            {incident.state === "open" && (
              <Button hint="A" onClick={() => ask("acknowledge")}>
                Acknowledge
              </Button>
            )}
            {incident.snoozedUntil ? (
              <Button icon="snooze" onClick={() => ask("wake")}>
                End the snooze
              </Button>
            ) : (
              <Button hint="S" onClick={() => ask("snooze")}>
                Snooze
              </Button>
            )}
            <Button hint="I" onClick={() => ask("assign")}>
              Assign
            </Button>
            <Button hint="E" onClick={() => ask("resolve")}>
              Resolve
            </Button>
          </>
        )}
        {triage && triage.retryable > 0 && (
          <Button icon="retry" hint="R" className="ml-auto" onClick={() => ask("retry")}>
            Retry {triage.retryable === 1 ? "the failed run" : `all ${triage.retryable} runs`}
          </Button>
        )}
      </div>
    </div>
  )
}

function Facts({ incident, isWhole }: { incident: Detail; isWhole: boolean }) {
  const { pipelineId, datasetId, firstRunId, lastRunId } = incident
  return (
    <MetaRow
      items={[
        ["Severity", SEVERITY_LOOK[incident.severity].label],
        ["Kind", KIND_WORDS[incident.kind]],
        ...(pipelineId === null
          ? []
          : [
              [
                "Pipeline",
                <Link key="pipeline" className="link" href={`/pipelines/${encodeURIComponent(pipelineId)}`}>
                  {pipelineId}
                </Link>,
              ] as const,
            ]),
        ...(incident.taskId === null ? [] : [["Task", incident.taskId] as const]),
        ...(datasetId === null
          ? []
          : [
              [
                "Dataset",
                <Link key="dataset" className="link" href={`/datasets/${encodeURIComponent(datasetId)}`}>
                  {datasetId}
                </Link>,
              ] as const,
            ]),
        [
          "First",
          <span key="first">
            <Time at={incident.firstAt} /> <RunLink id={firstRunId} />
          </span>,
        ],
        ...(incident.lastAt === incident.firstAt
          ? []
          : [
              [
                "Last",
                <span key="last">
                  <Time at={incident.lastAt} /> {lastRunId !== firstRunId && <RunLink id={lastRunId} />}
                </span>,
              ] as const,
            ]),
        ["Came back", timesWords(incident.reopened)],
        ["Owner", incident.owner ?? "nobody named"],
        ["Assigned to", incident.assignee ?? "nobody yet"],
        ...(incident.snoozedUntil
          ? [["Snoozed until", <UpcomingTime key="snoozed" at={incident.snoozedUntil} />] as const]
          : []),
        ...(incident.resolvedAt
          ? [
              [
                "Resolved",
                <span key="resolved">
                  <Time at={incident.resolvedAt} /> by {incident.resolvedBy}
                </span>,
              ] as const,
            ]
          : []),
        ...(isWhole
          ? []
          : [
              [
                "Incident",
                <Link key="page" className="link" href={`/triage/${incident.id}`} title="Its own page, to share">
                  {incident.id}
                </Link>,
              ] as const,
            ]),
      ].map(([label, value]) => [label, value])}
    />
  )
}

function timesWords(times: number): string {
  if (times === 0) return "never"
  return times === 1 ? "once" : `${times} times`
}

function RunLink({ id }: { id: string | null }) {
  return id === null ? null : (
    <Link className="link" href={`/runs/${id}`}>
      run {id}
    </Link>
  )
}

function Findings({ incident, triage, onAsk }: { incident: Detail; triage: Triage; onAsk: Ask }) {
  return (
    <>
      <NextSteps incident={incident} triage={triage} onAsk={onAsk} />
      <div className="flex flex-col gap-6 px-6 pt-5 max-sm:px-4">
        {triage.firstError && <FirstErrorSection error={triage.firstError} />}
        {triage.changes && <ChangesSection changes={triage.changes} />}
        <div className="grid gap-x-8 gap-y-6 @2xl:grid-cols-2">
          <BlastRadiusSection radius={triage.blastRadius} />
          <GroupSection incident={incident} why={triage.whyGrouped} />
        </div>
      </div>
    </>
  )
}
