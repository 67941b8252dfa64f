import type { AnalysisNode } from "../project/node.ts"
import type { ParsedProject } from "../project/parse-project.ts"

interface AdHoc {
  uniqueId: string
  name: string
  rawCode: string
  /** For messages. */
  file: string
}

/**
 * A template that no file of the project holds, as a node that can be run. What it reads is found out when it runs, so all that
 * the project has counts as its parents.
 */
export function adHocNode(
  { root, target, manifest }: ParsedProject,
  { uniqueId, name, rawCode, file }: AdHoc,
): AnalysisNode {
  const config = {
    enabled: true,
    alias: null,
    schema: null,
    database: null,
    tags: [],
    meta: {},
    group: null,
    materialized: "view",
    "pre-hook": [],
    "post-hook": [],
    quoting: {},
    docs: { show: true, node_color: null },
  }
  return {
    resource_type: "analysis",
    unique_id: uniqueId,
    name,
    package_name: root.name,
    path: file,
    original_file_path: file,
    database: target.database,
    schema: target.schema,
    fqn: [root.name, name],
    alias: name,
    checksum: { name: "none", checksum: "" },
    config,
    tags: [],
    description: "",
    meta: {},
    docs: config.docs,
    patch_path: null,
    columns: {},
    group: null,
    unrendered_config: {},
    relation_name: null,
    raw_code: rawCode,
    language: "sql",
    refs: [],
    sources: [],
    metrics: [],
    depends_on: { macros: [], nodes: [...manifest.nodes.keys(), ...manifest.sources.keys()] },
    contract: { enforced: false, alias_types: true, checksum: null },
    start_line: 1,
  }
}
