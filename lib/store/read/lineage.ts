import type { DatasetKind } from "../../contracts/api/lineage.ts"
import type { DatasetDocument, ExposureDocument } from "../../contracts/dataset-document.ts"
import { AppError } from "../../domain/errors.ts"
import type { Queryable } from "../transaction.ts"
import { DESCRIBED, DESCRIBED_JOINS } from "./described.ts"

/** What holds now of a dataset's document and lineage, by the ids of rows that never change. */
export interface CataloguePointer {
  id: string
  documentId: string | null
  lineageId: string | null
}

export async function readPointers(queryable: Queryable): Promise<CataloguePointer[]> {
  const { rows } = await queryable.query<CataloguePointer>(
    `select id, document_id::text as "documentId", lineage_id::text as "lineageId"
     from dataset
     where document_id is not null or lineage_id is not null
     order by id`,
  )
  return rows
}

/** Stored lineages by id, as `lib/models/lineage` made them. */
export async function readLineages<Lineage>(
  queryable: Queryable,
  ids: readonly string[],
): Promise<Map<string, Lineage>> {
  if (ids.length === 0) return new Map()
  const { rows } = await queryable.query<{ id: string; lineage: Lineage }>(
    "select id::text, lineage from dataset_lineage where id = any ($1::bigint[])",
    [ids],
  )
  return new Map(rows.map((row) => [row.id, row.lineage]))
}

/** What a document says of columns, as far as lineage needs it. */
export interface ColumnFacts {
  /** Columns with tags. */
  tagged: { column: string; tags: string[] }[]
  /** Columns that are said to hold no personal data. */
  cleared: string[]
  /** The dataset as a whole is said to hold some. */
  isSensitive: boolean
  /** Columns about the version of a row, which hold no values of other datasets. */
  bookkeeping: string[]
  exposures: ExposureDocument[]
}

/** Facts by the id of the document that says so. */
export async function readColumnFacts(
  queryable: Queryable,
  documentIds: readonly string[],
): Promise<Map<string, ColumnFacts>> {
  if (documentIds.length === 0) return new Map()
  const { rows } = await queryable.query<ColumnFacts & { id: string }>(
    `select o.id::text, tagged.list as tagged, tagged.cleared,
            coalesce((o.document ->> 'isSensitive')::boolean, false) as "isSensitive", coalesce(o.document #> '{snapshot,bookkeeping}', '[]') as bookkeeping,
            coalesce(o.document -> 'exposures', '[]') as exposures
     from dataset_document o
     cross join lateral (
       select coalesce(jsonb_agg(jsonb_build_object('column', c -> 'name', 'tags', c -> 'tags'))
                filter (where c -> 'tags' <> '[]'), '[]') as list,
              coalesce(jsonb_agg(c -> 'name') filter (where c ->> 'isCleared' = 'true'), '[]') as cleared
       from jsonb_array_elements(o.document -> 'columns') c
     ) tagged
     where o.id = any ($1::bigint[])`,
    [documentIds],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

export interface TableEdge {
  from: string
  to: string
}

/** What reads what, by the word of tasks and by the queries that ran. In the order of names. */
export async function readTableEdges(queryable: Queryable): Promise<TableEdge[]> {
  const { rows } = await queryable.query<TableEdge>(
    `select reads as "from", writes as "to" from dataset_edge
     union
     select read, d.id
     from dataset d
     join dataset_lineage l on l.id = d.lineage_id
     cross join lateral unnest(l.reads) read
     where read <> d.id
     order by 1, 2`,
  )
  return rows
}

/** What a node of the lineage shows of a dataset. */
export interface NodeFacts {
  id: string
  kind: DatasetKind
  materialized: string | null
  description: string
  owner: string | null
  tags: string[]
  isTraced: boolean
  pipelineId: string | null
  taskId: string | null
}

/** Facts of those of the datasets that are known. */
export async function readNodeFacts(queryable: Queryable, ids: readonly string[]): Promise<Map<string, NodeFacts>> {
  const { rows } = await queryable.query<NodeFacts>(
    `select d.id, ${DESCRIBED}, d.lineage_id is not null as "isTraced", d.pipeline_id as "pipelineId",
            d.task_id as "taskId"
     from dataset d
     ${DESCRIBED_JOINS}
     where d.id = any ($1::text[])`,
    [ids],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** What its project says of a dataset now, or null. @throws AppError `dataset.not_found` */
export async function readDocument(queryable: Queryable, id: string): Promise<DatasetDocument | null> {
  const { rows } = await queryable.query<{ document: DatasetDocument | null }>(
    "select o.document from dataset d left join dataset_document o on o.id = d.document_id where d.id = $1",
    [id],
  )
  if (rows[0]) return rows[0].document
  throw new AppError("dataset.not_found", `There is no dataset ${id}; names read warehouse.schema.table.`)
}

export async function isKnownDataset(queryable: Queryable, id: string): Promise<boolean> {
  const { rows } = await queryable.query("select 1 from dataset where id = $1", [id])
  return rows.length > 0
}
