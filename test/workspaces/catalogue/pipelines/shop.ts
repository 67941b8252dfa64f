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
})
