-- What datasets are documented as, what reads what, and which columns flow into which. Not breaking.

-- What a project says of a dataset. Never changed: equal text, equal row, so a version that changes one model of a
-- thousand adds one row.
create table dataset_document (
  id bigserial not null,
  dataset_id text not null,
  hash text not null,
  document jsonb not null,
  created_at timestamptz(3) not null default current_timestamp,
  constraint dataset_document_pkey primary key (id),
  constraint dataset_document_dataset_id_fkey foreign key (dataset_id) references dataset (id) on delete cascade on update cascade
);
create unique index dataset_document_dataset_id_hash_key on dataset_document (dataset_id, hash);

-- Column lineage of a query that made a dataset. Never changed, and shared by all queries of the same lineage: those of
-- an incremental model, say, which name another day in each run.
create table dataset_lineage (
  id bigserial not null,
  dataset_id text not null,
  hash text not null,
  lineage jsonb not null,
  -- Ids of the datasets that the query reads; none of them need be known.
  reads text[] not null,
  created_at timestamptz(3) not null default current_timestamp,
  constraint dataset_lineage_pkey primary key (id),
  constraint dataset_lineage_dataset_id_fkey foreign key (dataset_id) references dataset (id) on delete cascade on update cascade
);
create unique index dataset_lineage_dataset_id_hash_key on dataset_lineage (dataset_id, hash);

-- A dataset in a version of a pipeline: its document since the version was saved, and what its newest run compiled.
create table dataset_version (
  version_id bigint not null,
  dataset_id text not null,
  document_id bigint,
  lineage_id bigint,
  compiled_sql text,
  -- Why the query's lineage is not known.
  problem text,
  run_id bigint,
  compiled_at timestamptz(3),
  constraint dataset_version_pkey primary key (version_id, dataset_id),
  constraint dataset_version_version_id_fkey foreign key (version_id) references pipeline_version (id) on delete cascade on update cascade,
  constraint dataset_version_dataset_id_fkey foreign key (dataset_id) references dataset (id) on delete cascade on update cascade,
  constraint dataset_version_document_id_fkey foreign key (document_id) references dataset_document (id) on delete set null on update cascade,
  constraint dataset_version_lineage_id_fkey foreign key (lineage_id) references dataset_lineage (id) on delete set null on update cascade,
  constraint dataset_version_compiled check ((compiled_sql is null) = (compiled_at is null))
);
-- What a dataset was last compiled to, whatever the version.
create index dataset_version_dataset_id_compiled_at_idx on dataset_version (dataset_id, compiled_at desc);
create index dataset_version_document_id_idx on dataset_version (document_id);
create index dataset_version_lineage_id_idx on dataset_version (lineage_id);

-- What holds now. Set null rather than cascade: without its document a dataset is still there.
alter table dataset
  add column document_id bigint references dataset_document (id) on delete set null on update cascade,
  add column lineage_id bigint references dataset_lineage (id) on delete set null on update cascade;

-- What tasks of current versions say they read and write.
create table dataset_edge (
  pipeline_id text not null,
  task_id text not null,
  reads text not null,
  writes text not null,
  constraint dataset_edge_pkey primary key (pipeline_id, task_id, reads, writes),
  constraint dataset_edge_pipeline_id_fkey foreign key (pipeline_id) references pipeline (id) on delete cascade on update cascade
);
create index dataset_edge_reads_idx on dataset_edge (reads);
create index dataset_edge_writes_idx on dataset_edge (writes);

-- Of pipelines that are there already; others get theirs when they are saved.
insert into dataset_edge (pipeline_id, task_id, reads, writes)
select distinct p.id, task ->> 'id', r, w
from pipeline p
join pipeline_version v on v.pipeline_id = p.id and v.version = p.current_version
cross join lateral jsonb_array_elements(v.manifest -> 'tasks') task
cross join lateral jsonb_array_elements_text(task -> 'reads') r
cross join lateral jsonb_array_elements_text(task -> 'writes') w
where r <> w;
