import { fn, http, pipeline, shell, sql, z } from "headrace"

/** A statement with a secret in it, what carries the trace on, and a task that fails once. */
export const traced = pipeline(
  { id: "traced", params: z.object({ receiver: z.string() }), defaults: { retries: 1, retryDelay: "50ms" } },
  ({ task, params }) => {
    const table = task(
      "table",
      sql({
        text: "create schema if not exists marts; create table if not exists marts.people as select 'Jane Doe'::text as name",
      }),
    )
    task(
      "author",
      fn(
        async (ctx) => {
          await ctx.query("warehouse", "select name from marts.people where name = $1", ["Jane Doe"])
          if (ctx.attempt.number === 1) throw new Error("not yet, Jane Doe")
          return { traceparent: ctx.attempt.traceparent }
        },
        { connections: ["warehouse"] },
      ),
    ).after(table)
    task("command", shell({ command: 'echo "$TRACEPARENT"' }))
    task("request", http({ url: params.receiver, method: "GET" }))
  },
)

export const failing = pipeline({ id: "failing" }, ({ task }) => {
  task("bad", sql({ text: "select 'Jane Doe'::int" }))
})
