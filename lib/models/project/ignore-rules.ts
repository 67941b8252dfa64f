/** Tells whether a path relative to the project's root is left out. */
export type IsIgnored = (relativePath: string) => boolean

/**
 * The patterns of a `.dbtignore`, which are those of `.gitignore`: `*` and `?` stay inside of a name, `**` crosses folders, a
 * pattern with a slash before its end counts from the root, `!` takes back, the last match counts.
 */
export function ignoreRules(text: string): IsIgnored {
  const rules = text
    .split(/\r?\n/)
    .map((line) => line.replace(/(?<!\\)\s+$/, ""))
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ isIgnored: !line.startsWith("!"), pattern: toPattern(line.replace(/^!/, "")) }))
  return (relativePath) => rules.findLast(({ pattern }) => pattern.test(relativePath))?.isIgnored ?? false
}

function toPattern(rule: string): RegExp {
  const fromRoot = rule.replace(/\/$/, "").includes("/")
  const body = rule
    .replace(/^\//, "")
    .replace(/\/$/, "")
    .split(/(\*\*\/?|\*|\?|\[[^\]]+\])/)
    .map((part) => {
      if (part === "**/") return "(?:.*/)?"
      if (part === "**") return ".*"
      if (part === "*") return "[^/]*"
      if (part === "?") return "[^/]"
      if (part.startsWith("[") && part.length > 2) return part.replace(/^\[!/, "[^")
      return part.replace(/[.+^${}()|\\]/g, "\\$&")
    })
    .join("")
  return new RegExp(`^${fromRoot ? "" : "(?:.*/)?"}${body}${rule.endsWith("/") ? "/" : "(?:/|$)"}`)
}
