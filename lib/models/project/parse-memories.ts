import type { Invocation } from "../context/base-names.ts"
import { sha256 } from "./checksum.ts"
import type { Package } from "./load-project.ts"
import type { MacroRegistry } from "./macro-registry.ts"
import type { DocNode } from "./node.ts"
import { ParseMemory, stableText } from "./parse-memory.ts"

/** Each holds about as much as a manifest. */
const MOST = 4

/** What all parts of a parse depend on. */
export interface ParseFrame {
  invocation: Invocation
  packages: readonly Package[]
  registry: MacroRegistry
  docs: Iterable<DocNode>
}

/**
 * A memory for each state of what all parts of a project share; the one that was used first goes first. A process that
 * parses versions of one project, or one project with several vars, keeps one such object.
 */
export class ParseMemories {
  private readonly memories = new Map<string, ParseMemory>()

  of(frame: ParseFrame): ParseMemory {
    const key = keyOf(frame)
    const memory = this.memories.get(key) ?? new ParseMemory()
    this.memories.delete(key)
    this.memories.set(key, memory)
    const [oldest] = this.memories.keys()
    if (this.memories.size > MOST) this.memories.delete(oldest!)
    return memory
  }
}

/** A hash, as there are credentials among it. Vars are left out: who reads them is known. */
function keyOf({ invocation, packages, registry, docs }: ParseFrame): string {
  const { flags, env, target, projectName } = invocation
  const configs = packages.map(({ config }) => ({ ...config, vars: null }))
  const macros = [...registry.all()].map(({ unique_id, macro_sql, original_file_path, start_line }) => {
    return [unique_id, macro_sql, original_file_path, start_line]
  })
  return sha256(stableText([projectName, flags, env, target, configs, macros, [...docs]]))
}
