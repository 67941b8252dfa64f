{{ config(post_hook="{{ headrace_utils.add_primary_key(this, ['customer_hk']) }}") }}

{{ headrace_utils.hub(
  source('shop', 'customers'),
  hash_key='customer_hk',
  key='customer_id',
  loaded_at='_headrace_loaded_at',
  source='shop.customers',
) }}
