import { keyOf } from "./column-key.ts"
import type { ColumnId } from "./column-lineage.ts"
import type { ColumnGraph } from "./index-graph.ts"

/** A tag that somebody set on a column, such as `pii`. */
export interface TaggedColumn extends ColumnId {
  tag: string
}

/** A tag on a column that it flowed into. */
export interface InheritedTag extends TaggedColumn {
  /** The column on which it was set. */
  from: ColumnId
  /** The neighbour it came through. */
  through: ColumnId
}

/** Where a tag ended because an expression anonymises the value. */
export interface StoppedTag extends TaggedColumn {
  through: ColumnId
  /** As `md5`, `=` or `count`. */
  by: string
}

export interface PropagatedTags {
  inherited: InheritedTag[]
  stopped: StoppedTag[]
}

/**
 * Carries tags along with values, copied or derived, up to expressions that anonymise (anonymising.ts says which, and why).
 * What a column only decides about rows carries nothing. They end as well where somebody says so: `isCleared`. A column inherits each tag once, along the shortest way.
 */
export function propagateTags(
  graph: ColumnGraph,
  tagged: readonly TaggedColumn[],
  isCleared: (column: ColumnId) => boolean = () => false,
): PropagatedTags {
  const inherited: InheritedTag[] = []
  const stopped = new Map<string, StoppedTag>()
  const has = new Set(tagged.map(tagKey))
  const queue = tagged.map((each) => ({ ...each, from: { relation: each.relation, column: each.column } }))
  for (let index = 0; index < queue.length; index++) {
    const { relation, column, tag, from } = queue[index]!
    const through = { relation, column }
    for (const { into, anonymisedBy } of graph.downstream(through)) {
      const target = { relation: into.relation, column: into.column, tag }
      const by = isCleared(into) ? CLEARED : anonymisedBy
      if (by !== null) {
        stopped.set(tagKey(target), { ...target, through, by })
      } else if (!has.has(tagKey(target))) {
        has.add(tagKey(target))
        inherited.push({ ...target, from, through })
        queue.push({ ...target, from })
      }
    }
  }
  // A column that gets the tag another way does not stop it.
  return { inherited, stopped: [...stopped].filter(([key]) => !has.has(key)).map(([, each]) => each) }
}

/** Stands for an expression where it is the project's word that ends a tag. */
export const CLEARED = "declared"

function tagKey(tagged: TaggedColumn): string {
  return `${keyOf(tagged)}\0${tagged.tag}`
}
