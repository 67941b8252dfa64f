-- Campaigns as they are now.
create table staging.stg_campaigns__next as
select
  campaign_id,
  name,
  channel,
  starts_on,
  ends_on,
  budget
from (
  select distinct on (campaign_id) *
  from raw.campaigns
  order by campaign_id, _headrace_version desc
) as newest
where not _headrace_deleted;

drop table if exists staging.stg_campaigns;
alter table staging.stg_campaigns__next rename to stg_campaigns;
alter table staging.stg_campaigns add constraint stg_campaigns_pkey primary key (campaign_id);
analyze staging.stg_campaigns;
