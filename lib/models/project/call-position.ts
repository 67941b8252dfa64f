import type { ExposureNode, ParsedNode, SemanticNode } from "./node.ts"
import { type Place, positionAt } from "./project-error.ts"

/** Where a node's text calls `ref` or `source` with the name, as well as a search in its text can tell; else where it begins. */
export function positionOfCall(
  node: ParsedNode | ExposureNode | SemanticNode,
  call: "ref" | "source",
  name: string,
): Place {
  const file = node.original_file_path
  if (!("raw_code" in node)) return { file, line: 1, column: 1 }
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
  const found = new RegExp(`\\b${call}\\s*\\([^)]*["']${escaped}["']`).exec(node.raw_code)
  if (!found) return { file, line: node.start_line, column: 1 }
  const { line, column } = positionAt(node.raw_code, found.index)
  return { file, line: node.start_line + line - 1, column }
}
