import { asList } from "./merge-config.ts"
import type { ColumnInfo, Constraint } from "./node.ts"
import type { ColumnProperties, ConstraintProperties, ModelProperties } from "./properties-schema.ts"
import type { Yaml, YamlMap } from "./read-yaml.ts"

/** The columns of a properties entry by name; `toDescription` renders descriptions. */
export function toColumns(
  columns: readonly ColumnProperties[] | null | undefined,
  toDescription: (text: string) => string,
): Record<string, ColumnInfo> {
  const found: Record<string, ColumnInfo> = {}
  for (const column of columns ?? []) {
    const { name, description, data_type, meta, tags, quote, constraints, config, granularity, ...rest } = column
    const { tests: _, data_tests: __, ...others } = rest
    const merged = { ...(config?.meta as YamlMap | undefined), ...(meta as YamlMap | null | undefined) }
    const allTags = [...asList(tags), ...asList(config?.tags)].map(String)
    found[name] = {
      name,
      description: toDescription(description ?? ""),
      meta: merged,
      data_type: data_type ?? null,
      constraints: toConstraints(constraints),
      quote: quote ?? null,
      config: { meta: (config?.meta ?? {}) as YamlMap, tags: asList(config?.tags).map(String) },
      tags: allTags,
      granularity: granularity ?? null,
      ...(others as Record<string, Yaml>),
    }
  }
  return found
}

/** Those of a model name their columns. */
export function toModelConstraints(constraints: readonly ConstraintProperties[] | null | undefined): Constraint[] {
  return toConstraints(constraints).map((constraint) => ({ ...constraint, columns: constraint.columns ?? [] }))
}

export function toConstraints(constraints: readonly ConstraintProperties[] | null | undefined): Constraint[] {
  return (constraints ?? []).map((constraint) => ({
    type: constraint.type,
    name: constraint.name ?? null,
    expression: constraint.expression ?? null,
    warn_unenforced: constraint.warn_unenforced ?? true,
    warn_unsupported: constraint.warn_unsupported ?? true,
    to: constraint.to ?? null,
    to_columns: constraint.to_columns ?? [],
    ...(constraint.columns && { columns: constraint.columns }),
  }))
}

type Version = NonNullable<ModelProperties["versions"]>[number]

/** A version's columns: those of the model that it includes and does not exclude, and its own over them. */
export function columnsOfVersion(model: ModelProperties, version: Version): ColumnProperties[] {
  const own: ColumnProperties[] = []
  let include: string | string[] = "all"
  let exclude: string[] = []
  for (const entry of version.columns ?? []) {
    if (isColumn(entry)) own.push(entry)
    else {
      include = entry.include ?? "all"
      exclude = entry.exclude ?? []
    }
  }
  const isIncluded = (name: string) =>
    (include === "all" || include === "*" || asList(include).includes(name)) && !exclude.includes(name)
  const names = new Set(own.map(({ name }) => name))
  const taken = (model.columns ?? []).filter(({ name }) => isIncluded(name) && !names.has(name))
  return [...taken, ...own]
}

function isColumn(entry: NonNullable<Version["columns"]>[number]): entry is ColumnProperties {
  return typeof entry.name === "string"
}
