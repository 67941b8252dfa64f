import type { Queryable } from "./transaction.ts"

/**
 * Makes a channel for each variable of the environment, and notes what the variables speak now. What people changed of them
 * stays; a channel whose variable is gone stays too, and says so when it is used.
 */
export async function keepEnvironmentChannels(
  queryable: Queryable,
  variables: readonly { name: string; kind: string }[],
): Promise<void> {
  if (variables.length === 0) return
  const values = [JSON.stringify(variables)]
  await queryable.query(
    `insert into alert_channel (id, kind, variable, origin, created_by)
     select v.name, v.kind, v.name, 'environment', 'environment'
     from jsonb_to_recordset($1::jsonb) as v (name text, kind text)
     on conflict (id) do nothing`,
    values,
  )
  await queryable.query(
    `update alert_channel c set kind = v.kind
     from jsonb_to_recordset($1::jsonb) as v (name text, kind text)
     where c.variable = v.name and c.kind <> v.kind`,
    values,
  )
}
