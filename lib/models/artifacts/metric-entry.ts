import type { Manifest } from "../project/manifest.ts"
import type { SemanticNode } from "../project/node.ts"
import type { Yaml, YamlMap } from "../project/read-yaml.ts"
import { filterOf, listOf, recordOf } from "./semantic-values.ts"

/** What metrics are made of, by name. */
export class SemanticIndex {
  private readonly metrics: ReadonlyMap<string, SemanticNode>
  private readonly modelOfMeasure: ReadonlyMap<string, string>

  constructor({ metrics, semanticModels }: Pick<Manifest, "metrics" | "semanticModels">) {
    this.metrics = new Map([...metrics.values()].map((metric) => [metric.name, metric]))
    const measures = [...semanticModels.values()].flatMap(({ unique_id, definition }) =>
      listOf(definition.measures).map((measure): [string, string] => [String(recordOf(measure).name), unique_id]),
    )
    this.modelOfMeasure = new Map(measures)
  }

  metricId(name: string): string | null {
    return this.metrics.get(name)?.unique_id ?? null
  }

  /** The unique ids that a metric is built from. */
  parentsOf({ definition }: SemanticNode): string[] {
    const params = recordOf(definition.type_params)
    const models = ownMeasures(params).map(({ name }) => this.modelOfMeasure.get(String(name)))
    const metrics = inputMetrics(params).map(({ name }) => this.metricId(String(name)))
    return [...new Set([...models, ...metrics])].filter((id) => id != null)
  }

  /** The measures that a metric comes down to, through the metrics that it is built from. */
  measuresOf({ definition }: SemanticNode, seen = new Set<string>()): YamlMap[] {
    const params = recordOf(definition.type_params)
    const found = new Map(ownMeasures(params).map((measure) => [JSON.stringify(measure), measure]))
    for (const { name } of inputMetrics(params)) {
      const metric = this.metrics.get(String(name))
      if (!metric || seen.has(metric.name)) continue
      seen.add(metric.name)
      for (const measure of this.measuresOf(metric, seen)) found.set(JSON.stringify(measure), measure)
    }
    return [...found.values()]
  }
}

/** `type_params` of a metric, with everything that may be left out. */
export function metricParams(node: SemanticNode, index: SemanticIndex): object {
  const params = recordOf(node.definition.type_params)
  const optional = <T>(value: Yaml | undefined, to: (value: Yaml) => T): T | null => (value == null ? null : to(value))
  return {
    measure: optional(params.measure, inputMeasure),
    input_measures: index.measuresOf(node),
    numerator: optional(params.numerator, inputMetric),
    denominator: optional(params.denominator, inputMetric),
    expr: params.expr == null ? null : String(params.expr),
    window: optional(params.window, timeWindow),
    grain_to_date: params.grain_to_date ?? null,
    metrics: listOf(params.metrics).map(inputMetric),
    conversion_type_params: optional(params.conversion_type_params, conversionParams),
    cumulative_type_params: optional(params.cumulative_type_params, (value) => {
      const { window, grain_to_date, period_agg } = recordOf(value)
      return {
        window: optional(window, timeWindow),
        grain_to_date: grain_to_date ?? null,
        period_agg: period_agg ?? "first",
      }
    }),
  }
}

function ownMeasures(params: YamlMap): YamlMap[] {
  const { base_measure, conversion_measure } = recordOf(params.conversion_type_params)
  return [params.measure, base_measure, conversion_measure].flatMap((each) =>
    each == null ? [] : [inputMeasure(each)],
  )
}

function inputMetrics(params: YamlMap): YamlMap[] {
  const named = [params.numerator, params.denominator, ...listOf(params.metrics)]
  return named.flatMap((each) => (each == null ? [] : [inputMetric(each)]))
}

/** A measure may be written as its name alone. */
function inputMeasure(value: Yaml): YamlMap {
  const { filter, ...given } = typeof value === "string" ? { name: value } : recordOf(value)
  return {
    name: null,
    filter: filterOf(filter),
    alias: null,
    join_to_timespine: false,
    fill_nulls_with: null,
    ...given,
  }
}

function inputMetric(value: Yaml): YamlMap {
  const { filter, offset_window, ...given } = typeof value === "string" ? { name: value } : recordOf(value)
  const window = offset_window == null ? null : timeWindow(offset_window)
  return { name: null, filter: filterOf(filter), alias: null, offset_window: window, offset_to_grain: null, ...given }
}

function conversionParams(value: Yaml): object {
  const { base_measure, conversion_measure, entity, calculation, window, constant_properties } = recordOf(value)
  return {
    base_measure: inputMeasure(base_measure ?? null),
    conversion_measure: inputMeasure(conversion_measure ?? null),
    entity: entity ?? null,
    calculation: calculation ?? "conversion_rate",
    window: window == null ? null : timeWindow(window),
    constant_properties: constant_properties ?? null,
  }
}

/** `7 days`. */
function timeWindow(value: Yaml): YamlMap {
  if (typeof value !== "string") return recordOf(value)
  const [count, unit] = value.trim().split(/\s+/)
  return { count: Number(count), granularity: (unit ?? "").toLowerCase().replace(/s$/, "") }
}
