import { createHash } from "node:crypto"
import type { DatasetDocument } from "../contracts/dataset-document.ts"
import type { ManifestTask } from "../contracts/manifest.ts"
import type { Transaction } from "./transaction.ts"

/**
 * Stores what a version of a pipeline says of its datasets, and makes it what holds now. Where a pipeline only reads a
 * dataset, its word counts as long as nobody who builds it has said anything.
 */
export async function saveDocuments(
  transaction: Transaction,
  versionId: string,
  documents: readonly DatasetDocument[],
): Promise<void> {
  if (documents.length === 0) return
  const rows = onePerDataset(documents).map((document) => {
    const text = JSON.stringify(document)
    return { dataset: document.dataset, hash: createHash("sha256").update(text).digest("hex"), document }
  })
  await transaction.query(
    `insert into dataset (id)
     select w.dataset from jsonb_to_recordset($1::jsonb) as w (dataset text)
     order by w.dataset
     on conflict (id) do nothing`,
    [JSON.stringify(rows)],
  )
  await transaction.query(
    `insert into dataset_document (dataset_id, hash, document)
     select w.dataset, w.hash, w.document
     from jsonb_to_recordset($1::jsonb) as w (dataset text, hash text, document jsonb)
     order by w.dataset
     on conflict (dataset_id, hash) do nothing`,
    [JSON.stringify(rows)],
  )
  // Locked in the order of their names: the update below takes them as the planner likes.
  await transaction.query("select 1 from dataset where id = any ($1::text[]) order by id for no key update", [
    rows.map((row) => row.dataset),
  ])
  await transaction.query(
    `with wanted as materialized (
       select o.id, o.dataset_id, (o.document ->> 'isBuilt')::boolean as is_built, o.document
       from unnest($2::text[], $3::text[]) as w (dataset, hash)
       join dataset_document o on o.dataset_id = w.dataset and o.hash = w.hash
     ), versioned as (
       insert into dataset_version (version_id, dataset_id, document_id)
       select $1, dataset_id, id from wanted
       on conflict (version_id, dataset_id) do update set document_id = excluded.document_id
     )
     update dataset d
     set document_id = w.id
     from wanted w
     left join dataset_document other on other.id = (select document_id from dataset where id = w.dataset_id)
     where d.id = w.dataset_id and (w.is_built or other.id is null or not (other.document ->> 'isBuilt')::boolean)`,
    [versionId, rows.map((row) => row.dataset), rows.map((row) => row.hash)],
  )
}

/** Several selections of one project speak of the same datasets: who builds one knows best. */
function onePerDataset(documents: readonly DatasetDocument[]): DatasetDocument[] {
  const best = new Map<string, DatasetDocument>()
  for (const document of documents) {
    if (document.isBuilt || !best.has(document.dataset)) best.set(document.dataset, document)
  }
  return [...best.values()]
}

/** Replaces what the tasks of a pipeline say they read and write; none for a pipeline that is gone. */
export async function saveEdges(
  transaction: Transaction,
  pipelineId: string,
  tasks: readonly Pick<ManifestTask, "id" | "reads" | "writes">[],
): Promise<void> {
  const edges = tasks.flatMap(({ id, reads, writes }) =>
    reads.flatMap((read) => writes.filter((write) => write !== read).map((write) => ({ taskId: id, read, write }))),
  )
  await transaction.query("delete from dataset_edge where pipeline_id = $1", [pipelineId])
  if (edges.length === 0) return
  await transaction.query(
    `insert into dataset_edge (pipeline_id, task_id, reads, writes)
     select distinct $1, e."taskId", e.read, e.write
     from jsonb_to_recordset($2::jsonb) as e ("taskId" text, read text, write text)`,
    [pipelineId, JSON.stringify(edges)],
  )
}
