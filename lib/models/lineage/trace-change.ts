import type { Node } from "libpg-query"
import type { Relation } from "./relation.ts"
import type { Surroundings, Tracing } from "./tracing.ts"

/** What a data change gives by RETURNING. Null for statements that are none. */
export function returningOf(_node: Node, _around: Surroundings, _tracing: Tracing): Relation | null {
  return null
}
