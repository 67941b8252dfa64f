"use client"
import { useQuery } from "@tanstack/react-query"
import { deliveryLook, turnWords } from "../alerts/alert-words.ts"
import { Time } from "../format/time.tsx"
import { toldQuery } from "../queries/incidents.ts"
import { Mark } from "../ui/badge.tsx"
import { Link } from "../ui/link.tsx"
import { Section } from "./section.tsx"

/** Which channels were and will be told of it, newest first; nothing where none is. */
export function ToldSection({ incidentId }: { incidentId: string }) {
  const { data } = useQuery(toldQuery(incidentId))
  if (!data || data.length === 0) return null
  return (
    <Section
      title="Who was told"
      aside={
        <Link className="link" href="/alerts">
          Alerts
        </Link>
      }
    >
      <ul className="border-line border-t">
        {data.map((one) => {
          const { glyph, label } = deliveryLook(one)
          return (
            <li key={one.id} className="flex min-h-7 flex-wrap items-center gap-x-3 border-grid border-b py-1">
              <Time at={one.sentAt ?? one.createdAt} className="w-24 flex-none text-t3" />
              <Mark glyph={glyph} className="w-32 flex-none">
                {label}
              </Mark>
              <span className="font-med">{one.channelId}</span>
              <span className="text-t2">{turnWords(one.turn)}</span>
              {one.note && (
                <span className="min-w-40 flex-1 truncate text-t2" title={one.note}>
                  {one.note}
                </span>
              )}
            </li>
          )
        })}
      </ul>
    </Section>
  )
}
