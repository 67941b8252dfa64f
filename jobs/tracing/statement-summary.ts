/** Longest part of a statement that is looked at: names stand at its beginning. */
const MAX_CHARS = 4_096

/** A name, quoted or not, with its schema. */
const NAME = String.raw`((?:"(?:[^"]|"")*"|[a-z_][\w$]*)(?:\s*\.\s*(?:"(?:[^"]|"")*"|[a-z_][\w$]*))*)`

const PATTERNS: [operation: string, pattern: RegExp][] = [
  ["SELECT", new RegExp(String.raw`\bfrom\s+(?:only\s+|lateral\s+)?${NAME}`, "i")],
  ["INSERT", new RegExp(String.raw`\binto\s+${NAME}`, "i")],
  ["UPDATE", new RegExp(String.raw`^update\s+(?:only\s+)?${NAME}`, "i")],
  ["DELETE", new RegExp(String.raw`\bfrom\s+(?:only\s+)?${NAME}`, "i")],
  ["MERGE", new RegExp(String.raw`\binto\s+(?:only\s+)?${NAME}`, "i")],
  ["COPY", new RegExp(String.raw`^copy\s+(?!\()${NAME}`, "i")],
  ["TRUNCATE", new RegExp(String.raw`^truncate\s+(?:table\s+)?(?:only\s+)?${NAME}`, "i")],
  [
    "CREATE",
    new RegExp(
      String.raw`\b(?:table|view|index|schema|function)\s+(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?${NAME}`,
      "i",
    ),
  ],
  ["ALTER", new RegExp(String.raw`\b(?:table|view|index|schema)\s+(?:if\s+exists\s+)?(?:only\s+)?${NAME}`, "i")],
  ["DROP", new RegExp(String.raw`\b(?:table|view|index|schema)\s+(?:if\s+exists\s+)?${NAME}`, "i")],
]

/**
 * What a statement does, to what: `INSERT marts.orders`. Operation and first table alone, nothing of its values: it is a span's
 * name, of which there must be few, and goes to a system outside (OpenTelemetry, "Generating a summary of the query").
 */
export function statementSummary(text: string): string {
  const bare = withoutComments(text.slice(0, MAX_CHARS))
  const first = /^[a-z]+/i.exec(bare)?.[0].toUpperCase() ?? "SQL"
  const operation =
    first === "WITH" ? (/\b(insert|update|delete|merge)\b/i.exec(bare)?.[0].toUpperCase() ?? "SELECT") : first
  const pattern =
    first === "WITH" && operation === "SELECT" ? undefined : PATTERNS.find(([name]) => name === operation)?.[1]
  const place = first === "WITH" ? bare.slice(bare.search(new RegExp(String.raw`\b${operation}\b`, "i"))) : bare
  const table = pattern?.exec(place)?.[1]?.replace(/\s*\.\s*/g, ".")
  return table ? `${operation} ${table.slice(0, 150)}` : operation
}

/** Literals go first: what looks like a comment or a table may stand in one. */
function withoutComments(text: string): string {
  return text
    .replace(/\$(\w*)\$[\s\S]*?(?:\$\1\$|$)|'(?:[^']|'')*(?:'|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, (part) =>
      part.startsWith("-") || part.startsWith("/") ? " " : "''",
    )
    .trim()
}
