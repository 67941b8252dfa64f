import type { ParsedNode } from "./node.ts"
import { relationNameOf } from "./parse-node.ts"
import type { ParseState } from "./parse-state.ts"
import { type Problem, ProjectError } from "./project-error.ts"
import { isRefable } from "./ref-lookup.ts"

/** @throws ProjectError where two things of a package share a name that `ref` uses, or two would be the same relation. */
export function checkNames({ manifest, root }: ParseState): void {
  const names = new Map<string, ParsedNode>()
  const relations = new Map<string, ParsedNode>()
  const problems: Problem[] = []
  for (const node of manifest.nodes.values()) {
    if (!isRefable(node)) continue
    const version = node.resource_type === "model" && node.version !== null ? `.v${node.version}` : ""
    const key = `${node.package_name}.${node.name}${version}`
    const other = names.get(key)
    if (other)
      problems.push(
        clash(node, other, `are both named "${node.name}", so that ref("${node.name}") could mean either; rename one`),
      )
    else names.set(key, node)
    const relation = relationNameOf(node, root)
    const same = relations.get(relation)
    if (same && same !== other)
      problems.push(clash(node, same, `would both be ${relation}; give one another alias or schema`))
    else relations.set(relation, node)
  }
  if (problems.length > 0) throw new ProjectError(problems)
}

function clash(node: ParsedNode, other: ParsedNode, what: string): Problem {
  const message = `${node.resource_type} "${node.name}" and ${other.resource_type} "${other.name}" (${other.original_file_path}) ${what}.`
  return { file: node.original_file_path, line: node.start_line, column: 1, message }
}
