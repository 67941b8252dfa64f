import type { Manifest } from "../project/manifest.ts"
import type { ParsedNode, SemanticNode } from "../project/node.ts"
import type { Yaml, YamlMap } from "../project/read-yaml.ts"
import { metricParams, SemanticIndex } from "./metric-entry.ts"
import { filterOf, listOf, recordOf } from "./semantic-values.ts"

/** Metrics, semantic models and saved queries as manifest.json has them: what their files say, with all that may be left out. */
export class SemanticEntries {
  private readonly index: SemanticIndex
  private readonly nodes: ReadonlyMap<string, ParsedNode>
  private readonly createdAt: number

  constructor(manifest: Manifest, createdAt: number) {
    this.index = new SemanticIndex(manifest)
    this.nodes = manifest.nodes
    this.createdAt = createdAt
  }

  toEntry(node: SemanticNode): object {
    switch (node.resource_type) {
      case "metric":
        return this.metric(node)
      case "semantic_model":
        return this.semanticModel(node)
      case "saved_query":
        return this.savedQuery(node)
    }
  }

  private metric(node: SemanticNode): object {
    const { type, filter, time_granularity } = node.definition
    return {
      ...this.common(node),
      label: node.label ?? node.name,
      type,
      type_params: metricParams(node, this.index),
      filter: filterOf(filter),
      metadata: null,
      time_granularity: time_granularity ?? null,
      meta: node.meta,
      tags: node.tags,
      sources: [],
      depends_on: node.depends_on,
      refs: [],
      metrics: [],
    }
  }

  private semanticModel(node: SemanticNode): object {
    const { model, defaults, entities, measures, dimensions, primary_entity } = node.definition
    const built = node.depends_on.nodes.map((id) => this.nodes.get(id)).find((each) => each !== undefined)
    return {
      ...this.common(node),
      label: node.label,
      model,
      node_relation: built
        ? {
            alias: built.alias,
            schema_name: built.schema,
            database: built.database,
            relation_name: built.relation_name,
          }
        : null,
      defaults: defaults ?? null,
      entities: listOf(entities).map((each) => ({ ...ENTITY, ...recordOf(each), expr: exprOf(each) })),
      measures: listOf(measures).map((each) => ({ ...MEASURE, ...recordOf(each), expr: exprOf(each) })),
      dimensions: listOf(dimensions).map(dimension),
      metadata: null,
      depends_on: node.depends_on,
      refs: node.refs,
      primary_entity: primary_entity ?? null,
    }
  }

  private savedQuery(node: SemanticNode): object {
    const params = recordOf(node.definition.query_params)
    const metrics = listOf(params.metrics).map(String)
    return {
      ...this.common(node),
      label: node.label,
      config: { export_as: null, schema: null, cache: { enabled: false }, ...this.configOf(node) },
      query_params: {
        metrics,
        group_by: listOf(params.group_by),
        where: filterOf(params.where),
        order_by: listOf(params.order_by),
        limit: params.limit ?? null,
      },
      exports: listOf(node.definition.exports).map(exportEntry),
      metadata: null,
      depends_on: node.depends_on,
      refs: [],
    }
  }

  private common(node: SemanticNode): object {
    const { name, resource_type, package_name, path, original_file_path, unique_id, fqn, description, group } = node
    return {
      name,
      resource_type,
      package_name,
      path,
      original_file_path,
      unique_id,
      fqn,
      description,
      config: this.configOf(node),
      unrendered_config: recordOf(node.definition.config),
      created_at: this.createdAt,
      group,
    }
  }

  private configOf({ config, group }: SemanticNode): object {
    return { group, meta: {}, ...config }
  }
}

const DESCRIBED = { description: null, label: null }
const ENTITY = { ...DESCRIBED, role: null }
const MEASURE = {
  ...DESCRIBED,
  create_metric: false,
  agg_params: null,
  non_additive_dimension: null,
  agg_time_dimension: null,
}

/** Expressions that look like numbers are texts, too. */
function exprOf(value: Yaml): string | null {
  const { expr } = recordOf(value)
  return expr == null ? null : String(expr)
}

function dimension(value: Yaml): object {
  const { type_params, ...given } = recordOf(value)
  const params = type_params == null ? null : { validity_params: null, ...recordOf(type_params) }
  return { ...DESCRIBED, is_partition: false, metadata: null, ...given, type_params: params, expr: exprOf(value) }
}

function exportEntry(value: Yaml): object {
  const { name, config } = recordOf(value)
  const { schema, ...settings }: YamlMap = recordOf(config)
  return {
    name,
    config: { schema_name: schema ?? null, alias: name ?? null, database: null, ...settings },
    unrendered_config: recordOf(config),
  }
}
