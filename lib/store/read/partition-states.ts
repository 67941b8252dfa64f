import type { DatasetDetail } from "../../contracts/api/datasets.ts"
import type { Queryable } from "../transaction.ts"
import { toInstant } from "./instant.ts"

/** Newest keys first; the hours of three months. */
const PARTITIONS = 2_200

/**
 * How a dataset's partitions stand, in the order of their keys: those it holds, and those that its pipeline's newest runs
 * were for. `running` while such a run lives, `failed` where the newest ended otherwise than well, `stale` where, since the
 * partition was loaded, another run loaded the same partition of what the pipeline reads or the pipeline's code changed,
 * `missing` where a run ended well and loaded nothing, else `fresh`. Worked out as it is read, so it cannot be out of date.
 * Relies on run_partition, run_part_key and materialization_partition: a few probes a partition, whatever the history.
 */
export async function readPartitionStates(
  queryable: Queryable,
  datasetId: string,
): Promise<DatasetDetail["partitions"]> {
  const { rows } = await queryable.query<PartitionRow>(
    `with owner as materialized (
       select d.id, d.pipeline_id, v.id as version_id,
              array(select jsonb_array_elements_text(task -> 'reads') from jsonb_array_elements(v.manifest -> 'tasks') task
                    except
                    select jsonb_array_elements_text(task -> 'writes') from jsonb_array_elements(v.manifest -> 'tasks') task
              ) as reads
       from dataset d
       left join pipeline p on p.id = d.pipeline_id
       left join pipeline_version v on v.pipeline_id = p.id and v.version = p.current_version
       where d.id = $1
     ), held as materialized (
       select s.partition_key as key, s.rows, s.run_id, s.updated_at
       from partition_state s
       where s.dataset_id = $1
       order by s.partition_key desc
       limit $2
     ), wanted as (
       select key from held
       union
       select recent.partition_key
       from owner o
       cross join lateral (
         select r.id, r.partition_key from run r where r.pipeline_id = o.pipeline_id order by r.id desc limit $2
       ) newest
       cross join lateral (
         select p.partition_key from run_part p where p.run_id = newest.id
         union all
         select newest.partition_key where not exists (select from run_part p where p.run_id = newest.id)
       ) recent
       where recent.partition_key is not null
         -- A dataset that such a pipeline loads as a whole has no partitions.
         and (exists (select from held) or not exists (select from materialization m where m.dataset_id = o.id))
     )
     select w.key, h.rows::float8 as rows, coalesce(h.run_id, n.id) as "runId", coalesce(h.updated_at, n.created_at) as "updatedAt",
            h.key is not null as "isHeld", n.state as "lastState", n.id > coalesce(h.run_id, 0) as "isLater",
            newer.dataset_id as newer, loader.version, loader.id <> o.version_id as "isOldCode"
     from wanted w
     cross join owner o
     left join held h on h.key = w.key
     left join lateral (
       select * from (
         (select r.id, r.state, r.created_at from run r
          where r.pipeline_id = o.pipeline_id and r.partition_key = w.key
          order by r.id desc
          limit 1)
         union all
         (select r.id, r.state, r.created_at from run_part p join run r on r.id = p.run_id
          where p.pipeline_id = o.pipeline_id and p.partition_key = w.key
          order by p.run_id desc
          limit 1)
       ) r
       order by r.id desc
       limit 1
     ) n on true
     left join run l on l.id = h.run_id and l.pipeline_id = o.pipeline_id
     left join pipeline_version loader on loader.id = l.version_id
     left join lateral (
       select m.dataset_id from materialization m
       where m.dataset_id = any (o.reads) and m.partition_key = w.key and m.at > h.updated_at and m.run_id <> h.run_id
       limit 1
     ) newer on true
     order by w.key`,
    [datasetId, PARTITIONS],
  )
  return rows.map((row) => ({
    key: row.key,
    ...judge(row),
    rows: row.rows,
    runId: row.runId,
    updatedAt: toInstant(row.updatedAt),
  }))
}

interface PartitionRow {
  key: string
  rows: number | null
  runId: string | null
  updatedAt: Date
  isHeld: boolean
  lastState: string | null
  isLater: boolean | null
  newer: string | null
  version: number | null
  isOldCode: boolean | null
}

function judge(row: PartitionRow): Pick<DatasetDetail["partitions"][number], "state" | "reason"> {
  if (row.lastState && ["queued", "running", "cancelling"].includes(row.lastState)) {
    return { state: "running", reason: null }
  }
  if (row.lastState && row.lastState !== "success" && (row.isLater || !row.isHeld)) {
    const kept = row.isHeld ? "; what it held before is still there" : ""
    return {
      state: "failed",
      reason: `Its newest run ${row.lastState === "failed" ? "failed" : "was cancelled"}${kept}.`,
    }
  }
  if (!row.isHeld) return { state: "missing", reason: "Its run loaded nothing into this dataset." }
  if (row.newer) return { state: "stale", reason: `${row.newer} was loaded later.` }
  if (row.isOldCode) return { state: "stale", reason: `Loaded by version ${row.version} of the code.` }
  return { state: "fresh", reason: null }
}
