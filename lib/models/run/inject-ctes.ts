export interface Cte {
  name: string
  sql: string
}

/** Blank, line comments and block comments at the beginning of a query. */
const LEADING = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/
const WITH = /^with\b(\s+recursive\b)?/i

/** Puts the queries of ephemeral models before a query, as CTEs that its own may read. */
export function injectCtes(sql: string, ctes: readonly Cte[]): string {
  if (ctes.length === 0) return sql
  const list = ctes.map(({ name, sql: text }) => `${name} as (\n${text}\n)`).join(", ")
  const leading = LEADING.exec(sql)![0]
  const rest = sql.slice(leading.length)
  const own = WITH.exec(rest)
  if (!own) return `${leading}with ${list}\n${rest}`
  return `${leading}${own[0]} ${list},${rest.slice(own[0].length)}`
}
