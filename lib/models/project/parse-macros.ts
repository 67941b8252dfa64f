import { type Block, type BlockType, extractBlocks } from "./extract-blocks.ts"
import type { DocNode, MacroNode } from "./node.ts"
import { ProjectError } from "./project-error.ts"

/** Where a file belongs: its package's name, and its path from the package's root and from its resource path. */
export interface FileOrigin {
  packageName: string
  path: string
  relativePath: string
}

const MACRO_BLOCKS: ReadonlySet<BlockType> = new Set(["macro", "test", "data_test", "materialization"])
const DOCS_BLOCKS: ReadonlySet<BlockType> = new Set(["docs"])

/** The macros of a file. Tests are macros named `test_<name>`, materializations `materialization_<name>_<adapter>`. */
export function parseMacros(text: string, origin: FileOrigin): MacroNode[] {
  return extractBlocks(text, MACRO_BLOCKS, origin.path).map((block) => {
    const { name, supportedLanguages } = macroNameOf(block, origin)
    return {
      unique_id: `macro.${origin.packageName}.${name}`,
      name,
      resource_type: "macro",
      package_name: origin.packageName,
      path: origin.path,
      original_file_path: origin.path,
      macro_sql: block.text,
      description: "",
      meta: {},
      docs: { show: true, node_color: null },
      patch_path: null,
      arguments: [],
      supported_languages: supportedLanguages,
      depends_on: { macros: [] },
      start_line: block.line,
    }
  })
}

function macroNameOf(block: Block, origin: FileOrigin): { name: string; supportedLanguages: string[] | null } {
  switch (block.type) {
    case "test":
    case "data_test":
      return { name: `test_${block.name}`, supportedLanguages: null }
    case "materialization": {
      const { adapter, languages } = readMaterialization(block, origin)
      return { name: `materialization_${block.name}_${adapter}`, supportedLanguages: languages }
    }
    default:
      return { name: block.name, supportedLanguages: null }
  }
}

/** `, default`, `, adapter="postgres"`, `, adapter="x", supported_languages=["sql"]`. */
function readMaterialization(
  { signature, name, line }: Block,
  { path }: FileOrigin,
): { adapter: string; languages: string[] } {
  const adapter =
    /\badapter\s*=\s*['"](\w+)['"]/.exec(signature)?.[1] ?? (/,\s*default\b/.test(signature) ? "default" : null)
  if (adapter === null) {
    const message = `materialization "${name}" does not say for which adapter it is; write "default" or adapter="…" behind its name.`
    throw new ProjectError({ file: path, line, column: 1, message })
  }
  const list = /supported_languages\s*=\s*\[([^\]]*)\]/.exec(signature)?.[1]
  const languages = list === undefined ? ["sql"] : [...list.matchAll(/['"](\w+)['"]/g)].map((match) => match[1]!)
  return { adapter, languages }
}

/** The docs blocks of a Markdown file. */
export function parseDocs(text: string, origin: FileOrigin): DocNode[] {
  return extractBlocks(text, DOCS_BLOCKS, origin.path).map(({ name, body }) => ({
    unique_id: `doc.${origin.packageName}.${name}`,
    name,
    resource_type: "doc",
    package_name: origin.packageName,
    path: origin.relativePath,
    original_file_path: origin.path,
    block_contents: body.trim(),
  }))
}
