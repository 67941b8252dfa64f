/** The table a statement changes as a whole, as far as its text tells. */
export interface StatementTarget {
  schema: string
  name: string
  /** What is known of the table's rows after it: unchanged but for the command's count, none, or exactly the count. */
  effect: "inserts" | "updates" | "deletes" | "merges" | "replaces" | "empties"
}

interface RangeVar {
  schemaname?: string
  relname?: string
}

/** The target of INSERT, UPDATE, DELETE, MERGE, TRUNCATE and CREATE TABLE AS in Postgres' parse tree; else null. */
export function statementTarget(kind: string, node: Record<string, unknown>): StatementTarget | null {
  switch (kind) {
    case "InsertStmt":
      return named(node.relation, "inserts")
    case "UpdateStmt":
      return named(node.relation, "updates")
    case "DeleteStmt":
      return named(node.relation, node.whereClause || node.usingClause ? "deletes" : "empties")
    case "MergeStmt":
      return named(node.relation, "merges")
    case "CreateTableAsStmt":
      return named((node.into as { rel?: unknown } | undefined)?.rel, "replaces")
    case "TruncateStmt": {
      const relations = node.relations as { RangeVar?: unknown }[] | undefined
      return relations?.length === 1 ? named(relations[0]!.RangeVar, "empties") : null
    }
    default:
      return null
  }
}

function named(relation: unknown, effect: StatementTarget["effect"]): StatementTarget | null {
  const { schemaname, relname } = (relation ?? {}) as RangeVar
  return relname ? { schema: schemaname ?? "public", name: relname, effect } : null
}
