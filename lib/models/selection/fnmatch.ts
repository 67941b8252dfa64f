/**
 * Whether a text matches a pattern of Python's fnmatch: `*` any characters, `?` one, `[abc]`, `[a-z]` and `[!a]` one of a
 * set. All of them match dots and slashes too. Case counts.
 */
export function fnmatch(text: string, pattern: string): boolean {
  return matcherOf(pattern).test(text)
}

export function hasWildcard(pattern: string): boolean {
  return /[*?[\]]/.test(pattern)
}

/** Whether a path matches a glob of Python's pathlib: `*` stays inside one folder, `**` stands for any number of them. */
export function pathMatch(path: string, pattern: string): boolean {
  return matcherOf(pattern, "path").test(path)
}

const matchers = new Map<string, RegExp>()

/** A selection tries one pattern on thousands of names. */
function matcherOf(pattern: string, style: "name" | "path" = "name"): RegExp {
  const key = `${style} ${pattern}`
  let matcher = matchers.get(key)
  if (!matcher) {
    const source = style === "name" ? translate(pattern, ".") : translatePath(pattern)
    matcher = new RegExp(`^${source}$`, "su")
    if (matchers.size > 1_000) matchers.clear()
    matchers.set(key, matcher)
  }
  return matcher
}

function translatePath(pattern: string): string {
  const parts = pattern.split("/")
  return parts
    .map((part, index) => {
      const slash = index < parts.length - 1 ? "/" : ""
      if (part !== "**") return translate(part, "[^/]") + slash
      return slash ? "(?:[^/]+/)*" : ".*"
    })
    .join("")
}

function translate(pattern: string, any: string): string {
  let source = ""
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index]!
    if (character === "*") source += `${any}*`
    else if (character === "?") source += any
    else if (character === "[") {
      // A bracket right after the opening one belongs to the set; one that never closes is itself.
      const start = index + (pattern[index + 1] === "!" ? 2 : 1)
      const end = pattern.indexOf("]", start + 1)
      if (end === -1) {
        source += "\\["
        continue
      }
      const set = pattern.slice(start, end).replace(/[\\\][^]/g, "\\$&")
      source += pattern[index + 1] === "!" ? `[^${set}]` : `[${set}]`
      index = end
    } else source += character.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")
  }
  return source
}
