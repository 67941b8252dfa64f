import { quoteIdentifier } from "../../engines/postgres/quote-identifier.ts"

/*
 * A relation of which a query is to see some rows alone (`--empty`, a batch) is written as a subquery. Queries go on to call it by
 * the relation's name, or by an alias that they put behind it; which of the two is known once all of the query is there.
 */

const MARK = /\/\*named ([^*]*)\*\/(\s*)(?=(as\b|"|[\p{L}_][\p{L}\p{N}_$]*)?)/giu

/** What may follow an item of FROM that has no alias. */
const NO_ALIASES = new Set(
  `where join left right inner full cross natural on using group order limit union intersect except having window fetch offset
   for tablesample when then returning set`.split(/\s+/),
)

/** A subquery that has no name yet; also without {@link nameSubqueries}, it is one that PostgreSQL takes. */
export function narrowedRelation(rendered: string, identifier: string, condition: string | null): string {
  const where = condition === null ? "" : ` where ${condition}`
  const limit = condition === "false" ? " limit 0" : ""
  return `(select * from ${rendered}${where}${limit}) /*named ${encodeURIComponent(identifier).replaceAll("*", "%2A")}*/`
}

/** Gives subqueries that have no alias in the query the name of their relation. */
export function nameSubqueries(sql: string): string {
  return sql.replace(MARK, (_, name: string, space: string, next: string | undefined) => {
    const hasAlias = next !== undefined && !NO_ALIASES.has(next.toLowerCase())
    return `${hasAlias ? "" : `as ${quoteIdentifier(decodeURIComponent(name))}`}${space}`
  })
}
