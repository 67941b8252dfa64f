/** The table a statement changes as a whole, as far as its text tells. */
export interface StatementTarget {
  schema: string
  name: string
  effect: TableEffect
  /** For `renames`: the table's name afterwards. */
  newName?: string
}

/**
 * `merges` mixes inserts and updates, `replaces` is CREATE TABLE AS, `creates` makes it empty, `empties` is TRUNCATE or
 * DELETE without a condition.
 */
export type TableEffect =
  | "inserts"
  | "updates"
  | "deletes"
  | "merges"
  | "replaces"
  | "creates"
  | "empties"
  | "drops"
  | "renames"

type Node = Record<string, unknown>

/** The target of a statement in Postgres' parse tree, or null: none, several, or one that its text does not tell. */
export function statementTarget(kind: string, node: Node): StatementTarget | null {
  switch (kind) {
    case "InsertStmt":
      return named(node.relation, node.onConflictClause ? "merges" : "inserts")
    case "UpdateStmt":
      return named(node.relation, "updates")
    case "DeleteStmt":
      return named(node.relation, node.whereClause || node.usingClause ? "deletes" : "empties")
    case "MergeStmt":
      return named(node.relation, "merges")
    case "CreateStmt":
      return node.if_not_exists ? null : named(node.relation, "creates")
    case "CreateTableAsStmt":
      return node.if_not_exists ? null : named((node.into as Node | undefined)?.rel, "replaces")
    case "TruncateStmt":
      return named((only(node.relations) as Node | undefined)?.RangeVar, "empties")
    case "DropStmt":
      return node.removeType === "OBJECT_TABLE" ? dropped(only(node.objects)) : null
    case "RenameStmt": {
      const target = node.renameType === "OBJECT_TABLE" ? named(node.relation, "renames") : null
      return target && { ...target, newName: String(node.newname) }
    }
    default:
      return null
  }
}

function only(list: unknown): unknown {
  return Array.isArray(list) && list.length === 1 ? list[0] : undefined
}

function named(relation: unknown, effect: TableEffect): StatementTarget | null {
  const { schemaname, relname } = (relation ?? {}) as { schemaname?: string; relname?: string }
  return relname ? { schema: schemaname ?? "public", name: relname, effect } : null
}

function dropped(object: unknown): StatementTarget | null {
  const items = (object as { List?: { items?: { String?: { sval?: string } }[] } } | undefined)?.List?.items ?? []
  const names = items.map((item) => item.String?.sval ?? "")
  const name = names.at(-1)
  return name ? { schema: names.at(-2) ?? "public", name, effect: "drops" } : null
}
