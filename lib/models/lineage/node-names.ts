import type { Node } from "libpg-query"

/** The names in a list of the parse tree, without anything else in it. */
export function stringsOf(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).flatMap((node) => ("String" in node ? [node.String.sval ?? ""] : []))
}

/** The last that is a name: `*` and subscripts stand in the same lists. */
export function lastString(nodes: readonly Node[] | undefined): string | undefined {
  return stringsOf(nodes).at(-1)
}

/** Without its schema: `pg_catalog.btrim` and `btrim` are one. */
export function functionName(funcname: readonly Node[] | undefined): string {
  return lastString(funcname) ?? ""
}

/** Whether a list of the parse tree ends in `*`. */
export function endsInStar(nodes: readonly Node[] | undefined): boolean {
  const last = nodes?.at(-1)
  return last !== undefined && "A_Star" in last
}
