import type { DatasetState } from "../../contracts/dataset-changes.ts"
import type { Queryable } from "../transaction.ts"

/** A version of a pipeline in which what is known of a dataset differs from the one before. */
export interface DatasetChange {
  /** Ids of versions ascend over all pipelines in the order in which they came. */
  versionId: string
  pipelineId: string
  version: number
  at: Date
  isCurrent: boolean
  documentId: string | null
  lineageId: string | null
  /** The version whose newest run compiled the query that counts here; null before the first. */
  compiledIn: string | null
  previous: Omit<DatasetChange, "at" | "isCurrent" | "previous"> | null
}

/** The content of a change, for {@link readStates}. */
type ChangePoint = Omit<DatasetChange, "at" | "isCurrent" | "previous">

/**
 * The versions of the pipelines that build a dataset, or that read it where none does, and what counts in each: a version
 * without a run of its own has the lineage of the one before. Reads one row a version (dataset_version_dataset_id_…), and the
 * dataset's few distinct documents.
 */
const CHANGES = `
  said as (
    select id, (document ->> 'isBuilt')::boolean as is_built from dataset_document where dataset_id = $1
  ), known as (
    select dv.version_id, dv.document_id, dv.lineage_id, dv.compiled_at, coalesce(s.is_built, dv.compiled_at is not null) as is_built
    from dataset_version dv
    left join said s on s.id = dv.document_id
    where dv.dataset_id = $1
  ), counted as (
    select *, count(compiled_at) over (order by version_id) as runs
    from known
    where is_built or not exists (select 1 from known where is_built)
  ), carried as (
    select version_id, document_id,
           case when runs > 0 then first_value(lineage_id) over stretch end as lineage_id,
           case when runs > 0 then first_value(version_id) over stretch end as compiled_in
    from counted
    window stretch as (partition by runs order by version_id)
  ), compared as (
    select *, lag(version_id) over versions as previous_id, lag(document_id) over versions as previous_document,
           lag(lineage_id) over versions as previous_lineage, lag(compiled_in) over versions as previous_compiled
    from carried
    window versions as (order by version_id)
  ), change as (
    select *, lead(version_id) over (order by version_id) as next_id
    from compared
    where previous_id is null or document_id is distinct from previous_document
          or lineage_id is distinct from previous_lineage
  )`

const CHANGE_COLUMNS = `
  c.version_id::text as "versionId", v.pipeline_id as "pipelineId", v.version, v.created_at as at,
  coalesce(cur.id >= c.version_id and (c.next_id is null or cur.id < c.next_id)
           and (c.document_id is null or exists (select 1 from counted k where k.version_id = cur.id)), false) as "isCurrent",
  c.document_id::text as "documentId", c.lineage_id::text as "lineageId", c.compiled_in::text as "compiledIn",
  c.previous_id::text as "previousId", old.pipeline_id as "previousPipelineId", old.version as "previousVersion",
  c.previous_document::text as "previousDocument", c.previous_lineage::text as "previousLineage",
  c.previous_compiled::text as "previousCompiled"`

const CHANGE_JOINS = `
  join pipeline_version v on v.id = c.version_id
  join pipeline p on p.id = v.pipeline_id
  left join pipeline_version cur on cur.pipeline_id = p.id and cur.version = p.current_version
  left join pipeline_version old on old.id = c.previous_id`

/** Changes of a dataset before a version, newest first. Empty for what no project describes and no query makes. */
export async function listDatasetChanges(
  queryable: Queryable,
  { dataset, before, limit }: { dataset: string; before: string | null; limit: number },
): Promise<DatasetChange[]> {
  const { rows } = await queryable.query<ChangeRow>(
    `with ${CHANGES}
     select ${CHANGE_COLUMNS}
     from (select * from change where $2::bigint is null or version_id < $2 order by version_id desc limit $3) c
     ${CHANGE_JOINS}
     order by c.version_id desc`,
    [dataset, before, limit],
  )
  return rows.map(toChange)
}

/** The last change of a dataset up to a version; null where nothing was known of it by then. */
export async function readDatasetChange(
  queryable: Queryable,
  dataset: string,
  versionId: string,
): Promise<DatasetChange | null> {
  const { rows } = await queryable.query<ChangeRow>(
    `with ${CHANGES}
     select ${CHANGE_COLUMNS}
     from (select * from change where version_id <= $2 order by version_id desc limit 1) c
     ${CHANGE_JOINS}`,
    [dataset, versionId],
  )
  return rows[0] ? toChange(rows[0]) : null
}

/** What is known of a dataset at each of the points, in their order. */
export async function readStates(
  queryable: Queryable,
  dataset: string,
  points: readonly ChangePoint[],
): Promise<DatasetState[]> {
  const { rows } = await queryable.query<DatasetState>(
    `select o.document, traced.columns, l.id::text as "lineageId",
            case when l.id is not null and compiled.document_id is distinct from point.document_id
                 then array(select c ->> 'name' from jsonb_array_elements(compiled_as.document -> 'columns') c)
            end as "documentedThen",
            case when point.document_id is null then compiled.compiled_sql end as "compiledSql",
            coalesce(declared.upstreams, array(select r from unnest(l.reads) r where r <> $1 order by r), '{}') as upstreams
     from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) with ordinality
       as point (version_id, document_id, lineage_id, compiled_in, place)
     left join dataset_document o on o.id = point.document_id
     left join dataset_lineage l on l.id = point.lineage_id
     left join dataset_version compiled on compiled.version_id = point.compiled_in and compiled.dataset_id = $1
     left join dataset_document compiled_as on compiled_as.id = compiled.document_id
     left join lateral (
       select jsonb_agg(jsonb_build_object('name', c -> 'name', 'type', c -> 'type')) as columns
       from jsonb_array_elements(l.lineage -> 'columns') c
     ) traced on true
     -- By the word of the tasks that write it, null where none does: it is there before a run is.
     left join lateral (
       select array_agg(distinct r order by r) filter (where r <> $1) as upstreams
       from pipeline_version v
       cross join lateral jsonb_path_query(v.manifest, '$.tasks[*] ? (@.writes[*] == $id).reads[*]',
                                           jsonb_build_object('id', $1::text)) found
       cross join lateral (select found #>> '{}' as r) r
       where v.id = point.version_id
     ) declared on true
     order by point.place`,
    [
      dataset,
      points.map(({ versionId }) => versionId),
      points.map(({ documentId }) => documentId),
      points.map(({ lineageId }) => lineageId),
      points.map(({ compiledIn }) => compiledIn),
    ],
  )
  return rows
}

/** A query as it ran, and by which run. */
export interface CompiledRow {
  sql: string
  at: Date
  runId: string | null
  version: number
  problem: string | null
}

export async function readCompiled(
  queryable: Queryable,
  dataset: string,
  versionId: string,
): Promise<CompiledRow | null> {
  const { rows } = await queryable.query<CompiledRow>(
    `select dv.compiled_sql as sql, dv.compiled_at as at, dv.run_id::text as "runId", v.version, dv.problem
     from dataset_version dv
     join pipeline_version v on v.id = dv.version_id
     where dv.version_id = $2 and dv.dataset_id = $1 and dv.compiled_at is not null`,
    [dataset, versionId],
  )
  return rows[0] ?? null
}

interface ChangeRow extends Omit<DatasetChange, "previous"> {
  previousId: string | null
  previousPipelineId: string | null
  previousVersion: number | null
  previousDocument: string | null
  previousLineage: string | null
  previousCompiled: string | null
}

function toChange(row: ChangeRow): DatasetChange {
  const { versionId, pipelineId, version, at, isCurrent, documentId, lineageId, compiledIn } = row
  return {
    ...{ versionId, pipelineId, version, at, isCurrent, documentId, lineageId, compiledIn },
    previous:
      row.previousId === null
        ? null
        : {
            versionId: row.previousId,
            pipelineId: row.previousPipelineId!,
            version: row.previousVersion!,
            documentId: row.previousDocument,
            lineageId: row.previousLineage,
            compiledIn: row.previousCompiled,
          },
  }
}
