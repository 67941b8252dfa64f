import { type SqlSensorOptions, sqlSensorOptionsSchema } from "#lib/contracts/operators/sql-sensor.ts"
import { AppError } from "#lib/domain/errors.ts"
import { bindParameters } from "#lib/engines/postgres/bind-parameters.ts"
import { inTransaction } from "#lib/engines/postgres/session.ts"
import { translateError } from "#lib/engines/postgres/translate-error.ts"
import { automaticBinds, automaticTypes } from "./automatic-binds.ts"
import { bindableParams } from "./bindable-params.ts"
import { type Look, lookAgain } from "./look-again.ts"
import { defineWaitingOperator, type OperatorContext } from "./operator.ts"
import { withTaskSession } from "./task-session.ts"

/** `sqlSensor`: waits until a query's first value is true. Each look is a read-only transaction of its own. */
export const sqlSensorOperator = defineWaitingOperator({
  name: "sqlSensor",
  options: sqlSensorOptionsSchema,
  run: (context) => lookAgain(context, `a query on ${context.options.connection} is true`, () => look(context)),
})

async function look(context: OperatorContext<SqlSensorOptions>): Promise<Look> {
  const { options } = context
  const values = { ...automaticBinds(context.run), ...bindableParams(context.run.params), ...options.params }
  const statements = await bindParameters(options.sql, values, { file: "sql", types: automaticTypes(options.params) })
  const [statement] = statements
  if (!statement || statements.length > 1) {
    throw new AppError("sql.failed", "sqlSensor takes one query; put the rest into a sql task before it.")
  }
  const value = await withTaskSession(context, options.connection, (client) =>
    inTransaction(client, "begin isolation level repeatable read read only", async () => {
      try {
        const { rows } = await client.query<unknown[]>({
          text: statement.text,
          values: statement.values,
          rowMode: "array",
        })
        return rows[0]?.[0] ?? null
      } catch (error) {
        throw translateError(error, { connection: options.connection, where: `sql:${statement.line}` })
      }
    }),
  )
  if (value === true) return { kind: "there", result: {} }
  if (value === false) return { kind: "not_yet", why: "the query says false" }
  if (value === null) return { kind: "not_yet", why: "the query gives no value" }
  throw new AppError("sql.failed", `The query gives ${typeof value}, not true or false; compare: select count(*) > 0.`)
}
