import type { ColumnLineage } from "#lib/models/lineage/column-lineage.ts"

/**
 * Lineages in an order in which each follows what it reads. Datasets may read themselves (incremental models) and, over
 * several pipelines, each other: of a circle the one that was met first comes last.
 */
export function readersLast(lineages: ReadonlyMap<string, ColumnLineage>): Map<string, ColumnLineage> {
  const ordered = new Map<string, ColumnLineage>()
  const seen = new Set<string>()
  for (const root of lineages.keys()) {
    // An explicit stack: chains may be longer than recursion survives.
    const stack = [{ id: root, next: 0 }]
    while (stack.length > 0) {
      const frame = stack.at(-1)!
      const lineage = lineages.get(frame.id)
      if (frame.next === 0 && (seen.has(frame.id) || !lineage)) {
        stack.pop()
        continue
      }
      seen.add(frame.id)
      const read = lineage!.relations[frame.next++]
      if (read !== undefined) {
        if (!seen.has(read)) stack.push({ id: read, next: 0 })
        continue
      }
      ordered.set(frame.id, lineage!)
      stack.pop()
    }
  }
  return ordered
}
