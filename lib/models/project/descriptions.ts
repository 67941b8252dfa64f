import { hasTemplate } from "../context/yaml-renderer.ts"
import type { Package } from "./load-project.ts"
import type { ParseState } from "./parse-state.ts"
import type { PropertiesFile } from "./patches.ts"
import { withPlace } from "./project-error.ts"
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
    const place = () => file.content.yaml.at(entry.path)
    return withPlace(file.path, place, () => renderer.renderText(text, of.name, { file: file.path, line: 1 }))
  }
}
