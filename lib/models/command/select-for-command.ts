import type { ParsedProject } from "../project/parse-project.ts"
import { parseSelection } from "../selection/parse-selection.ts"
import { type Selection, selectNodes } from "../selection/select-nodes.ts"
import type { EarlierState, ResourceType } from "../selection/selectable.ts"
import { buildSelectionGraph } from "../selection/selection-graph.ts"
import type { IndirectSelection } from "../selection/selection-spec.ts"
import { parseYamlSelectors } from "../selection/yaml-selectors.ts"
import { selectables } from "./selectables.ts"

/** What each command works on, of all that is selected. */
export const COMMAND_RESOURCES = {
  build: ["model", "test", "unit_test", "seed", "snapshot", "saved_query"],
  run: ["model"],
  test: ["test", "unit_test"],
  seed: ["seed"],
  snapshot: ["snapshot"],
  compile: ["model", "test", "analysis", "snapshot", "sql_operation"],
  show: ["model", "seed", "snapshot", "analysis"],
  clone: ["model", "seed", "snapshot"],
  freshness: ["source"],
} as const satisfies Record<string, readonly ResourceType[]>

export interface SelectionRequest {
  select?: readonly string[]
  exclude?: readonly string[]
  selector?: string
  indirectSelection?: IndirectSelection
  resourceTypes: readonly ResourceType[]
  earlier?: EarlierState
}

/**
 * The nodes that a command is to work on: what its options say, else the default selector of selectors.yml, else everything.
 * @throws SelectionError
 */
export function selectForCommand({ manifest, root }: ParsedProject, request: SelectionRequest): Selection {
  const { select, exclude, indirectSelection, earlier, resourceTypes } = request
  const selectors = parseYamlSelectors(
    { selectors: [...manifest.selectors.values()].map(withoutNulls) },
    indirectSelection,
  )
  const named = request.selector ?? (select?.length || exclude?.length ? null : selectors.defaultName)
  const spec = parseSelection({
    select: named === null ? select : [`selector:${named}`],
    exclude: named === null ? exclude : [],
    indirectSelection,
    selectors: selectors.specs,
  })
  const graph = buildSelectionGraph(selectables(manifest, earlier?.fingerprints !== undefined))
  return selectNodes(graph, spec, { rootPackage: root.name, resourceTypes, ...(earlier && { earlier }) })
}

function withoutNulls<Shape extends object>(record: Shape): Partial<Shape> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null)) as Partial<Shape>
}
