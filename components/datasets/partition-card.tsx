import type { DatasetDetail } from "#lib/contracts/api/datasets.ts"
import { listOfKeys } from "../backfills/backfill-words.ts"
import { PartitionStrip } from "../status/partition-strip.tsx"
import { Link } from "../ui/link.tsx"

/** What an address can hold well; the newest of more. */
const MOST_NAMED = 150

/** The partitions as a heat-map, with the way to reload those that are not right. */
export function PartitionCard({ dataset }: { dataset: DatasetDetail }) {
  const ordered = dataset.partitions.toSorted((a, b) => a.key.localeCompare(b.key))
  const broken = ordered.filter((one) => one.state === "missing" || one.state === "failed" || one.state === "stale")
  if (ordered.length === 0) return null
  const partitions = listOfKeys(broken.map((one) => one.key).slice(-MOST_NAMED))
  return (
    <section className="px-4 py-3">
      <h2 className="mb-2 flex items-center">
        Partitions
        {broken.length > 0 && dataset.pipelineId && (
          <Link
            className="link ml-auto text-12"
            href={`/backfills/new?pipeline=${encodeURIComponent(dataset.pipelineId)}&selection=all&partitions=${encodeURIComponent(partitions)}`}
          >
            Backfill {Math.min(MOST_NAMED, broken.length)}
          </Link>
        )}
      </h2>
      <PartitionStrip
        label={`${ordered.length} partitions, ${ordered[0]?.key} to ${ordered.at(-1)?.key}`}
        cells={ordered.map((one) => ({ key: one.key, state: one.state }))}
      />
    </section>
  )
}
