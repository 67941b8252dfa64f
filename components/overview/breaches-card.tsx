import type { Overview } from "#lib/contracts/api/system.ts"
import { plural } from "../format/count.ts"
import { Card } from "../ui/card.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"

const SHOWN = 5

/** How a dataset that is late, or about to be, is marked. */
const STANDING = {
  error: { glyph: "late", word: "Late", tone: "text-failed-t" },
  warn: { glyph: "late", word: "Getting late", tone: "text-t1" },
  at_risk: { glyph: "at_risk", word: "At risk", tone: "text-t1" },
} as const

/** Datasets that are late, or will be if nothing arrives. */
export function BreachesCard({ freshness }: { freshness: Overview["freshness"] }) {
  return (
    <Card
      title="About to breach"
      className="flex-1"
      aside={
        freshness.policies > 0 && (
          <Link href="/freshness" className="link text-12">
            {plural(freshness.policies, "dataset")}
          </Link>
        )
      }
    >
      {freshness.items.length === 0 ? (
        <p className="px-4 py-3 text-t2">
          {freshness.policies === 0 ? (
            <>
              No dataset has a freshness policy. Declare one in a file under <code>quality/</code> to see here what is
              late.
            </>
          ) : (
            "Every dataset that has a freshness policy is in time."
          )}
        </p>
      ) : (
        <ul>
          {freshness.items.slice(0, SHOWN).map((item) => {
            const { glyph, word, tone } =
              STANDING[item.standing === "warn" || item.standing === "at_risk" ? item.standing : "error"]
            return (
              <li key={item.dataset} className="border-grid border-b px-4 py-[7px] last:border-0">
                <div className="flex items-center gap-1.5">
                  <StateIcon name={glyph} />
                  <Link
                    href={`/datasets/${encodeURIComponent(item.dataset)}`}
                    title={item.dataset}
                    className="min-w-0 flex-1 truncate font-strong hover:text-accent-t"
                  >
                    {item.dataset.split(".").at(-1)}
                  </Link>
                  <b className={tone}>{word}</b>
                </div>
                <p className="line-clamp-2 pl-5 text-12 text-t2" title={item.message}>
                  {item.message}
                </p>
              </li>
            )
          })}
        </ul>
      )}
    </Card>
  )
}
