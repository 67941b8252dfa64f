{{ config(indexes=[{'columns': ['campaign_id'], 'unique': true}]) }}

select
  campaign_id,
  name,
  channel,
  starts_on,
  ends_on,
  budget
from {{ newest_version(source('shop', 'campaigns'), 'campaign_id') }} as newest
