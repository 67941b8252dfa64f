import type pg from "pg"
import type { Page } from "#lib/contracts/api/common.ts"
import type { DatasetVersion, DatasetVersionSummary } from "#lib/contracts/api/dataset-versions.ts"
import { changesText, columnsOf, type DatasetState, datasetChanges } from "#lib/contracts/dataset-changes.ts"
import { AppError } from "#lib/domain/errors.ts"
import { decodeCursor, ID_KEY, toPage } from "#lib/store/read/cursor.ts"
import {
  type DatasetChange,
  listDatasetChanges,
  readCompiled,
  readDatasetChange,
  readStates,
} from "#lib/store/read/dataset-versions.ts"
import { toInstant } from "#lib/store/read/instant.ts"
import { isKnownDataset } from "#lib/store/read/lineage.ts"
import {
  notKnownAt,
  type PastMoment,
  readMoment,
  readPastNodeFacts,
  readPastPointers,
} from "#lib/store/read/past-lineage.ts"
import { pastCatalogue } from "./column-catalogue.ts"
import { definitionOf, describeColumns } from "./describe-datasets.ts"

/** Versions in which a dataset changed, newest first. @throws AppError `dataset.not_found` */
export async function listDatasetVersions(
  pool: pg.Pool,
  dataset: string,
  query: { cursor?: string | undefined; limit: number },
): Promise<Page<DatasetVersionSummary>> {
  const before = query.cursor ? decodeCursor(query.cursor, ID_KEY) : null
  const changes = await listDatasetChanges(pool, { dataset, before, limit: query.limit + 1 })
  if (changes.length === 0 && !(await isKnownDataset(pool, dataset))) {
    throw new AppError("dataset.not_found", `There is no dataset ${dataset}; names read warehouse.schema.table.`)
  }
  const page = toPage(
    changes,
    query.limit,
    (change) => change,
    (change) => change.versionId,
  )
  return { ...page, items: await summarise(pool, dataset, page.items) }
}

/**
 * A dataset as of a version. Columns are those that its query gives, where it was traced, and those its project speaks of.
 * @throws AppError `dataset.not_found`, `dataset.version_not_found` or `pipeline.version_not_found`
 */
export async function readDatasetVersion(
  pool: pg.Pool,
  { id, version, pipeline }: { id: string; version: number; pipeline?: string | undefined },
): Promise<DatasetVersion> {
  const moment = await readMoment(pool, { dataset: id, pipeline, version })
  const [pointers, change] = await Promise.all([
    readPastPointers(pool, moment),
    readDatasetChange(pool, id, moment.versionId),
  ])
  const pointer = pointers.find((each) => each.id === id)
  if (!pointer || !change) throw notKnownAt(id, moment)
  const [[summary], [state], catalogue, facts, compiled] = await Promise.all([
    summarise(pool, id, [change]),
    readStates(pool, id, [{ ...change, ...pointer, versionId: ownVersion(moment, change) }]),
    pastCatalogue(pool, pointers),
    readPastNodeFacts(pool, [pointer]),
    change.compiledIn === null ? null : readCompiled(pool, id, change.compiledIn),
  ])
  const { kind, materialized, description, owner, tags } = facts.get(id)!
  const { document, upstreams } = state!
  return {
    id,
    pipelineId: moment.pipelineId,
    version: moment.version,
    at: toInstant(moment.at),
    change: summary!,
    ...{ kind, materialized, description, owner, tags },
    columns: describeColumns(id, { columns: columnsOf(state!), document }, catalogue),
    definition: document && definitionOf(document),
    compiled: compiled && { ...compiled, at: toInstant(compiled.at) },
    upstreams: [...upstreams],
  }
}

/** Whose tasks say what it is made from: of a moment of another pipeline, the last of its own. */
function ownVersion(moment: PastMoment, change: DatasetChange): string {
  return moment.pipelineId === change.pipelineId ? moment.versionId : change.versionId
}

async function summarise(
  pool: pg.Pool,
  dataset: string,
  changes: readonly DatasetChange[],
): Promise<DatasetVersionSummary[]> {
  const previous = changes.flatMap((change) => change.previous ?? [])
  const states = await readStates(pool, dataset, [...changes, ...previous])
  const before = new Map(previous.map(({ versionId }, index) => [versionId, states[changes.length + index]!]))
  return changes.map((change, index) => toSummary(change, states[index]!, before.get(change.previous?.versionId ?? "")))
}

function toSummary(
  { pipelineId, version, at, isCurrent, previous }: DatasetChange,
  state: DatasetState,
  before: DatasetState | undefined,
): DatasetVersionSummary {
  const changes = before ? datasetChanges(before, state) : null
  return {
    ...{ pipelineId, version, isCurrent },
    at: toInstant(at),
    previous: previous && { pipelineId: previous.pipelineId, version: previous.version },
    changes,
    summary: changesText(changes),
  }
}
