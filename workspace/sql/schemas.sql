-- Schemas of the warehouse, made before several tasks at once would try to.
create schema if not exists raw;
create schema if not exists staging;
create schema if not exists intermediate;
create schema if not exists reference;
create schema if not exists snapshots;
create schema if not exists vault;
create schema if not exists marts;
