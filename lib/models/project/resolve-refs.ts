import { didYouMean } from "../../domain/closest.ts"
import { positionOfCall } from "./call-position.ts"
import type { ExposureNode, ModelNode, ParsedNode, RefArgs, SemanticNode } from "./node.ts"
import type { ParseState } from "./parse-state.ts"
import { type Problem, ProjectError } from "./project-error.ts"
import { type RefableNode, RefLookup } from "./ref-lookup.ts"

/** What keeps a ref or source from being resolved. */
interface Fault extends Problem {
  isDisabled: boolean
}

type Dependent = ParsedNode | ExposureNode | SemanticNode

/**
 * Turns the refs and sources of everything into unique ids. A test of a disabled node is disabled with it, and a test of a node
 * that is not there is passed over with a warning, as in dbt.
 * @throws ProjectError with all that name what is not there, is disabled, or may not be used from where they stand.
 */
export function resolveRefs(state: ParseState): void {
  const { manifest } = state
  const lookup = new RefLookup(manifest)
  const problems: Problem[] = []
  const dependents: Dependent[] = [
    ...manifest.nodes.values(),
    ...manifest.exposures.values(),
    ...manifest.metrics.values(),
    ...manifest.semanticModels.values(),
    ...manifest.savedQueries.values(),
  ]
  for (const node of dependents) {
    const found = new Set<string>()
    const faults: Fault[] = []
    for (const [source = "", table = ""] of "sources" in node ? node.sources : []) {
      const result = lookup.source(source, table, node.package_name)
      if (result.kind === "found") found.add(result.node.unique_id)
      else faults.push(sourceFault(node, source, table, result.kind, lookup))
    }
    for (const ref of node.refs) {
      const result = lookup.ref(ref, node.package_name)
      if (result.kind !== "found") faults.push(refFault(node, ref, result, lookup))
      else {
        found.add(result.node.unique_id)
        const fault = accessFault(state, node, ref, result.node)
        if (fault) problems.push(fault)
      }
    }
    if (faults.length > 0 && node.resource_type === "test") setTestAside(state, node, faults)
    else problems.push(...faults)
    node.depends_on.nodes = [...found]
  }
  if (problems.length > 0) throw new ProjectError(problems)
}

function setTestAside({ manifest, warnings }: ParseState, node: ParsedNode, faults: readonly Fault[]): void {
  manifest.nodes.delete(node.unique_id)
  node.config.enabled = false
  manifest.disabled.set(node.unique_id, [...(manifest.disabled.get(node.unique_id) ?? []), node])
  // Who disables a node knows that its tests go with it.
  warnings.push(...faults.filter(({ isDisabled }) => !isDisabled))
}

const titleOf = (node: Dependent): string => `${node.resource_type.replace("_", " ")} "${node.name}"`

function refFault(
  node: Dependent,
  ref: RefArgs,
  result: Exclude<ReturnType<RefLookup["ref"]>, { kind: "found" }>,
  lookup: RefLookup,
): Fault {
  const name = ref.package === null ? `"${ref.name}"` : `"${ref.name}" of package "${ref.package}"`
  const target = ref.version === null ? name : `${name} in version ${ref.version}`
  const fault = { ...positionOfCall(node, "ref", ref.name), isDisabled: result.kind === "disabled" }
  const title = titleOf(node)
  switch (result.kind) {
    case "disabled":
      return {
        ...fault,
        message: `${title} depends on ${target}, which is disabled in ${result.node.original_file_path}.`,
      }
    case "version_missing": {
      const known = result.versions.join(", ")
      return { ...fault, message: `${title} depends on ${target}, which is not there: it has the versions ${known}.` }
    }
    case "missing": {
      const advice = didYouMean(ref.name, lookup.names())
      return { ...fault, message: `${title} depends on a node named ${target}, which is not there${advice}` }
    }
  }
}

function sourceFault(
  node: Dependent,
  source: string,
  table: string,
  kind: "disabled" | "missing",
  lookup: RefLookup,
): Fault {
  const fault = { ...positionOfCall(node, "source", source), isDisabled: kind === "disabled" }
  const name = `${source}.${table}`
  if (kind === "disabled") {
    return { ...fault, message: `${titleOf(node)} depends on the source "${name}", which is disabled.` }
  }
  const advice = didYouMean(name, lookup.sourceNames())
  return { ...fault, message: `${titleOf(node)} depends on a source named "${name}", which is not there${advice}` }
}

/** Private models are for their group, protected ones for their package where that restricts access. */
function accessFault(
  { packages, root }: ParseState,
  node: Dependent,
  ref: RefArgs,
  target: RefableNode,
): Problem | null {
  if (target.resource_type !== "model") return null
  const { access, group } = target as ModelNode
  const own = "group" in node ? node.group : null
  const place = () => positionOfCall(node, "ref", ref.name)
  const owner = packages.find(({ name }) => name === target.package_name) ?? root
  const isOutside = node.package_name !== target.package_name && owner.config.restrictAccess
  if (access === "private" && (own === null || own !== group || isOutside)) {
    // A test of a private model stands with the model.
    if (node.resource_type === "test" && node.attached_node === target.unique_id) return null
    const message = `${titleOf(node)} cannot use "${target.name}", which is private to the group "${group ?? ""}".`
    return { ...place(), message }
  }
  if (access === "protected" && isOutside) {
    return {
      ...place(),
      message: `${titleOf(node)} cannot use "${target.name}", which is protected within the package "${owner.name}".`,
    }
  }
  return null
}

/** @throws ProjectError where a node is in a group that nobody declares. */
export function checkGroups({ manifest }: ParseState): void {
  const groups = new Set([...manifest.groups.values()].map(({ name }) => name))
  const problems: Problem[] = []
  for (const node of manifest.nodes.values()) {
    if (node.group !== null && !groups.has(node.group)) {
      const message = `${titleOf(node)} is in the group "${node.group}", which is not there${didYouMean(node.group, groups)}`
      problems.push({ file: node.original_file_path, line: node.start_line, column: 1, message })
    }
    if (node.resource_type === "model" && node.access === "private" && node.group === null) {
      const message = `${titleOf(node)} is private, but in no group; give it one with "group".`
      problems.push({ file: node.original_file_path, line: node.start_line, column: 1, message })
    }
  }
  if (problems.length > 0) throw new ProjectError(problems)
}
