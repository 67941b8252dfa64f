import path from "node:path"
import type { RunnableNode } from "../run/work-graph.ts"

/** What a command made of a node's template, for the manifest and the files of the target folder. */
export interface CompiledNode {
  code: string
  /** Where the file was written, from the project's folder. */
  compiledPath: string | null
  buildPath: string | null
}

/**
 * Where in `target/compiled` and `target/run` the SQL of a node stands: under its package where its file does, a generic test
 * in a folder that is named after the file that asks for it. Null for what has no file of its own.
 */
export function artifactPath(node: RunnableNode): string | null {
  switch (node.resource_type) {
    case "unit_test":
    case "seed":
      return null
    case "operation":
      return path.join(node.package_name, node.original_file_path, node.path)
    case "test":
      return path.join(node.package_name, node.original_file_path, node.test_metadata ? node.path : "")
    default:
      return path.join(node.package_name, node.original_file_path)
  }
}
