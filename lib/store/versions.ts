import type pg from "pg"
import { type Manifest, manifestSchema, type TaskMap } from "../contracts/manifest.ts"
import { AppError } from "../domain/errors.ts"
import type { VersionId } from "../domain/ids.ts"
import { type RunShape, shapeOf } from "../domain/run-shape.ts"
import { type PlannedTask, planTasks } from "../domain/task-plan.ts"
import type { Queryable } from "./transaction.ts"

export interface PipelineVersion {
  id: VersionId
  version: number
  hash: string
  manifest: Manifest
  plan: PlannedTask[]
  shape: RunShape<TaskMap>
}

const CACHE_SIZE = 500
const cache = new Map<string, PipelineVersion>()

/** A version by id. Versions never change, so the newest 500 asked for stay in memory. */
export async function readVersion(queryable: Queryable, id: VersionId): Promise<PipelineVersion> {
  const cached = cache.get(id)
  if (cached) return cached
  const { rows } = await queryable.query<VersionRow>(
    "select id, version, hash, manifest from pipeline_version where id = $1",
    [id],
  )
  const row = rows[0]
  if (!row) throw new AppError("pipeline.version_not_found", `There is no pipeline version with id ${id}.`)
  const manifest = manifestSchema.parse(row.manifest)
  const version = {
    id: row.id,
    version: row.version,
    hash: row.hash,
    manifest,
    plan: planTasks(manifest.tasks, manifest),
    shape: shapeOf(manifest.tasks),
  }
  if (cache.size >= CACHE_SIZE) cache.delete(cache.keys().next().value!)
  cache.set(id, version)
  return version
}

/** For tests that open several databases in one process: ids start again in each. */
export function forgetVersions(): void {
  cache.clear()
}

/** The files a version executes from, by path. Not cached: they are written to disk once. */
export async function readVersionFiles(pool: pg.Pool, id: VersionId): Promise<Record<string, string>> {
  const { rows } = await pool.query<{ files: Record<string, string> }>(
    "select files from pipeline_version where id = $1",
    [id],
  )
  return rows[0]?.files ?? {}
}

interface VersionRow {
  id: VersionId
  version: number
  hash: string
  manifest: unknown
}
