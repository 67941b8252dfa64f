// Without a schema, as threads that need nothing else of it would have to load the library for those.

/** Longest identifier Postgres keeps (NAMEDATALEN − 1, in bytes); a longer one would be cut without a word. */
const MAX_IDENTIFIER_BYTES = 63

/** True for a name that Postgres takes unchanged when quoted: not empty, no NUL, at most 63 bytes of UTF-8. */
export function isIdentifier(name: string): boolean {
  return name.length > 0 && !name.includes("\0") && new TextEncoder().encode(name).length <= MAX_IDENTIFIER_BYTES
}

/** Schema and name of a checked table name. */
export function splitTableName(table: string): { schema: string; name: string } {
  const dot = table.indexOf(".")
  return { schema: table.slice(0, dot), name: table.slice(dot + 1) }
}
