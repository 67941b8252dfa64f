"use client"
import { useQuery } from "@tanstack/react-query"
import { useZone } from "../format/zone.ts"
import { freshnessDetailQuery } from "../queries/freshness.ts"
import { Mark } from "../ui/badge.tsx"
import { Link } from "../ui/link.tsx"
import { DeadlineBar } from "./deadline-bar.tsx"
import { STANDING_LOOK } from "./freshness-words.ts"

/** Whether a dataset is on time, at a glance; nothing where nobody asks. */
export function FreshnessCard({ id }: { id: string }) {
  const zone = useZone()
  const freshness = useQuery(freshnessDetailQuery(id, zone)).data?.freshness
  if (!freshness) return null
  const { label, glyph } = STANDING_LOOK[freshness.standing]
  return (
    <section className="border-line border-b px-4 py-3">
      <h2 className="mb-1 flex items-center gap-2">
        Freshness
        <Mark glyph={glyph} className="text-12">
          {label}
        </Mark>
        <Link href="?tab=freshness" className="link ml-auto text-12">
          Why
        </Link>
      </h2>
      <DeadlineBar item={freshness} />
      <p className="text-12 text-t3">{freshness.policy}</p>
    </section>
  )
}
