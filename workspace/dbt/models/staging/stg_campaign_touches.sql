{{ config(indexes=[{'columns': ['touch_id'], 'unique': true}]) }}

select
  touch_id,
  campaign_id,
  customer_id,
  kind,
  cost,
  touched_at
from {{ newest_version(source('shop', 'campaign_touches'), 'touch_id') }} as newest
