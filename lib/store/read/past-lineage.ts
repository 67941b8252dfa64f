import { AppError } from "../../domain/errors.ts"
import type { Queryable } from "../transaction.ts"
import { DESCRIBED } from "./described.ts"
import type { CataloguePointer, NodeFacts, TableEdge } from "./lineage.ts"

/** The estate as it stood when a version of a pipeline came. */
export interface PastMoment {
  versionId: string
  /** The last of the versions that were saved together with it. */
  lastVersionId: string
  pipelineId: string
  version: number
  at: Date
}

/**
 * The moment of a version. Without a pipeline, of the one that `dataset` has its newest version in.
 * @throws AppError `dataset.not_found`, `dataset.version_not_found` or `pipeline.version_not_found`
 */
export async function readMoment(
  queryable: Queryable,
  { dataset, pipeline, version }: { dataset?: string | undefined; pipeline?: string | undefined; version: number },
): Promise<PastMoment> {
  const pipelineId = pipeline ?? (await pipelineOf(queryable, dataset))
  const { rows } = await queryable.query<PastMoment>(
    `select v.id::text as "versionId", v.pipeline_id as "pipelineId", v.version, v.created_at as at,
            (select max(id)::text from pipeline_version o where o.id >= v.id and o.created_at <= v.created_at)
              as "lastVersionId"
     from pipeline_version v
     where v.pipeline_id = $1 and v.version = $2`,
    [pipelineId, version],
  )
  if (rows[0]) return rows[0]
  throw new AppError(
    "pipeline.version_not_found",
    `Pipeline ${pipelineId} has no version ${version}; see the list of its versions.`,
  )
}

async function pipelineOf(queryable: Queryable, dataset: string | undefined): Promise<string> {
  if (dataset === undefined) {
    throw new AppError("request.invalid", "A version needs a dataset, or the pipeline whose version it is.")
  }
  const { rows } = await queryable.query<{ pipelineId: string | null }>(
    `select coalesce(newest.pipeline_id, d.pipeline_id) as "pipelineId"
     from dataset d
     left join lateral (
       select v.pipeline_id
       from dataset_version dv
       join pipeline_version v on v.id = dv.version_id
       left join dataset_document o on o.id = dv.document_id
       where dv.dataset_id = d.id
       order by coalesce((o.document ->> 'isBuilt')::boolean, dv.compiled_at is not null) desc, dv.version_id desc
       limit 1
     ) newest on true
     where d.id = $1`,
    [dataset],
  )
  if (!rows[0]) {
    throw new AppError("dataset.not_found", `There is no dataset ${dataset}; names read warehouse.schema.table.`)
  }
  if (rows[0].pipelineId !== null) return rows[0].pipelineId
  throw new AppError(
    "dataset.version_not_found",
    `No version of a pipeline knows ${dataset}; it is known as it is now.`,
  )
}

/** Said of a dataset that a moment does not know. */
export function notKnownAt(dataset: string, { pipelineId, version }: PastMoment): AppError {
  return new AppError(
    "dataset.version_not_found",
    `${dataset} was not known in version ${version} of ${pipelineId}; see the list of its versions.`,
  )
}

/** The newest version of each pipeline at a moment, without pipelines that were gone by then and never came back. */
const IN_FORCE = `
  in_force as materialized (
    select distinct on (v.pipeline_id) v.id
    from pipeline_version v
    join pipeline p on p.id = v.pipeline_id
    where v.id <= $1 and (p.current_version is not null or p.updated_at > $2)
    order by v.pipeline_id, v.id desc
  )`

/** What held of documents and lineages at a moment: of each dataset that a version in force describes or writes. */
export async function readPastPointers(queryable: Queryable, moment: PastMoment): Promise<CataloguePointer[]> {
  const { rows } = await queryable.query<CataloguePointer>(
    `with ${IN_FORCE}, described as (
       select dv.dataset_id, dv.version_id, dv.document_id, count(*) over (partition by dv.dataset_id) as n
       from in_force f
       join dataset_version dv on dv.version_id = f.id
     ), document as (
       -- Documents are read only of those that several pipelines speak of.
       select distinct on (d.dataset_id) d.dataset_id, d.document_id
       from described d
       left join dataset_document o on o.id = d.document_id and d.n > 1
       order by d.dataset_id, coalesce((o.document ->> 'isBuilt')::boolean, false) desc, d.version_id desc
     ), written as (
       select distinct w.name
       from in_force f
       join pipeline_version v on v.id = f.id
       cross join lateral jsonb_path_query(v.manifest, '$.tasks[*].writes[*]') each
       cross join lateral (select each #>> '{}' as name) w
       join dataset d on d.id = w.name
     )
     select coalesce(o.dataset_id, w.name) as id, o.document_id::text as "documentId", l.lineage_id::text as "lineageId"
     from document o
     full join written w on w.name = o.dataset_id
     left join lateral (
       select dv.lineage_id
       from dataset_version dv
       where dv.dataset_id = coalesce(o.dataset_id, w.name) and dv.compiled_at is not null and dv.version_id <= $1
       order by dv.version_id desc
       limit 1
     ) l on true
     order by 1`,
    [moment.lastVersionId, moment.at],
  )
  return rows
}

/** What read what at a moment, by the word of tasks and by the lineages given. In the order of names. */
export async function readPastEdges(
  queryable: Queryable,
  moment: PastMoment,
  pointers: readonly CataloguePointer[],
): Promise<TableEdge[]> {
  const { rows } = await queryable.query<TableEdge>(
    `with ${IN_FORCE}
     select r #>> '{}' as "from", w #>> '{}' as "to"
     from in_force f
     join pipeline_version v on v.id = f.id
     cross join lateral jsonb_array_elements(v.manifest -> 'tasks') task
     cross join lateral jsonb_array_elements(task -> 'reads') r
     cross join lateral jsonb_array_elements(task -> 'writes') w
     where r <> w
     union
     select read, l.dataset_id
     from dataset_lineage l
     cross join lateral unnest(l.reads) read
     where l.id = any ($3::bigint[]) and read <> l.dataset_id
     order by 1, 2`,
    [moment.lastVersionId, moment.at, pointers.flatMap(({ lineageId }) => lineageId ?? [])],
  )
  return rows
}

/** What nodes show of the datasets at a moment. What policies say, and who writes them, is as it is now. */
export async function readPastNodeFacts(
  queryable: Queryable,
  pointers: readonly CataloguePointer[],
): Promise<Map<string, NodeFacts>> {
  const { rows } = await queryable.query<NodeFacts>(
    `select d.id, ${DESCRIBED}, past.lineage_id is not null as "isTraced", d.pipeline_id as "pipelineId",
            d.task_id as "taskId"
     from unnest($1::text[], $2::bigint[], $3::bigint[]) as past (id, document_id, lineage_id)
     join dataset d on d.id = past.id
     left join dataset_document document on document.id = past.document_id
     left join dataset_policy declared on declared.dataset_id = d.id`,
    [
      pointers.map(({ id }) => id),
      pointers.map(({ documentId }) => documentId),
      pointers.map(({ lineageId }) => lineageId),
    ],
  )
  return new Map(rows.map((row) => [row.id, row]))
}
