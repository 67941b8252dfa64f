"use client"
import type { ReactNode } from "react"
import type { IncidentDetail } from "#lib/contracts/api/incidents.ts"
import { plural } from "../format/count.ts"
import type { ActionGlyph } from "../ui/glyphs.ts"
import { Icon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { Section } from "./section.tsx"

const SHOWN = 6

/** Why its occurrences are one, where it shows, and what ends it. */
export function GroupSection({ incident, why }: { incident: IncidentDetail; why: string }) {
  const { members, fingerprint, details, state } = incident
  const causes = members.filter(({ isRoot }) => isRoot)
  const failing = causes.filter(({ isFailing }) => isFailing)
  return (
    <Section title="Why these are one">
      <ul className="flex flex-col gap-1 text-t2">
        <Line icon="group">{why}</Line>
        {fingerprint && (
          <Line icon="key">
            <code title={fingerprint} className="line-clamp-2 [overflow-wrap:anywhere]">
              {fingerprint}
            </code>
          </Line>
        )}
        {details.where && (
          <Line icon="file">
            at <code className="break-words [overflow-wrap:anywhere]">{details.where}</code>
          </Line>
        )}
        {causes.slice(0, SHOWN).map((member) => (
          <Line key={`${member.pipelineId} ${member.taskId}`} icon={member.isFailing ? "stop" : "check"}>
            {member.pipelineId}
            {member.taskId && ` › ${member.taskId}`}{" "}
            <span className="text-t3">
              {member.isFailing ? "fails" : "works again"},{" "}
              <Link className="link" href={`/runs/${member.lastRunId}`}>
                run {member.lastRunId}
              </Link>
            </span>
          </Line>
        ))}
        {causes.length > SHOWN && <Line icon="more">and {causes.length - SHOWN} more</Line>}
        {members.length > causes.length && (
          <Line icon="arrow">
            {plural(members.length - causes.length, "other task")} failed or did not run because of it
          </Line>
        )}
        {state !== "resolved" && failing[0] && (
          <Line icon="check">
            Resolved by itself when {failing[0].taskId ?? failing[0].pipelineId}
            {failing.length > 1 && ` and ${failing.length - 1} more`} next succeeds
          </Line>
        )}
      </ul>
    </Section>
  )
}

function Line({ icon, children }: { icon: ActionGlyph; children: ReactNode }) {
  return (
    <li className="flex items-start gap-2">
      <Icon name={icon} className="mt-0.5 text-t3" />
      <span className="min-w-0">{children}</span>
    </li>
  )
}
