import { createHash } from "node:crypto"
import { quoteIdentifier, quoteLiteral } from "../../engines/postgres/quote-identifier.ts"
import { callValue } from "../jinja/call.ts"
import { Dict } from "../jinja/dict.ts"
import { isTrue, toArray } from "../jinja/iterate.ts"
import { toText } from "../jinja/print.ts"
import { bindArguments } from "../jinja/signature.ts"
import { HostObject, hostFunction, type Kwargs, Tuple, Undefined, type Value } from "../jinja/values.ts"
import { Column, translateType } from "../relation/column.ts"
import { asRelation, createRelation, Relation } from "../relation/relation.ts"
import { ResultTable } from "../relation/result-table.ts"
import { suffixedName } from "../relation/suffixed-name.ts"
import { adapterResponse } from "./adapter-response.ts"
import { columnsOfQuery, findRelation, readColumns, readRelations, schemaExists, single } from "./catalog.ts"
import { assertContract, columnsAndConstraints, contractColumnNames, describeSchemaChanges } from "./contract.ts"
import { expandColumns } from "./expand-columns.ts"
import { applyGrants } from "./grants.ts"
import { indexKey, readIndexes } from "./indexes.ts"
import { toTable } from "./to-value.ts"
import type { TransactionalDatabase } from "./transaction.ts"

/** What the adapter asks of the templates' side. */
export interface MacroCaller {
  /** `adapter.dispatch`. */
  dispatch(name: string, namespace: string | null): Value
  /** Calls a macro by its bare name. */
  callMacro(name: string, args: readonly Value[], kwargs?: Kwargs): Value
  warn(message: string): void
}

type Method = (self: AdapterObject, bound: readonly (Value | undefined)[]) => Value

/** `adapter` of templates while they run: what dbt's PostgresAdapter lets macros do. */
export class AdapterObject extends HostObject {
  readonly database: TransactionalDatabase
  readonly macros: MacroCaller

  constructor(database: TransactionalDatabase, macros: MacroCaller) {
    super()
    this.database = database
    this.macros = macros
  }

  get typeName(): string {
    return "DatabaseWrapper"
  }

  override getAttribute(name: string): Value | undefined {
    if (name === "Relation") return RELATION_CLASS
    if (name === "behavior") return BEHAVIOR
    const method = METHODS.get(name)
    if (!method) return undefined
    const [parameters, run] = method
    return hostFunction(name, (args, kwargs) => run(this, bindArguments(`adapter.${name}`, parameters, args, kwargs)))
  }
}

/** `api.Relation` and `adapter.Relation`. */
class RelationClass extends HostObject {
  get typeName(): string {
    return "RelationProxy"
  }

  override getAttribute(name: string): Value | undefined {
    if (name === "create") return hostFunction(name, createRelation)
    if (name === "create_from_source" || name === "create_from") return hostFunction(name, ([node]) => relationOf(node))
    return EXAMPLE.getAttribute(name)
  }
}

const EXAMPLE = new Relation({})
export const RELATION_CLASS = new RelationClass()

/** Behaviour flags of dbt: all off, as in a new project. */
const BEHAVIOR = new (class extends HostObject {
  get typeName(): string {
    return "Behavior"
  }

  override getAttribute(name: string): Value | undefined {
    return name === "no_warn" ? undefined : false
  }
})()

const METHODS: ReadonlyMap<string, readonly [readonly string[], Method]> = new Map<string, [readonly string[], Method]>(
  [
    ["type", [[], () => "postgres"]],
    [
      "dispatch",
      [
        ["macro_name", "macro_namespace?", "packages?"],
        ({ macros }, [name, namespace]) => macros.dispatch(text(name), namespace == null ? null : text(namespace)),
      ],
    ],
    [
      "execute",
      [
        ["sql", "auto_begin?", "fetch?", "limit?"],
        ({ database }, [sql, autoBegin, fetch, limit]) => {
          const statement = text(sql)
          if (autoBegin !== undefined && isTrue(autoBegin)) database.begin()
          const answer = single(database, statement)
          const table = fetch !== undefined && isTrue(fetch) ? toTable(answer) : new ResultTable([], [])
          const rows = limit == null ? table : table.getAttribute("limit")
          return new Tuple([adapterResponse(answer), limit == null ? table : (rows as ResultTable)])
        },
      ],
    ],
    [
      "add_query",
      [
        ["sql", "auto_begin?", "bindings?", "abridge_sql_log?"],
        ({ database }, [sql, autoBegin]) => {
          if (autoBegin === undefined || isTrue(autoBegin)) database.begin()
          single(database, text(sql))
          return new Tuple([null, null])
        },
      ],
    ],
    ["commit", [[], ({ database }) => done(() => database.commit())]],
    ["commit_if_has_connection", [[], ({ database }) => done(() => database.commit())]],
    ["clear_transaction", [[], ({ database }) => done(() => database.commit())]],
    [
      "get_relation",
      [
        ["database?", "schema", "identifier"],
        ({ database }, [name, schema, identifier]) =>
          schema == null || identifier == null
            ? null
            : findRelation(
                database,
                new Relation({ database: textOrNull(name), schema: text(schema), identifier: text(identifier) }),
              ),
      ],
    ],
    ["load_relation", [["relation"], ({ database }, [of]) => findRelation(database, asRelation(of, "load_relation"))]],
    [
      "get_columns_in_relation",
      [
        ["relation"],
        ({ macros }, [of]) => macros.callMacro("get_columns_in_relation", [asRelation(of, "get_columns_in_relation")]),
      ],
    ],
    ["read_columns", [["relation"], ({ database }, [of]) => readColumns(database, asRelation(of, "read_columns"))]],
    [
      "read_relations",
      [
        ["schema_relation"],
        ({ database }, [of]) => {
          const { path } = asRelation(of, "list_relations")
          return readRelations(database, path.database, path.schema ?? "")
        },
      ],
    ],
    [
      "list_relations_without_caching",
      [["schema_relation"], ({ macros }, [of]) => macros.callMacro("list_relations_without_caching", [of ?? null])],
    ],
    [
      "list_relations",
      [
        ["database?", "schema"],
        ({ database }, [name, schema]) => readRelations(database, textOrNull(name), text(schema)),
      ],
    ],
    [
      "already_exists",
      [
        ["schema", "name"],
        ({ database }, [schema, name]) =>
          findRelation(database, new Relation({ schema: text(schema), identifier: text(name) })) !== null,
      ],
    ],
    [
      "check_schema_exists",
      [["database?", "schema"], ({ database }, [, schema]) => schemaExists(database, text(schema))],
    ],
    ["create_schema", [["relation"], ({ macros }, [of]) => macros.callMacro("create_schema", [of ?? null])]],
    ["drop_schema", [["relation"], ({ macros }, [of]) => macros.callMacro("drop_schema", [of ?? null])]],
    [
      "drop_relation",
      [["relation"], ({ macros }, [of]) => (of == null ? null : macros.callMacro("drop_relation", [of]))],
    ],
    ["truncate_relation", [["relation"], ({ macros }, [of]) => macros.callMacro("truncate_relation", [of ?? null])]],
    [
      "rename_relation",
      [
        ["from_relation", "to_relation"],
        ({ macros }, [from, to]) => macros.callMacro("rename_relation", [from ?? null, to ?? null]),
      ],
    ],
    ["cache_added", [["relation"], () => ""]],
    ["cache_dropped", [["relation"], () => ""]],
    ["cache_renamed", [["from_relation", "to_relation"], () => ""]],
    [
      "get_missing_columns",
      [
        ["from_relation", "to_relation"],
        ({ database }, [from, to]) => {
          const known = new Set(readColumns(database, asRelation(to, "get_missing_columns")).map(({ name }) => name))
          return readColumns(database, asRelation(from, "get_missing_columns")).filter(({ name }) => !known.has(name))
        },
      ],
    ],
    [
      "expand_target_column_types",
      [
        ["from_relation", "to_relation"],
        ({ database, macros }, [from, to]) => {
          const wanted = readColumns(database, asRelation(from, "expand_target_column_types"))
          const table = asRelation(to, "expand_target_column_types")
          expandColumns(database, (name, args) => macros.callMacro(name, args), { table, wanted })
          return null
        },
      ],
    ],
    ["get_column_schema_from_query", [["sql"], ({ database }, [sql]) => columnsOfQuery(database, text(sql))]],
    [
      "get_column_names_of_query",
      [["sql"], ({ database }, [sql]) => columnsOfQuery(database, text(sql)).map(({ name }) => name)],
    ],
    ["quote", [["identifier"], (_, [name]) => quoteIdentifier(text(name))]],
    ["quote_as_configured", [["identifier", "quote_key?"], (_, [name]) => quoteIdentifier(text(name))]],
    [
      "quote_seed_column",
      [
        ["column", "quote_config?"],
        (_, [name, quotes]) => (quotes == null || isTrue(quotes) ? quoteIdentifier(text(name)) : text(name)),
      ],
    ],
    ["quote_literal", [["text"], (_, [value]) => quoteLiteral(text(value))]],
    ["quote_list", [["names"], (_, [names]) => textsOf(names).map(quoteIdentifier).join(", ")]],
    ["quoted_names", [["names"], (_, [names]) => textsOf(names).map(quoteIdentifier)]],
    ["relation_with_suffix", [["relation", "suffix"], (_, [of, suffix]) => relationWithSuffix(of, text(suffix))]],
    [
      "index_name",
      [["relation", "index"], (_, [of, index]) => indexName(asRelation(of, "create_indexes"), index ?? null)],
    ],
    [
      "has_index",
      [
        ["relation", "index"],
        ({ database }, [of, index]) => {
          const key = indexKey(index ?? null)
          return readIndexes(database, asRelation(of, "create_indexes")).some((each) => each.key === key)
        },
      ],
    ],
    ["verify_database", [["database"], () => ""]],
    ["valid_incremental_strategies", [[], () => ["append", "delete+insert", "merge", "microbatch"]]],
    [
      "get_incremental_strategy_macro",
      [
        ["context?", "strategy"],
        ({ macros }, [, strategy]) =>
          macros.dispatch(`get_incremental_${text(strategy).replaceAll("+", "_")}_sql`, null),
      ],
    ],
    ["convert_type", [["table", "column"], () => translateType("STRING")]],
    [
      "standardize_grants_dict",
      [
        ["grants_table"],
        (_, [table]) => {
          const grants = new Map<string, Value[]>()
          for (const row of table instanceof ResultTable ? table.rows : []) {
            const privilege = text(row.getItem("privilege_type"))
            grants.set(privilege, [...(grants.get(privilege) ?? []), row.getItem("grantee") ?? null])
          }
          return new Dict(grants)
        },
      ],
    ],
    [
      "apply_grants",
      [
        ["relation", "grants", "should_revoke?"],
        ({ database }, [of, grants]) => {
          applyGrants(database, asRelation(of, "apply_grants"), grants ?? null)
          return null
        },
      ],
    ],
    [
      "columns_and_constraints",
      [
        ["model", "render"],
        (_, [model, render]) =>
          columnsAndConstraints(model ?? null, (template) => text(callValue(render ?? null, [template]))),
      ],
    ],
    ["contract_column_names", [["model"], (_, [model]) => contractColumnNames(model ?? null)]],
    [
      "assert_contract",
      [
        ["model", "sql"],
        ({ database }, [model, sql]) => {
          assertContract(database, model ?? null, columnsOfQuery(database, text(sql)))
          return ""
        },
      ],
    ],
    [
      "describe_schema_changes",
      [
        ["relation", "changes"],
        (_, [of, changes]) => describeSchemaChanges(asRelation(of, "on_schema_change"), changes ?? null),
      ],
    ],
  ],
)

/** A name by what the index is, so that it is known again and never clashes within its schema. */
function indexName(relation: Relation, index: Value): string {
  const of = index instanceof Dict ? [...index].map(([key, value]) => `${text(key)}=${text(value)}`).sort() : []
  return createHash("md5")
    .update(`${relation.render()} ${of.join(" ")} ${process.hrtime.bigint()}`)
    .digest("hex")
}

function relationWithSuffix(of: Value | undefined, suffix: string): Relation {
  const relation = asRelation(of, "make_temp_relation")
  return relation.with({ identifier: suffixedName(relation.identifier, suffix) })
}

function relationOf(node: Value | undefined): Relation {
  const get = (key: string) => (node instanceof Dict ? node.get(key) : undefined)
  return new Relation({
    database: textOrNull(get("database")),
    schema: textOrNull(get("schema")),
    identifier: textOrNull(get("identifier") ?? get("alias")),
  })
}

function done(work: () => void): Value {
  work()
  return null
}

function text(value: Value | undefined): string {
  return toText(value ?? null)
}

function textOrNull(value: Value | undefined): string | null {
  return value === undefined || value === null || value instanceof Undefined ? null : toText(value)
}

function textsOf(value: Value | undefined): string[] {
  return toArray(value ?? []).map((each) => (each instanceof Column ? each.name : toText(each)))
}
