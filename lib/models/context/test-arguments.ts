import { Dict } from "../jinja/dict.ts"
import type { Value } from "../jinja/values.ts"
import { isRecord } from "../project/merge-config.ts"
import type { YamlMap } from "../project/read-yaml.ts"
import { toValue } from "./plain-value.ts"
import type { TemplateContext, TextOrigin } from "./template-context.ts"
import { hasTemplate, withoutLineEnd } from "./yaml-renderer.ts"

/** The name by which a generic test's text takes its arguments. */
export const TEST_ARGUMENTS = "_dbt_generic_test_kwargs"

/** The arguments of a generic test as its macro gets them: every text in them rendered natively, but the column's name. */
export function testArguments(context: TemplateContext, kwargs: YamlMap, origin: TextOrigin): Dict {
  return new Dict(
    Object.entries(kwargs).map(([name, value]): [string, Value] => {
      return [name, name === "column_name" ? toValue(value) : renderArgument(context, value, origin)]
    }),
  )
}

/** A text that is one of these calls may leave out the braces: `to: ref('orders')`. */
const CALL = /^\s*(?:env_var|ref|var|source|doc)\s*\(.+\)\s*$/s

function renderArgument(context: TemplateContext, value: unknown, origin: TextOrigin): Value {
  if (typeof value === "string") {
    if (CALL.test(value)) return context.renderNative(`{{ ${value} }}`, origin)
    return hasTemplate(value) ? context.renderNative(value, origin) : withoutLineEnd(value)
  }
  if (Array.isArray(value)) return value.map((each) => renderArgument(context, each, origin))
  if (!isRecord(value)) return toValue(value)
  return new Dict(Object.entries(value).map(([key, each]) => [key, renderArgument(context, each, origin)]))
}
