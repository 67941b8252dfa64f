"use client"
import { useState } from "react"
import type { BlastRadius } from "#lib/contracts/api/triage.ts"
import { datasetParts } from "../datasets/filter-datasets.ts"
import { plural } from "../format/count.ts"
import { Button } from "../ui/button.tsx"
import { Link } from "../ui/link.tsx"
import { Section } from "./section.tsx"

const SHOWN = 6

/** What is made from what broke, nearest first, and whose it is. */
export function BlastRadiusSection({ radius }: { radius: BlastRadius }) {
  const [isAll, setAll] = useState(false)
  const { datasets, affected, total, owners } = radius
  const shown = isAll ? affected : affected.slice(0, SHOWN)
  return (
    <Section
      title="Blast radius"
      note={datasets.length > 0 && `${plural(total, "dataset")} after it, ${plural(owners.length, "owner")}`}
      aside={
        datasets[0] && (
          <Link className="link" href={lineageHref(datasets[0])}>
            Lineage
          </Link>
        )
      }
    >
      {datasets.length === 0 ? (
        <p className="text-t2">It writes no dataset that Headrace knows of.</p>
      ) : (
        <ul className="border-line border-t">
          {datasets.map((id) => (
            <Row key={id} id={id} note="broke here" />
          ))}
          {shown.map((dataset) => (
            <Row key={dataset.id} id={dataset.id} note={dataset.owner ?? "no owner named"} />
          ))}
          {affected.length === 0 && <li className="py-1.5 text-t2">Nothing else is made from it.</li>}
        </ul>
      )}
      {!isAll && affected.length > SHOWN && (
        <Button variant="ghost" size="sm" className="-ml-2 mt-1" onClick={() => setAll(true)}>
          Show {affected.length - SHOWN} more
        </Button>
      )}
      {isAll && total > affected.length && (
        <p className="mt-1 text-t3">{plural(total - affected.length, "dataset")} further away.</p>
      )}
    </Section>
  )
}

function Row({ id, note }: { id: string; note: string }) {
  return (
    <li className="flex min-h-7 items-center gap-3 border-grid border-b">
      <Link
        href={`/datasets/${encodeURIComponent(id)}`}
        title={id}
        className="min-w-0 flex-1 truncate font-med hover:text-accent-t"
      >
        {datasetParts(id).name}
      </Link>
      <span className="max-w-[50%] truncate text-t2">{note}</span>
    </li>
  )
}

function lineageHref(id: string): string {
  return `/lineage?around=${encodeURIComponent(id)}&direction=down`
}
