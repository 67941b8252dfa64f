import type { Expression, Statement } from "./ast.ts"

/** Calls `visit` for every node below, those outside first. */
export function visitNodes(
  tree: readonly (Statement | Expression)[],
  visit: (node: Statement | Expression) => void,
): void {
  const walk = (part: unknown): void => {
    if (typeof part !== "object" || part === null) return
    if (Array.isArray(part)) {
      for (const each of part) walk(each)
      return
    }
    if ("kind" in part && "at" in part) {
      visit(part as Statement | Expression)
      // A literal holds a value, not nodes.
      if (part.kind === "literal" || part.kind === "data") return
    }
    for (const each of Object.values(part)) walk(each)
  }
  walk(tree)
}
