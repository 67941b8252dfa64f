import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { z } from "zod"
import type { Manifest } from "../project/manifest.ts"
import { ProjectError } from "../project/project-error.ts"
import type { Yaml, YamlMap } from "../project/read-yaml.ts"
import type { DeferredRelations } from "../run/node-task.ts"
import type { EarlierState, StateFingerprint } from "../selection/selectable.ts"
import { fingerprintOf, type ManifestEntry } from "./fingerprint.ts"
import { macroTexts } from "./macro-texts.ts"

/** A folder of artifacts that an earlier invocation left, ours or dbt's: each is read when it is first asked for. */
export class EarlierArtifacts {
  readonly folder: string
  private manifestText: StateManifest | null | undefined

  constructor(folder: string) {
    this.folder = folder
  }

  /** For `state:`, `result:` and `source_status:`; what the folder lacks is left out. @throws ProjectError for files of another form */
  read(now: Manifest): EarlierState {
    const manifest = this.manifest()
    const results = this.runResults()
    return {
      ...(manifest && { fingerprints: fingerprints(manifest, now) }),
      ...(results && { results: new Map(results.results.map(({ unique_id, status }) => [unique_id, status])) }),
    }
  }

  /** What was built then, by unique id: models, seeds and snapshots that become a relation. @throws ProjectError */
  relations(): DeferredRelations {
    const manifest = this.manifest()
    if (!manifest) throw this.missing("manifest.json")
    const found = new Map<string, { database: string | null; schema: string; identifier: string }>()
    for (const entry of Object.values(manifest.nodes)) {
      const { resource_type, relation_name, database, schema, alias } = entry
      if (!["model", "seed", "snapshot"].includes(resource_type) || relation_name == null) continue
      found.set(entry.unique_id, {
        database: typeof database === "string" ? database : null,
        schema: String(schema),
        identifier: String(alias),
      })
    }
    return found
  }

  /** @throws ProjectError when there is one of another form */
  runResults(): StateRunResults | null {
    return this.parse("run_results.json", runResultsSchema)
  }

  /** When the newest row of each source was loaded by the last check; null where that did not work. */
  sources(): Map<string, Date | null> | null {
    const sources = this.parse("sources.json", sourcesSchema)
    return (
      sources &&
      new Map(
        sources.results.map(({ unique_id, max_loaded_at }) => [
          unique_id,
          max_loaded_at ? new Date(max_loaded_at) : null,
        ]),
      )
    )
  }

  missing(file: string): ProjectError {
    return new ProjectError({ message: `There is no ${file} in ${this.folder}, which --state names.` })
  }

  private manifest(): StateManifest | null {
    this.manifestText ??= this.parse("manifest.json", manifestSchema)
    return this.manifestText
  }

  private parse<T>(name: string, schema: z.ZodType<T>): T | null {
    const file = path.join(this.folder, name)
    if (!existsSync(file)) return null
    try {
      return schema.parse(JSON.parse(readFileSync(file, "utf8")))
    } catch (error) {
      throw new ProjectError(
        { file, message: "this is no artifact that can be read; write it again." },
        { cause: error },
      )
    }
  }
}

const entrySchema = z.looseObject({ unique_id: z.string(), resource_type: z.string() })
const entries = z.record(z.string(), entrySchema)
const macroSchema = z.looseObject({ macro_sql: z.string() })
const manifestSchema = z.looseObject({
  nodes: entries,
  sources: entries.default({}),
  exposures: entries.default({}),
  metrics: entries.default({}),
  semantic_models: entries.default({}),
  saved_queries: entries.default({}),
  unit_tests: entries.default({}),
  macros: z.record(z.string(), macroSchema),
})
type StateManifest = z.output<typeof manifestSchema>

const runResultsSchema = z.looseObject({
  results: z.array(
    z.looseObject({
      unique_id: z.string(),
      status: z.string(),
      batch_results: z.looseObject({ failed: z.array(z.tuple([z.string(), z.string()])) }).nullish(),
    }),
  ),
  args: z.record(z.string(), z.custom<Yaml>()).default({}) as z.ZodType<YamlMap>,
})
export type StateRunResults = z.output<typeof runResultsSchema>

const sourcesSchema = z.looseObject({
  results: z.array(z.looseObject({ unique_id: z.string(), max_loaded_at: z.string().nullish() })),
})

function fingerprints(manifest: StateManifest, now: Manifest): Map<string, StateFingerprint> {
  const macros = macroTexts(now, (id) => manifest.macros[id]?.macro_sql)
  const { nodes, sources, exposures, metrics, semantic_models, saved_queries, unit_tests } = manifest
  const all = [nodes, sources, exposures, metrics, semantic_models, saved_queries, unit_tests].flatMap(Object.values)
  return new Map(all.map((entry: ManifestEntry) => [entry.unique_id, fingerprintOf(entry, macros)]))
}
