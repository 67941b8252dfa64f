import type { ParsedProject } from "../project/parse-project.ts"
import { adHocNode } from "./ad-hoc-node.ts"

/** A project that has a query besides what its files hold, and the query's unique id (`--inline`). */
export function withInlineQuery(project: ParsedProject, sql: string): { project: ParsedProject; id: string } {
  const id = `sql_operation.${project.root.name}.inline_query`
  const node = adHocNode(project, { uniqueId: id, name: "inline_query", rawCode: sql, file: "--inline" })
  const manifest = { ...project.manifest, nodes: new Map([...project.manifest.nodes, [id, node]]) }
  return { project: { ...project, manifest }, id }
}
