import { buildColumnGraph, type GraphModel } from "#lib/models/lineage/column-graph.ts"
import { impactOf } from "#lib/models/lineage/impact.ts"
import { loadSqlParser } from "#lib/models/lineage/parse-sql.ts"

const MODELS = 1_000
const SOURCES = 50
const COLUMNS = 20

/**
 * Column lineage of 1,000 models in layers, each of three expressions of WITH, a join, a window and 20 columns, half of them
 * through stars. The aim is 2 s. Then what hangs on one column of a source.
 */
export default {
  name: "column lineage",
  rounds: 3,
  async run() {
    await loadSqlParser()
    const models = generateModels()
    const begin = performance.now()
    const graph = buildColumnGraph(models)
    const seconds = (performance.now() - begin) / 1_000
    const lineages = [...graph.lineages.values()]
    if (lineages.some(({ gaps }) => gaps.length > 0)) throw new Error("A generated model was not understood.")
    const edges = lineages.flatMap(({ columns }) => columns).reduce((sum, { sources }) => sum + sources.length, 0)
    const beforeImpact = performance.now()
    const impact = impactOf(graph, { relation: "source_0", column: "c3" })
    return [
      { name: `lineage of ${MODELS} models`, value: seconds, unit: "s", ratio: seconds / 2, of: "the aim of 2 s" },
      { name: "edges between columns", value: edges, unit: "" },
      { name: `impact of one column on ${impact.values.length}`, value: performance.now() - beforeImpact, unit: "ms" },
    ]
  },
}

function generateModels(): GraphModel[] {
  const names = Array.from({ length: COLUMNS }, (_, index) => `c${index}`)
  const sources: GraphModel[] = Array.from({ length: SOURCES }, (_, index) => ({
    id: `source_${index}`,
    schema: "raw",
    name: `source_${index}`,
    sql: null,
    dependsOn: [],
    columns: ["id", "parent_id", "updated_at", ...names].map((name) => ({ name })),
  }))
  const models: GraphModel[] = []
  for (let index = 0; index < MODELS; index++) {
    // Each reads one model of the layer before and one from further back.
    const before = [...sources, ...models].slice(-SOURCES - Math.floor(index / 100))
    const left = before[(index * 7) % SOURCES]!
    const right = before[(index * 13 + 1) % SOURCES]!
    models.push({
      id: `model_${index}`,
      schema: "public",
      name: `model_${index}`,
      sql: modelSql(left, right, names),
      dependsOn: [left.id, right.id],
    })
  }
  return [...sources, ...models]
}

function modelSql(left: GraphModel, right: GraphModel, names: readonly string[]): string {
  const half = names.slice(0, COLUMNS / 2)
  const rest = names.slice(COLUMNS / 2)
  return `
with latest as (
    select *, row_number() over (partition by id order by updated_at desc) as version
    from ${left.schema}.${left.name}
    where c0 is not null
),
totals as (
    select parent_id, ${half.map((name) => `sum(coalesce(${name}, 0)) filter (where c1 > 0) as total_${name}`).join(",\n        ")}
    from ${right.schema}.${right.name} as r
    group by 1
),
joined as (
    select
        l.id, l.parent_id, l.updated_at,
        ${half.map((name) => `l.${name}`).join(", ")},
        ${rest
          .map((name, index) => `case when l.${name} = 'x' then t.total_c${index} else l.${name} end as ${name}`)
          .join(",\n        ")}
    from latest as l
    left join totals as t on t.parent_id = l.id and l.version = 1
    where exists (select 1 from ${right.schema}.${right.name} as e where e.id = l.parent_id)
)
select * from joined where updated_at > now() - interval '1 year'`
}
