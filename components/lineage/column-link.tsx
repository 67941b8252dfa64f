import type { ColumnRef } from "#lib/contracts/api/lineage.ts"
import { Link } from "../ui/link.tsx"
import { shortName } from "./lineage-flow.ts"

/** A column elsewhere, to go on from. */
export function ColumnLink({
  column,
  note,
  onGo,
}: {
  column: ColumnRef
  note?: string
  onGo: (column: ColumnRef) => void
}) {
  return (
    <button
      type="button"
      title={`${column.dataset}.${column.column}`}
      onClick={() => onGo({ dataset: column.dataset, column: column.column })}
      className="flex min-h-6 w-full items-center gap-2 rounded-1 text-left hover:underline"
    >
      <span className="min-w-0 truncate">
        <span className="text-t2">{shortName(column.dataset)}.</span>
        <span className="font-med">{column.column}</span>
      </span>
      {note && <small className="ml-auto flex-none text-t3">{note}</small>}
    </button>
  )
}

/** Datasets under a heading, each a link. */
export function DatasetList({ title, items }: { title: string; items: readonly { dataset: string; note?: string }[] }) {
  return (
    <div className="mt-2 first:mt-0">
      <h3 className="font-med text-12 text-t3">{title}</h3>
      <ul>
        {items.map(({ dataset, note }) => (
          <li key={dataset} className="flex min-h-6 items-center gap-2">
            <Link
              href={`/lineage?dataset=${encodeURIComponent(dataset)}`}
              title={dataset}
              className="min-w-0 truncate font-med hover:underline"
            >
              {shortName(dataset)}
            </Link>
            {note && <small className="ml-auto flex-none text-t3">{note}</small>}
          </li>
        ))}
      </ul>
    </div>
  )
}
