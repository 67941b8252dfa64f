import type { Environment } from "../jinja/environment.ts"
import type { Value } from "../jinja/values.ts"
import { isRecord } from "../project/merge-config.ts"
import { withPlace } from "../project/project-error.ts"
import type { RenderYaml } from "../project/project-file.ts"
import type { Yaml, YamlMap, YamlPath } from "../project/read-yaml.ts"
import { toPlain } from "./plain-value.ts"
import { toProjectError } from "./template-context.ts"

/** Renders the templates of YAML files: a text that is one expression becomes its value, any other text. @throws ProjectError */
export function yamlRenderer(environment: Environment, names: ReadonlyMap<string, Value>): RenderYaml {
  const globals = { lookup: (name: string) => names.get(name) }
  return (value, yaml, shouldRender) => {
    const render = (text: string, path: YamlPath): unknown => {
      const origin = { file: yaml.file, line: 1 }
      const place = () => yaml.at(path)
      return withPlace(yaml.file, place, () => {
        try {
          return toPlain(environment.compile(text, origin).renderNative(environment.context(globals)))
        } catch (error) {
          throw toProjectError(error, origin)
        }
      })
    }
    return mapTexts(value, (text, path) => {
      if (!shouldRender(path)) return text
      return hasTemplate(text) ? render(text, path) : withoutLineEnd(text)
    }) as Yaml
  }
}

/** What rendering does to a text without templates: it takes off one line end. */
export function withoutLineEnd(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text
}

export function hasTemplate(text: string): boolean {
  return /\{[{%#]/.test(text)
}

/** A copy in which every text is what `map` makes of it. */
export function mapTexts(value: unknown, map: (text: string, path: YamlPath) => unknown, path: YamlPath = []): unknown {
  if (typeof value === "string") return map(value, path)
  if (Array.isArray(value)) return value.map((each, index) => mapTexts(each, map, [...path, index]))
  if (!isRecord(value)) return value
  const entries = Object.entries(value).map(([key, each]) => [key, mapTexts(each, map, [...path, key])])
  return Object.fromEntries(entries) as YamlMap
}
