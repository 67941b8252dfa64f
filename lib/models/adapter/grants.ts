import { quoteIdentifier, quoteLiteral } from "../../engines/postgres/quote-identifier.ts"
import { Dict } from "../jinja/dict.ts"
import { toArray } from "../jinja/iterate.ts"
import { toText } from "../jinja/print.ts"
import type { Value } from "../jinja/values.ts"
import type { Relation } from "../relation/relation.ts"
import { single } from "./catalog.ts"
import type { SyncDatabase } from "./database.ts"

/** Makes the rights on a relation those of its config: what is missing is granted, what is too much revoked. */
export function applyGrants(database: SyncDatabase, relation: Relation, wanted: Value): void {
  const granted = new Set(readGrants(database, relation).map(({ privilege, grantee }) => `${privilege} ${grantee}`))
  const statements: string[] = []
  for (const { privilege, grantee } of grantsOf(wanted)) {
    const isThere = granted.delete(`${privilege} ${grantee}`)
    if (!isThere) statements.push(`grant ${privilege} on ${relation.render()} to ${quoteIdentifier(grantee)}`)
  }
  for (const each of granted) {
    const [privilege, grantee] = [each.slice(0, each.indexOf(" ")), each.slice(each.indexOf(" ") + 1)]
    statements.push(`revoke ${privilege} on ${relation.render()} from ${quoteIdentifier(grantee)}`)
  }
  if (statements.length > 0) database.run(statements.join(";\n"))
}

interface Grant {
  privilege: string
  grantee: string
}

function grantsOf(wanted: Value): Grant[] {
  if (!(wanted instanceof Dict)) return []
  return [...wanted].flatMap(([privilege, grantees]) =>
    (typeof grantees === "string" ? [grantees] : toArray(grantees ?? [])).map((grantee) => ({
      privilege: toText(privilege).toLowerCase(),
      grantee: /^public$/i.test(toText(grantee)) ? "public" : toText(grantee),
    })),
  )
}

/** What others than the owner and the current user may do by their grant. */
function readGrants(database: SyncDatabase, relation: Relation): Grant[] {
  return single(
    database,
    `select lower(a.privilege_type),
            case when a.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee) end
     from pg_catalog.pg_class c
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace,
     pg_catalog.aclexplode(c.relacl) a
     where n.nspname = ${quoteLiteral(relation.schema)} and c.relname = ${quoteLiteral(relation.identifier)}
       and a.grantee <> c.relowner
       and (a.grantor = c.relowner or pg_catalog.pg_get_userbyid(a.grantor) = current_user)
       and (a.grantee = 0 or pg_catalog.pg_get_userbyid(a.grantee) <> current_user)`,
  ).rows.map(([privilege, grantee]) => ({ privilege: privilege!, grantee: grantee! }))
}
