import path from "node:path"
import type { DatasetDocument } from "../../contracts/dataset-document.ts"
import type { DbtSelection } from "../../contracts/operators/dbt.ts"
import type { ParsedNode, TestNode, UnitTestNode } from "../project/node.ts"
import { type ParsedProject, parseProject } from "../project/parse-project.ts"
import type { YamlMap } from "../project/read-yaml.ts"
import { workGraph } from "../run/work-graph.ts"
import { betweenHooks } from "./between-hooks.ts"
import { datasetOf } from "./dataset-of.ts"
import { documentDatasets, readBy } from "./document-datasets.ts"
import { selectForCommand } from "./select-for-command.ts"
import { fitTaskId, MAX_TASK_ID } from "./task-id.ts"
import { warehouseTarget } from "./warehouse-target.ts"

/** A task that a part of a project becomes. */
export interface ExpandedTask {
  id: string
  description: string
  /** Unique ids, in their order; none where it only marks the beginning. */
  nodes: string[]
  /** Ids of other expanded tasks. */
  upstream: string[]
  /** `start` comes before all others; `end` tears it down: it runs behind all others, whatever became of them. */
  place: "start" | "between" | "end"
  /** Datasets: `warehouse.schema.name`. */
  reads: string[]
  writes: string[]
}

/** What a selection of a project becomes. */
export interface ExpandedProject {
  tasks: ExpandedTask[]
  /** What the project says of the datasets that these tasks build and read. */
  documents: DatasetDocument[]
  warnings: string[]
}

/** The tasks of a selection, each after those that it depends on. @throws ProjectError, SelectionError */
export function expandProject(
  { workspaceDir, env }: { workspaceDir: string; env: NodeJS.ProcessEnv },
  selection: DbtSelection,
): ExpandedProject {
  const project = parseProject({
    folder: path.resolve(workspaceDir, selection.project),
    target: warehouseTarget(selection.schema, null),
    vars: selection.vars as YamlMap,
    env,
    flags: { which: "build" },
  })
  const { ids, warnings } = selectForCommand(project, {
    select: list(selection.select),
    exclude: list(selection.exclude),
    ...(selection.selector !== undefined && { selector: selection.selector }),
    resourceTypes: ["model", "seed", "snapshot", "test", "unit_test"],
  })
  const { manifest } = project
  const nodes = ids.flatMap((id) => manifest.nodes.get(id) ?? [])
  const unitTests = ids.flatMap((id) => manifest.unitTests.get(id) ?? [])
  const tasks = toTasks(project, { nodes, unitTests }, selection)
  return {
    tasks: tasks.length > 0 && selection.hooks ? betweenHooks(manifest, tasks, selection) : tasks,
    documents: documentDatasets(manifest, nodes.filter(isBuilt), selection.project),
    warnings: warnings.map(({ message }) => message),
  }
}

function list(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : [value].flat()
}

/** Whether a node becomes a task that builds it. */
function isBuilt(node: ParsedNode): boolean {
  return node.resource_type !== "test" && node.config.materialized !== "ephemeral"
}

function toTasks(
  project: ParsedProject,
  { nodes, unitTests }: { nodes: readonly ParsedNode[]; unitTests: readonly UnitTestNode[] },
  { prefix, tests }: DbtSelection,
): ExpandedTask[] {
  const { manifest } = project
  const built = nodes.filter(isBuilt)
  const graph = workGraph(manifest, new Set(built.map(({ unique_id }) => unique_id)), false)
  const order = topological(built, graph.parents)
  const taskIds = nameTasks(order, prefix)
  const place = new Map(order.map(({ unique_id }, index) => [unique_id, index]))
  const testsOf = tests === "none" ? new Map<string, TestNode[]>() : assignTests(nodes, place, project)
  const hasTask = (id: string) => tests === "after" && (testsOf.get(id)?.length ?? 0) > 0
  /** What comes after a node waits for its tests. */
  const gateOf = (id: string) => (hasTask(id) ? testTaskId(taskIds.get(id)!) : taskIds.get(id)!)
  return order.flatMap((node) => {
    const id = node.unique_id
    const own = testsOf.get(id) ?? []
    const before = tests === "none" ? [] : unitTests.filter((each) => each.tested_node_unique_id === id)
    const beforeIds = before.map(({ unique_id }) => unique_id)
    const tested = new Set(own.flatMap((test) => test.depends_on.nodes.filter((parent) => place.has(parent))))
    const others = tests === "within" ? [...tested].filter((parent) => parent !== id) : []
    const reads = (ids: Iterable<string>) => [...ids].map((each) => datasetOf(manifest.nodes.get(each)!))
    const task: ExpandedTask = {
      id: taskIds.get(id)!,
      description: firstLine(node.description),
      nodes: tests === "within" ? [...beforeIds, id, ...own.map(({ unique_id }) => unique_id)] : [id],
      upstream: [...new Set([...graph.parents(id), ...others])].map(gateOf),
      place: "between",
      reads: [...new Set([...readsOf(node, project), ...reads(others)])],
      writes: [datasetOf(node)],
    }
    const found = [task]
    if (tests === "after" && before.length > 0) {
      const unitTask: ExpandedTask = {
        id: `${task.id}_unit_tests`,
        description: `${counted(before, "unit test")} of ${node.name}`,
        nodes: beforeIds,
        upstream: task.upstream,
        place: "between",
        reads: [],
        writes: [],
      }
      found.unshift(unitTask)
      task.upstream = [...task.upstream, unitTask.id]
    }
    if (!hasTask(id)) return found
    const testTask: ExpandedTask = {
      id: testTaskId(task.id),
      description: `${counted(own, "test")} of ${node.name}`,
      nodes: own.map(({ unique_id }) => unique_id),
      place: "between",
      upstream: [...new Set([id, ...tested])].map((each) => taskIds.get(each)!),
      reads: [...new Set([datasetOf(node), ...reads(tested)])],
      writes: [],
    }
    return [...found, testTask]
  })
}

function counted(items: readonly unknown[], what: string): string {
  return `${items.length} ${what}${items.length === 1 ? "" : "s"}`
}

function topological(nodes: readonly ParsedNode[], parents: (id: string) => readonly string[]): ParsedNode[] {
  const byId = new Map(nodes.map((node) => [node.unique_id, node]))
  const done = new Set<string>()
  const order: ParsedNode[] = []
  const visit = (id: string): void => {
    if (done.has(id)) return
    done.add(id)
    for (const parent of parents(id)) visit(parent)
    order.push(byId.get(id)!)
  }
  for (const node of nodes) visit(node.unique_id)
  return order
}

/** Each test belongs to the last of the nodes that it reads, so that it waits for all of them and makes no circle. */
function assignTests(nodes: readonly ParsedNode[], place: ReadonlyMap<string, number>, { manifest }: ParsedProject) {
  const found = new Map<string, TestNode[]>()
  for (const node of nodes) {
    if (node.resource_type !== "test") continue
    const parents = builtParents(node, place, manifest)
    const last = parents.sort((a, b) => place.get(a)! - place.get(b)!).at(-1)
    if (last !== undefined) found.set(last, [...(found.get(last) ?? []), node])
  }
  return found
}

/** The nodes with a task that a test reads, also through ephemeral ones. */
function builtParents(
  node: ParsedNode,
  place: ReadonlyMap<string, number>,
  manifest: ParsedProject["manifest"],
): string[] {
  return node.depends_on.nodes.flatMap((id) => {
    if (place.has(id)) return [id]
    const parent = manifest.nodes.get(id)
    return parent?.config.materialized === "ephemeral" ? builtParents(parent, place, manifest) : []
  })
}

/** A node's name, with its package where two have the same. */
function nameTasks(nodes: readonly ParsedNode[], prefix: string): Map<string, string> {
  const names = new Map<string, string>()
  const count = new Map<string, number>()
  const nameOf = (node: ParsedNode) =>
    "version" in node && node.version !== null && node.version !== undefined
      ? `${node.name}_v${node.version}`
      : node.name
  for (const node of nodes) count.set(nameOf(node), (count.get(nameOf(node)) ?? 0) + 1)
  for (const node of nodes) {
    const name = nameOf(node)
    names.set(
      node.unique_id,
      fitTaskId(
        `${prefix}${count.get(name) === 1 ? name : `${node.package_name}__${name}`}`,
        MAX_TASK_ID - "_unit_tests".length,
      ),
    )
  }
  return names
}

function testTaskId(taskId: string): string {
  return `${taskId}_tests`
}

function readsOf(node: ParsedNode, { manifest }: ParsedProject): string[] {
  const own = datasetOf(node)
  return [...new Set(readBy(node, manifest).map(datasetOf))].filter((dataset) => dataset !== own)
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? ""
}
