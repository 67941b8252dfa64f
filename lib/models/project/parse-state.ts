import type { Package } from "./load-project.ts"
import type { MacroRegistry } from "./macro-registry.ts"
import type { Manifest } from "./manifest.ts"
import type { BaseNode, ParsedNode } from "./node.ts"
import type { ParseMemory } from "./parse-memory.ts"
import type { Target } from "./profile.ts"
import type { Problem } from "./project-error.ts"
import type { Calls } from "./static-calls.ts"

/** What a template did while it was rendered to find out what it needs. */
export interface Rendering extends Calls {
  /** Unique ids of the macros that the template itself called. */
  macros: string[]
}

/** A text of a node as it stands in its file. */
export interface TemplateSource {
  text: string
  file: string
  /** Line of the file on which it begins, from 1. */
  line: number
}

/** Renders with `execute` false: nothing is asked of a database, and refs are noted instead of looked up. */
export interface ParseRenderer {
  renderNode(node: ParsedNode, source: TemplateSource): Rendering
  /** As `renderNode`, with the arguments of a generic test rendered first and given to the macro. */
  renderGenericTest(node: ParsedNode, source: TemplateSource): Rendering
  /** A text that is not SQL, as `description`: docs can be called in it. */
  renderText(text: string, packageName: string, source: Omit<TemplateSource, "text">): string
  /** A value of YAML: every text in it that is a template, natively. */
  renderValue(value: unknown, packageName: string, source: Omit<TemplateSource, "text">): unknown
  /** A single expression that calls ref or source, as in `relation: ref('a')`. */
  renderExpression(expression: string, packageName: string, source: Omit<TemplateSource, "text">): Rendering
  /** What `generate_<part>_name` makes of a custom name. */
  generateName(part: "schema" | "alias" | "database", custom: string | null, node: BaseNode): string
}

/** What the steps of a parse have in common. */
export interface ParseState {
  root: Package
  /** The root first. */
  packages: readonly Package[]
  target: Target
  macros: MacroRegistry
  renderer: ParseRenderer
  manifest: Manifest
  warnings: Problem[]
  /** Parts of earlier parses, where the process keeps them. */
  memory: ParseMemory | null
}
