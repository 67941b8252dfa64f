import { Environment, type Template } from "#lib/models/jinja/environment.ts"
import { hostFunction } from "#lib/models/jinja/values.ts"
import type { Benchmark } from "./harness.ts"

const FILES = 2_000

/**
 * The template language alone: as many different files as fit into a second, of the kinds that dbt projects have, once
 * parsed and compiled, once rendered. Nothing is fetched from the cache of compiled templates.
 */
export default {
  name: "jinja",
  rounds: 5,
  async run() {
    const models = Array.from({ length: FILES }, (_, index) => modelSource(index))
    const macros = Array.from({ length: FILES }, (_, index) => macroSource(index))
    const environment = new Environment()
    const compile = (source: string) => environment.compile(source)
    const [compiledModels, modelSeconds] = timed(() => models.map(compile))
    const [compiledMacros, macroSeconds] = timed(() => macros.map(compile))
    const [, renderSeconds] = timed(() => renderAll(environment, compiledModels))
    const [, callSeconds] = timed(() => callAll(environment, compiledMacros))
    return [
      { name: "parse and compile models", value: FILES / modelSeconds, unit: "files/s" },
      { name: "parse and compile macros", value: FILES / macroSeconds, unit: "files/s" },
      { name: "render models", value: FILES / renderSeconds, unit: "files/s" },
      { name: "call macros", value: FILES / callSeconds, unit: "calls/s" },
    ]
  },
} satisfies Benchmark

function renderAll(environment: Environment, templates: readonly Template[]): void {
  const context = environment.context({
    config: hostFunction("config", () => ""),
    ref: hostFunction("ref", (args) => `"dev"."public"."${args[0]}"`),
  })
  for (const template of templates) template.render(context)
}

function callAll(environment: Environment, templates: readonly Template[]): void {
  const context = environment.context()
  for (const template of templates) {
    for (const macro of template.macros(context).values()) macro.call(["amount", ["card", "coupon", "gift"]], new Map())
  }
}

function timed<T>(run: () => T): [result: T, seconds: number] {
  const start = performance.now()
  const result = run()
  return [result, (performance.now() - start) / 1000]
}

/** About 40 lines with a head, a list to loop over, joins and comments. */
function modelSource(index: number): string {
  return `{{ config(materialized="incremental", unique_key="id", tags=["t${index % 7}", "nightly"]) }}
{# Payments of each order, by method. #}
{%- set methods = ["credit_card", "coupon", "bank_transfer", "gift_card"] -%}

with orders as (
  select * from {{ ref("stg_orders_${index}") }}
  {% if is_incremental is defined and is_incremental() %}
  where updated_at > (select max(updated_at) from {{ this }})
  {% endif %}
),

payments as (
  select * from {{ ref("stg_payments_${index}") }} -- one row a payment
),

order_payments as (
  select
    order_id,
    {% for method in methods -%}
    sum(case when payment_method = '{{ method }}' then amount else 0 end) as {{ method }}_amount,
    {% endfor -%}
    sum(amount) as total_amount
  from payments
  group by order_id
)

select
  orders.order_id,
  orders.customer_id,
  orders.order_date,
  {% for method in methods -%}
  coalesce(order_payments.{{ method }}_amount, 0) as {{ method }}_amount{{ "," if not loop.last else "," }}
  {% endfor -%}
  order_payments.total_amount as amount_${index}
from orders
left join order_payments on orders.order_id = order_payments.order_id
`
}

/** A macro with defaults, a namespace, filters and a dict. */
function macroSource(index: number): string {
  return `{% macro pivot_${index}(column, values=[], prefix="is_", quote=true) -%}
  {%- set found = namespace(names=[], longest=0) -%}
  {%- for value in values if value is not none -%}
    {%- set name = (prefix ~ value | lower | replace(" ", "_")) if prefix else value -%}
    {%- do found.names.append(name) -%}
    {%- if name | length > found.longest -%}{%- set found.longest = name | length -%}{%- endif -%}
    sum(case when {{ column }} = '{{ value }}' then 1 else 0 end) as {{ '"' ~ name ~ '"' if quote else name }}
    {%- if not loop.last %}, {% endif %}
  {%- endfor %}
  -- {{ found.names | unique | join(", ") }} {{ {"longest": found.longest, "count": found.names | length} }}
{%- endmacro %}
`
}
