import { pipeline, sql } from "headrace"

pipeline({ id: "shop", owner: "Data platform", tags: ["daily"] }, ({ task, dbt }) => {
  const models = dbt({ schema: "shop" })
  task(
    "report",
    sql({
      text: "create table if not exists shop.report (city text, total numeric); truncate shop.report; insert into shop.report select city, sum(total) from shop.customer_orders group by city",
      writes: "shop.report",
    }),
    { reads: ["shop.customer_orders"] },
  ).after(models)
  // What a block does is not seen from outside.
  task(
    "opaque",
    sql({
      text: `create table if not exists shop.opaque (note text);
        do $$ begin insert into shop.opaque select email from shop.stg_customers; end $$`,
      writes: "shop.opaque",
    }),
    { reads: ["shop.stg_customers"] },
  ).after(models)
})
