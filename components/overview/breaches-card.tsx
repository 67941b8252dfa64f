import Link from "next/link"
import type { Overview } from "#lib/contracts/api/system.ts"
import { plural } from "../format/count.ts"
import { Card } from "../ui/card.tsx"
import { StateIcon } from "../ui/icon.tsx"

const SHOWN = 5

/** Datasets whose freshness check failed last time. */
export function BreachesCard({ freshness }: { freshness: Overview["freshness"] }) {
  return (
    <Card
      title="About to breach"
      className="flex-1"
      aside={
        freshness.policies > 0 && (
          <Link href="/datasets?state=failing" className="link text-12">
            {plural(freshness.policies, "check")}
          </Link>
        )
      }
    >
      {freshness.items.length === 0 ? (
        <p className="px-4 py-3 text-t2">
          {freshness.policies === 0 ? (
            <>
              No dataset has a freshness check. Add <code>freshness()</code> to a <code>checks</code> task to see what
              is late here.
            </>
          ) : (
            "Everything that is checked for freshness came in time."
          )}
        </p>
      ) : (
        <ul>
          {freshness.items.slice(0, SHOWN).map((item) => (
            <li key={item.dataset} className="border-grid border-b px-4 py-[7px] last:border-0">
              <div className="flex items-center gap-1.5">
                <StateIcon name="late" />
                <Link
                  href={`/datasets/${encodeURIComponent(item.dataset)}`}
                  title={item.dataset}
                  className="min-w-0 flex-1 truncate font-strong hover:text-accent-t"
                >
                  {item.dataset.split(".").at(-1)}
                </Link>
                <b className="text-failed-t">Late</b>
              </div>
              <p className="line-clamp-2 pl-5 text-12 text-t2" title={item.message}>
                {item.message}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
