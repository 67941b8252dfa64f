-- Who saw or clicked what. Touches never change, so this is their history.
create table staging.stg_campaign_touches__next as
select
  touch_id,
  campaign_id,
  customer_id,
  kind,
  cost,
  touched_at
from (
  select distinct on (touch_id) *
  from raw.campaign_touches
  order by touch_id, _headrace_version desc
) as newest
where not _headrace_deleted;

drop table if exists staging.stg_campaign_touches;
alter table staging.stg_campaign_touches__next rename to stg_campaign_touches;
alter table staging.stg_campaign_touches add constraint stg_campaign_touches_pkey primary key (touch_id);
analyze staging.stg_campaign_touches;
