import { didYouMean } from "../../domain/closest.ts"
import type { AnalysisNode } from "../project/node.ts"
import type { ParsedProject } from "../project/parse-project.ts"
import { ProjectError } from "../project/project-error.ts"
import type { YamlMap } from "../project/read-yaml.ts"
import { nodeTask } from "../run/node-task.ts"
import type { SessionOptions } from "../run/open-connection.ts"
import { poolProject } from "../run/project-setup.ts"
import type { NodeResult, RunListener } from "../run/run-project.ts"
import { ThreadPool } from "../run/thread-pool.ts"
import { adHocNode } from "./ad-hoc-node.ts"

export interface OperationOptions {
  project: ParsedProject
  /** `name` or `package.name`. */
  macro: string
  args: YamlMap
  session: SessionOptions
  invocationArgs: YamlMap
  onLog: NonNullable<RunListener["onLog"]>
  signal?: AbortSignal
}

/**
 * Calls a macro with named arguments (dbt's documentation, "run-operation"). What it runs in a transaction counts when it
 * commits; `run_query` runs outside of one. @throws ProjectError when there is no such macro
 */
export async function runOperation(options: OperationOptions): Promise<NodeResult> {
  const { project, session, signal, onLog } = options
  const node = operationNode(options)
  const pool = new ThreadPool({
    size: 1,
    session,
    project: poolProject(project, { selected: [], invocationArgs: options.invocationArgs }),
    onLog,
  })
  const startedAt = new Date()
  const begin = performance.now()
  try {
    const task = nodeTask(project.manifest, node, { kind: "compile", names: { _operation_args: options.args } })
    const outcome = await pool.run(task, signal ? { signal } : {})
    const executionTime = (performance.now() - begin) / 1000
    // What the call rendered to is nothing that anybody compiled.
    return { ...outcome, node, startedAt, executionTime, compiledCode: null }
  } finally {
    await pool.close()
  }
}

/** A template that calls the macro. */
function operationNode({ project, macro }: OperationOptions): AnalysisNode {
  const { registry, root, packages } = project
  const [packageName, name] = macro.includes(".") ? (macro.split(".", 2) as [string, string]) : [root.name, macro]
  const found = macro.includes(".") ? registry.inPackage(packageName)?.get(name) : registry.find(name, root.name)
  if (!found) {
    const names = packages.flatMap((each) => [...(registry.inPackage(each.name)?.keys() ?? [])])
    throw new ProjectError({ message: `There is no macro "${macro}"${didYouMean(name, names)}` })
  }
  const { unique_id: uniqueId, original_file_path: file } = found
  return adHocNode(project, { uniqueId, name: found.name, rawCode: `{{ ${macro}(**_operation_args) }}`, file })
}
