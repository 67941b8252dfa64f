import type { BlastRadius } from "#lib/contracts/api/triage.ts"
import { readNodeFacts, readTableEdges } from "#lib/store/read/lineage.ts"
import type { Queryable } from "#lib/store/transaction.ts"
import { downstreamOf } from "../catalogue/table-lineage.ts"

/** People look at the nearest; the rest is a number. */
const MAX_AFFECTED = 200

/** What is made from datasets that broke, nearest first, and whose it is. */
export async function readBlastRadius(queryable: Queryable, datasets: readonly string[]): Promise<BlastRadius> {
  if (datasets.length === 0) return { datasets: [], affected: [], total: 0, owners: [], pipelines: [] }
  const edges = await readTableEdges(queryable)
  const broken = new Set(datasets)
  const affected = [...new Set(datasets.flatMap((dataset) => downstreamOf(edges, dataset)))].filter(
    (id) => !broken.has(id),
  )
  const facts = await readNodeFacts(queryable, [...datasets, ...affected])
  const known = affected.map((id) => {
    const { owner = null, tags = [], pipelineId = null } = facts.get(id) ?? {}
    return { id, owner, tags, pipelineId }
  })
  const present = (names: readonly (string | null | undefined)[]) =>
    [...new Set(names.filter((name) => name != null))].sort()
  return {
    datasets: [...datasets],
    affected: known.slice(0, MAX_AFFECTED),
    total: affected.length,
    owners: present([...datasets.map((id) => facts.get(id)?.owner), ...known.map(({ owner }) => owner)]),
    pipelines: present(known.map(({ pipelineId }) => pipelineId)),
  }
}
