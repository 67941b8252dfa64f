import { type MatchContext, matcherOf } from "./match-methods.ts"
import type { EarlierState, ResourceType } from "./selectable.ts"
import { type SelectionGraph, within } from "./selection-graph.ts"
import type { Criterion, IndirectSelection, SelectionSpec, SpecGroup } from "./selection-spec.ts"

export interface SelectionOptions {
  rootPackage?: string | null
  earlier?: EarlierState
  /** Only nodes of these types remain, after all else: what a command works on. */
  resourceTypes?: readonly ResourceType[]
}

export interface Selection {
  /** In the order of the graph's nodes. */
  ids: string[]
  /** One for each thing that somebody wrote and nothing matches. */
  warnings: SelectionWarning[]
}

export interface SelectionWarning {
  raw: string
  message: string
}

/** Applies a selection to a graph: methods, then graph operators, then tests, then sets (dbt's "Syntax overview"). */
export function selectNodes(
  graph: SelectionGraph,
  spec: SelectionSpec,
  { rootPackage = null, earlier = {}, resourceTypes }: SelectionOptions = {},
): Selection {
  const warnings: SelectionWarning[] = []
  const { direct } = evaluate(spec, { graph, match: { rootPackage, earlier }, warnings })
  const ids = [...graph.nodes.values()]
    .filter(({ id, resourceType }) => direct.has(id) && (!resourceTypes || resourceTypes.includes(resourceType)))
    .map(({ id }) => id)
  return { ids, warnings }
}

interface Work {
  graph: SelectionGraph
  match: MatchContext
  warnings: SelectionWarning[]
}

interface Selected {
  direct: Set<string>
  /** Tests that wait for their other parents to be selected too. */
  waiting: Set<string>
}

function evaluate(spec: SelectionSpec, work: Work): Selected {
  if (spec.kind === "criterion") return withTests(selectByCriterion(spec, work), spec.indirect, work.graph)
  const parts = spec.parts.map((part) => evaluate(part, work))
  const direct = combine(
    spec.kind,
    parts.map((part) => part.direct),
  )
  const all = combine(
    spec.kind,
    parts.map((part) => union([part.direct, part.waiting])),
  )
  const waiting = new Set([...all].filter((id) => !direct.has(id)))
  admitWaiting(direct, waiting, spec.indirect, work.graph)
  if (spec.mustMatch !== null && direct.size === 0) {
    work.warnings.push({ raw: spec.mustMatch, message: `Nothing that is enabled matches "${spec.mustMatch}".` })
  }
  return { direct, waiting }
}

function combine(kind: SpecGroup["kind"], sets: readonly Set<string>[]): Set<string> {
  const [first = new Set<string>(), ...others] = sets
  if (kind === "union") return union(sets)
  const isIn = kind === "intersection"
  return new Set([...first].filter((id) => others.every((set) => set.has(id) === isIn)))
}

function union(sets: readonly Set<string>[]): Set<string> {
  const all = new Set<string>()
  for (const set of sets) for (const id of set) all.add(id)
  return all
}

function selectByCriterion(criterion: Criterion, { graph, match }: Work): Set<string> {
  const matches = matcherOf(criterion, match)
  const found = new Set<string>()
  for (const node of graph.nodes.values()) if (matches(node)) found.add(node.id)
  const sets = [found]
  if (criterion.childrensParents) {
    const downstream = within(graph.children, found, Number.POSITIVE_INFINITY)
    sets.push(within(graph.parents, downstream, Number.POSITIVE_INFINITY))
  }
  if (criterion.parentsDepth > 0) sets.push(within(graph.parents, found, criterion.parentsDepth))
  if (criterion.childrenDepth > 0) sets.push(within(graph.children, found, criterion.childrenDepth))
  return union(sets)
}

/**
 * Adds tests of what is selected: `eager` with any parent selected, `cautious` with all, `buildable` with all selected or
 * upstream of what is selected (where sources always count as built), `empty` none. The others wait.
 */
function withTests(selected: Set<string>, mode: IndirectSelection, graph: SelectionGraph): Selected {
  const waiting = new Set<string>()
  if (mode === "empty") return { direct: selected, waiting }
  for (const id of selected) {
    for (const child of graph.children.get(id) ?? []) {
      const type = graph.nodes.get(child)!.resourceType
      if ((type === "test" || type === "unit_test") && !selected.has(child)) waiting.add(child)
    }
  }
  if (mode === "eager") return { direct: union([selected, waiting]), waiting: new Set() }
  const direct = new Set(selected)
  admitWaiting(direct, waiting, mode, graph, (id) => graph.nodes.get(id)?.resourceType === "source")
  return { direct, waiting }
}

/** Moves tests all of whose parents are there by now from `waiting` to `direct`. */
function admitWaiting(
  direct: Set<string>,
  waiting: Set<string>,
  mode: IndirectSelection,
  { parents }: SelectionGraph,
  isBuilt: (id: string) => boolean = () => false,
): void {
  if (waiting.size === 0 || mode === "eager" || mode === "empty") return
  const isBuildable = mode === "buildable"
  const present = isBuildable ? within(parents, direct, Number.POSITIVE_INFINITY) : new Set(direct)
  for (const id of [...waiting]) {
    const isReady = (parents.get(id) ?? []).every((parent) => present.has(parent) || (isBuildable && isBuilt(parent)))
    if (!isReady) continue
    waiting.delete(id)
    direct.add(id)
  }
}
