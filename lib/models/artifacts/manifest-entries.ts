import type {
  DocNode,
  ExposureNode,
  GroupNode,
  MacroNode,
  ParsedNode,
  SelectorDefinition,
  SourceNode,
  UnitTestNode,
} from "../project/node.ts"
import type { CompiledNode } from "./compiled-node.ts"

/*
 * Things of a project as the entries of manifest.json have them (its schema, version 12). Most fields are there already, under
 * the same names; what a kind of thing has no field for is left out here, and what only commands know is added.
 */

/** A model, seed, snapshot, test, analysis or hook; `compiled` where a command has rendered it. */
export function nodeEntry(node: ParsedNode, compiled: CompiledNode | undefined, createdAt: number): object {
  const { start_line, ...entry } = node
  const made = {
    ...entry,
    build_path: compiled?.buildPath ?? null,
    created_at: createdAt,
    compiled_path: compiled?.compiledPath ?? null,
    ...(compiled && { compiled: true, compiled_code: compiled.code, extra_ctes_injected: true, extra_ctes: [] }),
  }
  if (node.resource_type === "seed") return seedEntry(made as object as Record<string, unknown>)
  return node.resource_type === "test" && node.test_metadata === null ? singularTestEntry(made) : made
}

/** Seeds have no template, so nothing of what comes of one. */
function seedEntry(entry: Record<string, unknown>): object {
  const { language, refs, sources, metrics, contract, compiled_path, ...seed } = entry
  return { ...seed, depends_on: { macros: (entry.depends_on as { macros: string[] }).macros } }
}

/** A singular test belongs to no column and no node. */
function singularTestEntry(entry: object): object {
  const { test_metadata, column_name, file_key_name, attached_node, ...test } = entry as Record<string, unknown>
  return test
}

export function sourceEntry(source: SourceNode, createdAt: number): object {
  const { loaded_at_query, ...entry } = source
  return {
    ...entry,
    // Not in the schema before dbt 1.10: written only where it is used.
    ...(loaded_at_query !== null && { loaded_at_query }),
    created_at: createdAt,
    unrendered_database: null,
    unrendered_schema: null,
  }
}

export function macroEntry({ start_line, ...macro }: MacroNode, createdAt: number): object {
  return { ...macro, created_at: createdAt }
}

export function docEntry(doc: DocNode): object {
  return doc
}

export function exposureEntry(exposure: ExposureNode, createdAt: number): object {
  return { ...exposure, created_at: createdAt }
}

export function groupEntry({ description, ...group }: GroupNode): object {
  return group
}

export function unitTestEntry(test: UnitTestNode, schema: string, createdAt: number): object {
  const { tested_node_unique_id, tags, ...entry } = test
  const noInput = ({ rows, format, fixture }: UnitTestNode["expect"]) => ({ rows, format, fixture })
  return {
    ...entry,
    given: test.given.map((given) => ({ input: given.input, ...noInput(given) })),
    expect: noInput(test.expect),
    schema,
    created_at: createdAt,
    versions: null,
  }
}

/** The definition with all that a selector says, as it is written. */
export function selectorEntry({ name, description, default: isDefault, definition }: SelectorDefinition): object {
  return { name, ...(description !== null && { description }), default: isDefault, definition }
}
