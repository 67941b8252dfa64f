import { hasTemplate } from "../context/yaml-renderer.ts"
import type { Package } from "./load-project.ts"
import type { ParseState } from "./parse-state.ts"
import type { PropertiesFile } from "./patches.ts"
import type { YamlPath } from "./read-yaml.ts"

/** A function that renders the descriptions of an entry, in which docs blocks may be called. */
export function describer(
  { renderer }: ParseState,
  of: Package,
  file: PropertiesFile,
  entry: { path: YamlPath },
): (text: string) => string {
  return (text) => {
    if (!hasTemplate(text)) return text
    return renderer.renderText(text, of.name, { file: file.path, line: file.content.yaml.at(entry.path).line })
  }
}
