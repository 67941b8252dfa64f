import { createHash } from "node:crypto"
import type { StateFingerprint } from "../selection/selectable.ts"

/**
 * A node as manifest.json has it; our own nodes have the same fields. All is read with care, for the file may come from any
 * release of dbt.
 */
export type ManifestEntry = Readonly<Record<string, unknown>> & { unique_id: string; resource_type: string }

/** What is compared of the macros of a node: their texts. */
export type MacroTexts = (nodeId: string) => readonly string[]

/**
 * What `state:modified` compares, by part (dbt's documentation, "Node selector methods"). It follows from the fields of the
 * manifest alone, so that a state of dbt's own can be compared with. Configs are compared as they are written, so that another
 * target changes nothing; macros are those of projects and packages, as dbt's own are not the same texts here.
 */
export function fingerprintOf(entry: ManifestEntry, macros: MacroTexts): StateFingerprint {
  switch (entry.resource_type) {
    case "source":
      return { other: digest(pick(entry, ["fqn", "identifier", "loader", "loaded_at_field", "freshness", "quoting"])) }
    case "exposure":
      return {
        other: digest([
          pick(entry, ["fqn", "type", "owner", "maturity", "url", "label", "description"]),
          [...listOf(recordOf(entry.depends_on).nodes)].sort(),
        ]),
      }
    case "unit_test":
      return { other: digest(pick(entry, ["fqn", "model", "given", "expect", "overrides"])) }
    case "metric":
    case "semantic_model":
    case "saved_query":
      return { other: digest(pick(entry, ["fqn", "label", "description"])) }
    default:
      return nodeFingerprint(entry, macros)
  }
}

function nodeFingerprint(entry: ManifestEntry, macros: MacroTexts): StateFingerprint {
  const checksum = recordOf(entry.checksum)
  const written = asWritten(recordOf(entry.unrendered_config))
  return {
    body: checksum.name === "none" ? digest(entry.raw_code) : String(checksum.checksum),
    configs: digest(written),
    relation: digest([written.database ?? null, written.schema ?? null, written.alias ?? null]),
    persisted_descriptions: digest(persistedDescriptions(entry)),
    macros: digest(macros(entry.unique_id)),
    contract: digest(contractOf(entry)),
    other: digest(entry.fqn),
  }
}

/** A single hook or tag may be written without a list around it. */
function asWritten(config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const listed = Object.entries(config).map(([key, value]) => [key, LISTS.has(key) ? [value].flat() : value])
  return Object.fromEntries(listed)
}

const LISTS = new Set(["pre-hook", "post-hook", "pre_hook", "post_hook", "tags"])

function persistedDescriptions({ config, description, columns }: ManifestEntry): unknown {
  const persist = recordOf(recordOf(config).persist_docs)
  const described = () =>
    Object.values(recordOf(columns)).map((column) => pick(recordOf(column), ["name", "description"]))
  return [persist.relation ? description : null, persist.columns ? described() : null]
}

function contractOf({ contract, columns, constraints }: ManifestEntry): unknown {
  if (recordOf(contract).enforced !== true) return false
  const promised = Object.values(recordOf(columns)).map((column) => {
    const { name, data_type, constraints: own } = recordOf(column)
    return [name, data_type, own ?? []]
  })
  return [promised, constraints ?? []]
}

function pick(entry: Readonly<Record<string, unknown>>, keys: readonly string[]): unknown[] {
  return keys.map((key) => entry[key] ?? null)
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Of a value as JSON, whatever the order of the keys. */
function digest(value: unknown): string {
  const text = JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each) && !("toJSON" in each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
  return createHash("sha256")
    .update(text ?? "")
    .digest("hex")
}
