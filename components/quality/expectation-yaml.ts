import type { ExpectationKind } from "#lib/contracts/api/quality.ts"
import type { Json } from "#lib/contracts/json.ts"

/** How an example is written under `expectations:` of a policy. */
export function expectationYaml({
  type,
  aliases,
  example,
}: Pick<ExpectationKind, "type" | "aliases" | "example">): string {
  const [name = type] = aliases
  const options = Object.entries(example)
  const [only] = options
  if (options.length === 1 && only?.[0] === "column") return `- ${name}: ${inline(only[1])}`
  const lines = options.map(([option, value]) => `    ${option}: ${inline(value)}`)
  return [`- ${name}:`, ...lines].join("\n")
}

function inline(value: Json): string {
  if (typeof value !== "string") {
    if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`
    if (value !== null && typeof value === "object") {
      return `{ ${Object.entries(value)
        .map(([key, one]) => `${key}: ${inline(one)}`)
        .join(", ")} }`
    }
    return String(value)
  }
  // What could be read as something else than a word is quoted; single quotes leave backslashes alone.
  return /^[A-Za-z][\w. ]*$/.test(value) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(value)
    ? value
    : `'${value.replaceAll("'", "''")}'`
}
