import { mkdirSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import path from "node:path"
import type { ParsedProject } from "../project/parse-project.ts"
import { injectCtes } from "../run/inject-ctes.ts"
import type { NodeResult } from "../run/run-project.ts"
import type { RunnableNode } from "../run/work-graph.ts"
import { artifactPath, type CompiledNode } from "./compiled-node.ts"
import type { TargetFolder } from "./write-artifacts.ts"

/**
 * Writes the SQL of results, and of the ephemeral models in them, to `compiled` and `run` in the target folder: each while the next
 * ones run, as hundreds of files take their time.
 */
export class SqlFiles {
  private readonly compiled = new Map<string, CompiledNode>()
  private readonly done = new Set<NodeResult>()
  private readonly folders = new Set<string>()
  private readonly writes: Promise<void>[] = []
  private readonly project: Pick<ParsedProject, "manifest">
  private readonly folder: TargetFolder

  constructor(project: Pick<ParsedProject, "manifest">, folder: TargetFolder) {
    this.project = project
    this.folder = folder
  }

  /** Begins to write a result; once for each. */
  add(result: NodeResult): void {
    const { node, compiledCode, ephemerals, executedCode } = result
    if (this.done.has(result)) return
    this.done.add(result)
    if (compiledCode === null) return
    this.write(node, compiledCode, ephemerals, executedCode)
    for (const [place, { id, sql }] of ephemerals.entries()) {
      const before = ephemerals.slice(0, place)
      const ephemeral = this.project.manifest.nodes.get(id)
      if (ephemeral && !this.compiled.has(id)) this.write(ephemeral, injectCtes(sql, before), before, null)
    }
  }

  /** Once all is written: what the manifest shall have of it. @throws what the file system refused */
  async finish(): Promise<Map<string, CompiledNode>> {
    await Promise.all(this.writes)
    return this.compiled
  }

  private write(node: RunnableNode, code: string, ephemerals: NodeResult["ephemerals"], executed: string | null): void {
    this.compiled.set(node.unique_id, {
      code,
      ctes: ephemerals.map(({ id, name, sql }) => ({ id, sql: ` ${name} as (\n${sql}\n)` })),
      compiledPath: this.writePart(node, "compiled", code),
      buildPath: this.writePart(node, "run", executed),
    })
  }

  /** The path as artifacts speak of it. */
  private writePart(node: RunnableNode, part: "compiled" | "run", text: string | null): string | null {
    const file = artifactPath(node)
    if (file === null || text === null) return null
    const full = path.join(this.folder.path, part, file)
    const parent = path.dirname(full)
    if (!this.folders.has(parent)) mkdirSync(parent, { recursive: true })
    this.folders.add(parent)
    const write = writeFile(full, text)
    // Said by `finish`.
    write.catch(() => undefined)
    this.writes.push(write)
    return path.join(this.folder.shownAs, part, file)
  }
}
