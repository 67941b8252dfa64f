"use client"
import { useState } from "react"
import type { IncidentDetail, IncidentEvent } from "#lib/contracts/api/incidents.ts"
import { useNow } from "../format/now.ts"
import { Time } from "../format/time.tsx"
import { useZone } from "../format/zone.ts"
import { useActOnIncidents } from "../queries/incidents.ts"
import { Button } from "../ui/button.tsx"
import { Link } from "../ui/link.tsx"
import { eventWords } from "./incident-words.ts"
import { Section } from "./section.tsx"

const SHOWN = 12

/** What was done about it, oldest first, whom channels told, and room for a comment. */
export function ActivitySection({ incident, isWhole }: { incident: IncidentDetail; isWhole: boolean }) {
  const { id, timeline } = incident
  const events = isWhole ? timeline : timeline.slice(-SHOWN)
  return (
    <Section
      title="Activity"
      aside={
        events.length < timeline.length && (
          <Link className="link" href={`/triage/${id}`}>
            All {timeline.length}
          </Link>
        )
      }
    >
      <ol className="flex flex-col">
        {events.map((event) => (
          <Entry key={event.id} event={event} />
        ))}
      </ol>
      <CommentForm key={id} id={id} />
    </Section>
  )
}

function Entry({ event }: { event: IncidentEvent }) {
  const zone = useZone()
  const now = useNow(60_000)
  const words = eventWords(event, { zone, now })
  return (
    <li className="flex items-start gap-2.5 py-1">
      <Time at={event.at} className="w-24 flex-none text-t3" />
      <span className="min-w-0">
        <b className="mr-1.5">{event.actor}</b>
        <span className={event.type === "commented" ? "whitespace-pre-line break-words" : "break-words text-t2"}>
          {words}
        </span>
      </span>
    </li>
  )
}

function CommentForm({ id }: { id: string }) {
  const [text, setText] = useState("")
  const act = useActOnIncidents()
  const send = () => {
    if (text.trim() === "" || act.isPending) return
    act.mutate({ action: "comment", ids: [id], text: text.trim() }, { onSuccess: () => setText("") })
  }
  return (
    <form
      className="mt-2 flex items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <textarea
        data-comment=""
        aria-label="Comment"
        placeholder="Write a comment (C)"
        rows={1}
        maxLength={5_000}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) send()
          if (event.key === "Escape") {
            event.stopPropagation()
            event.currentTarget.blur()
          }
        }}
        className="field-sizing-content max-h-48 min-h-7 min-w-0 flex-1 resize-none rounded-2 border border-line-control bg-surface px-2 py-[3px] text-t1 placeholder:text-t3"
      />
      <Button type="submit" disabled={text.trim() === "" || act.isPending}>
        Comment
      </Button>
    </form>
  )
}
