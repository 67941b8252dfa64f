import { createHash } from "node:crypto"
import path from "node:path"
import type { DatasetDocument } from "../../contracts/dataset-document.ts"
import type { DbtSelection } from "../../contracts/operators/dbt.ts"
import type { ParsedNode, TestNode } from "../project/node.ts"
import { type ParsedProject, parseProject } from "../project/parse-project.ts"
import type { Target } from "../project/profile.ts"
import type { YamlMap } from "../project/read-yaml.ts"
import { workGraph } from "../run/work-graph.ts"
import { datasetOf } from "./dataset-of.ts"
import { documentDatasets, readBy } from "./document-datasets.ts"
import { selectForCommand } from "./select-for-command.ts"

/** A task that a part of a project becomes. */
export interface ExpandedTask {
  id: string
  description: string
  /** Unique ids, in their order. */
  nodes: string[]
  /** Ids of other expanded tasks. */
  upstream: string[]
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

/** The longest id of a task. */
const MAX_ID = 100

/**
 * The target of a project that is built in Headrace's own warehouse. While a workspace is loaded nobody knows the name of its
 * database, which then stands for itself.
 */
export function warehouseTarget(schema: string, connection: { database: string; credentials: YamlMap } | null): Target {
  return {
    profileName: "headrace",
    name: "warehouse",
    type: "postgres",
    database: connection?.database ?? "warehouse",
    schema,
    threads: 4,
    credentials: connection?.credentials ?? {},
  }
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
  const nodes = ids.flatMap((id) => project.manifest.nodes.get(id) ?? [])
  return {
    tasks: toTasks(project, nodes, selection),
    documents: documentDatasets(project.manifest, nodes.filter(isBuilt), selection.project),
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
  nodes: readonly ParsedNode[],
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
    const tested = new Set(own.flatMap((test) => test.depends_on.nodes.filter((parent) => place.has(parent))))
    const others = tests === "within" ? [...tested].filter((parent) => parent !== id) : []
    const reads = (ids: Iterable<string>) => [...ids].map((each) => datasetOf(manifest.nodes.get(each)!))
    const task: ExpandedTask = {
      id: taskIds.get(id)!,
      description: firstLine(node.description),
      nodes: tests === "within" ? [id, ...own.map(({ unique_id }) => unique_id)] : [id],
      upstream: [...new Set([...graph.parents(id), ...others])].map(gateOf),
      reads: [...new Set([...readsOf(node, project), ...reads(others)])],
      writes: [datasetOf(node)],
    }
    if (!hasTask(id)) return [task]
    const testTask: ExpandedTask = {
      id: testTaskId(task.id),
      description: `${own.length} ${own.length === 1 ? "test" : "tests"} of ${node.name}`,
      nodes: own.map(({ unique_id }) => unique_id),
      upstream: [...new Set([id, ...tested])].map((each) => taskIds.get(each)!),
      reads: [...new Set([datasetOf(node), ...reads(tested)])],
      writes: [],
    }
    return [task, testTask]
  })
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
      fit(`${prefix}${count.get(name) === 1 ? name : `${node.package_name}__${name}`}`, MAX_ID - 6),
    )
  }
  return names
}

function testTaskId(taskId: string): string {
  return `${taskId}_tests`
}

/** Letters, digits, `_` and `-`, as ids of tasks are; what is cut off is told apart by a hash. */
function fit(name: string, length: number): string {
  const plain = name.replace(/[^A-Za-z0-9_-]/g, "_").replace(/^[^A-Za-z]/, "m$&")
  if (plain.length <= length) return plain
  return `${plain.slice(0, length - 9)}_${createHash("md5").update(name).digest("hex").slice(0, 8)}`
}

function readsOf(node: ParsedNode, { manifest }: ParsedProject): string[] {
  const own = datasetOf(node)
  return [...new Set(readBy(node, manifest).map(datasetOf))].filter((dataset) => dataset !== own)
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? ""
}
