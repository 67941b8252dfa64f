import type { SnapshotNode } from "./node.ts"
import type { ParseState } from "./parse-state.ts"
import { type Problem, ProjectError } from "./project-error.ts"

const HARD_DELETES = ["ignore", "invalidate", "new_record"]

/** @throws ProjectError where a snapshot lacks what its strategy needs, or has what it cannot use. */
export function checkSnapshots({ manifest }: ParseState): void {
  const problems: Problem[] = []
  for (const node of manifest.nodes.values()) {
    if (node.resource_type !== "snapshot") continue
    const fault = faultOf(node)
    if (!fault) continue
    const message = `snapshot "${node.name}" ${fault}`
    problems.push({ file: node.original_file_path, line: node.start_line, column: 1, message })
  }
  if (problems.length > 0) throw new ProjectError(problems)
}

function faultOf({ config }: SnapshotNode): string | null {
  const { strategy, unique_key, updated_at, check_cols, hard_deletes, invalidate_hard_deletes } = config
  if (!strategy || !unique_key) return 'needs a "strategy" and a "unique_key".'
  if (config.materialized !== "snapshot") return `cannot be materialized as ${config.materialized}.`
  if (strategy === "timestamp" && !updated_at) return 'has the strategy "timestamp", which needs "updated_at".'
  if (strategy === "timestamp" && check_cols) return 'has the strategy "timestamp", which has no use for "check_cols".'
  if (strategy === "check" && (!check_cols || (Array.isArray(check_cols) && check_cols.length === 0))) {
    return 'has the strategy "check", which needs "check_cols": "all", or a list of columns.'
  }
  if (strategy === "check" && typeof check_cols === "string" && check_cols !== "all") {
    return `has "check_cols" "${check_cols}"; write "all", or a list of columns.`
  }
  if (hard_deletes !== undefined && hard_deletes !== null) {
    if (!HARD_DELETES.includes(String(hard_deletes)))
      return `has "hard_deletes" "${String(hard_deletes)}"; it can be ${HARD_DELETES.join(", ")}.`
    if (invalidate_hard_deletes !== undefined)
      return 'has both "hard_deletes" and "invalidate_hard_deletes"; keep the first.'
  }
  return null
}
