import { Dict } from "../jinja/dict.ts"
import type { Value } from "../jinja/values.ts"
import type { YamlMap } from "../project/read-yaml.ts"
import { toValue } from "./plain-value.ts"
import type { TemplateContext, TextOrigin } from "./template-context.ts"
import { hasTemplate } from "./yaml-renderer.ts"

const CALL = /^\s*(?:env_var|ref|var|source|doc)\s*\(.+\)\s*$/s

/** The arguments of a generic test as its macro gets them; the name of a column is never a template. */
export function renderTestArguments(context: TemplateContext, kwargs: YamlMap, origin: TextOrigin): Dict {
  return new Dict(
    Object.entries(kwargs).map(([name, value]): [string, Value] => {
      return [name, name === "column_name" ? toValue(value) : renderArgument(context, value, origin)]
    }),
  )
}

/** A text that is a call may leave out the braces. */
function renderArgument(context: TemplateContext, value: unknown, origin: TextOrigin): Value {
  if (typeof value === "string") {
    if (CALL.test(value)) return context.renderNative(`{{ ${value} }}`, origin)
    return hasTemplate(value) ? context.renderNative(value, origin) : value
  }
  if (Array.isArray(value)) return value.map((each) => renderArgument(context, each, origin))
  const plain = toValue(value)
  if (!(plain instanceof Dict)) return plain
  return new Dict(Object.entries(value as YamlMap).map(([key, each]) => [key, renderArgument(context, each, origin)]))
}
