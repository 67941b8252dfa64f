import { AppError } from "../../domain/errors.ts"
import { readColumns } from "../adapter/catalog.ts"
import { expandColumns } from "../adapter/expand-columns.ts"
import { Dict } from "../jinja/dict.ts"
import { toText } from "../jinja/print.ts"
import type { Value } from "../jinja/values.ts"
import { asRelation, type Relation } from "../relation/relation.ts"
import { inFrame, macroSql } from "./frame.ts"
import { createPartitions, partitionBy } from "./partitioned.ts"
import type { Materialization, MaterializeSession } from "./session.ts"
import { changeColumns, dropSql, findPlace } from "./swap.ts"
import { buildTable } from "./table.ts"

/**
 * Brings the query's rows into the table that is there, by the strategy that is configured; builds the table where there is
 * none, where it is a view, or in a full refresh.
 */
export const materializeIncremental: Materialization = (session) =>
  inFrame(session, () => {
    const place = findPlace(session)
    const { existing } = place
    if (existing?.type !== "table" || session.isFullRefresh) return buildTable(session, place)
    return { relation: existing, response: addRows(session, existing) }
  })

function addRows(session: MaterializeSession, existing: Relation) {
  const { database, target } = session
  const staged = asRelation(session.callMacro("make_temp_relation", [target]), "make_temp_relation")
  database.run(macroSql(session, "get_create_table_as_sql", [true, staged, session.sql]))
  const columns = changeColumns(session, existing, () => {
    const wanted = readColumns(database, staged)
    expandColumns(database, (name, args) => session.callMacro(name, args), { table: existing, wanted })
    return destinationColumns(session, staged, existing)
  })
  const partitioning = partitionBy(session)
  if (partitioning) createPartitions(session, existing, staged, partitioning)
  const response = session.runMain(strategySql(session, { target: existing, staged, columns }))
  session.callMacro("create_indexes", [existing])
  database.run(dropSql(staged))
  return response
}

/** The columns to fill, after the schema has been changed where that is wished. */
function destinationColumns(session: MaterializeSession, staged: Relation, existing: Relation): Value {
  const { database } = session
  const wanted = session.callMacro("incremental_validate_on_schema_change", [onSchemaChange(session), "ignore"])
  const columns = session.callMacro("process_schema_changes", [wanted, staged, existing])
  // Without a change of the schema, columns that are new in the query are left out, and those that are gone stay null.
  if (columns instanceof Dict) return readColumns(database, existing)
  return columns
}

function onSchemaChange(session: MaterializeSession): Value {
  return session.config("on_schema_change") ?? "ignore"
}

function strategySql(
  session: MaterializeSession,
  { target, staged, columns }: { target: Relation; staged: Relation; columns: Value },
): string {
  const strategy = toText(session.config("incremental_strategy") ?? "default")
  const args = new Dict([
    ["target_relation", target],
    ["temp_relation", staged],
    ["unique_key", session.config("unique_key")],
    ["dest_columns", columns],
    ["incremental_predicates", session.config("predicates") ?? session.config("incremental_predicates")],
  ])
  if (strategy === "microbatch" && session.eventTime === undefined) {
    const message = `Microbatch model ${session.name} can only be built for a batch: run it for a partition, or by the commands build and run.`
    throw new AppError("model.invalid", message)
  }
  const macro = `get_incremental_${strategy.replaceAll("+", "_")}_sql`
  if (!session.hasMacro(macro)) {
    const message = `incremental_strategy "${strategy}" of ${session.name} is not known: use append, merge, delete+insert or microbatch, or write a macro ${macro}.`
    throw new AppError("model.invalid", message)
  }
  return macroSql(session, macro, [args])
}
