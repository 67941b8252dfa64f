import { sha256 } from "./checksum.ts"
import type { ModelNode } from "./node.ts"
import type { ParseState } from "./parse-state.ts"
import { type Problem, ProjectError } from "./project-error.ts"

const CAN_HAVE_CONTRACT = new Set(["table", "view", "incremental", "ephemeral", "materialized_view"])

/**
 * A model whose contract is enforced says the type of each of its columns; the contract's checksum is made of them.
 * @throws ProjectError naming the columns without a type.
 */
export function checkContracts({ manifest }: ParseState): void {
  const problems: Problem[] = []
  for (const node of manifest.nodes.values()) {
    if (node.resource_type !== "model" || !node.contract.enforced) continue
    const message = faultOf(node)
    if (message) problems.push({ file: node.original_file_path, line: node.start_line, column: 1, message })
    else node.contract.checksum = checksumOf(node)
  }
  if (problems.length > 0) throw new ProjectError(problems)
}

function faultOf(node: ModelNode): string | null {
  const columns = Object.values(node.columns)
  const model = `model "${node.name}" has an enforced contract`
  if (node.language !== "sql") return `${model}, which only models in SQL can have.`
  if (!CAN_HAVE_CONTRACT.has(node.config.materialized))
    return `${model}, which cannot be kept when it is materialized as ${node.config.materialized}.`
  if (columns.length === 0) return `${model}, but no columns; list them with their data_type in a properties file.`
  const untyped = columns.filter(({ data_type }) => data_type === null).map(({ name }) => name)
  return untyped.length > 0 ? `${model}, but these columns have no data_type: ${untyped.join(", ")}.` : null
}

function checksumOf({ columns }: ModelNode): string {
  const sorted = Object.values(columns).sort((a, b) => (a.name < b.name ? -1 : 1))
  return sha256(
    sorted.map(({ name, data_type, constraints }) => `|${name}${data_type}${JSON.stringify(constraints)}`).join(""),
  )
}
