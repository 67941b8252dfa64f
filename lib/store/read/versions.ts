import type { Page } from "../../contracts/api/common.ts"
import type { VersionDetail, VersionSummary } from "../../contracts/api/pipelines.ts"
import type { Manifest } from "../../contracts/manifest.ts"
import { AppError } from "../../domain/errors.ts"
import type { Queryable } from "../transaction.ts"
import { decodeCursor, ID_KEY, toPage } from "./cursor.ts"
import { toInstant } from "./instant.ts"

type VersionRow = Omit<VersionSummary, "createdAt"> & { createdAt: Date }

const VERSION_COLUMNS = `
  v.id, v.version, v.hash, v.created_at as "createdAt",
  (select count(*)::int from run r where r.version_id = v.id) as runs`

/** Versions of a pipeline, newest first. @throws AppError `pipeline.not_found`. */
export async function listVersions(
  queryable: Queryable,
  query: { pipelineId: string; cursor?: string | undefined; limit: number },
): Promise<Page<VersionSummary>> {
  const before = query.cursor ? decodeCursor(query.cursor, ID_KEY) : String(2 ** 31 - 1)
  const { rows } = await queryable.query<VersionRow | { id: null }>(
    `select ${VERSION_COLUMNS}
     from pipeline p
     left join lateral (
       select id, version, hash, created_at
       from pipeline_version
       where pipeline_id = p.id and version < $2
       order by version desc
       limit $3
     ) v on true
     where p.id = $1
     order by v.version desc`,
    [query.pipelineId, before, query.limit + 1],
  )
  if (rows.length === 0) throw new AppError("pipeline.not_found", `There is no pipeline ${query.pipelineId}.`)
  const versions = rows.filter((row): row is VersionRow => row.id !== null)
  return toPage(versions, query.limit, toVersion, (row) => String(row.version))
}

/** One version with its manifest and files. @throws AppError `pipeline.version_not_found`. */
export async function readVersionDetail(
  queryable: Queryable,
  pipelineId: string,
  version: number,
): Promise<VersionDetail> {
  const { rows } = await queryable.query<VersionRow & { manifest: Manifest; files: Record<string, string> }>(
    `select ${VERSION_COLUMNS}, v.manifest, v.files
     from pipeline_version v
     where v.pipeline_id = $1 and v.version = $2`,
    [pipelineId, version],
  )
  const row = rows[0]
  if (!row) {
    throw new AppError(
      "pipeline.version_not_found",
      `Pipeline ${pipelineId} has no version ${version}; see the list of its versions.`,
    )
  }
  return { ...toVersion(row), manifest: row.manifest, files: row.files }
}

function toVersion({ id, version, hash, createdAt, runs }: VersionRow): VersionSummary {
  return { id, version, hash, createdAt: toInstant(createdAt), runs }
}
