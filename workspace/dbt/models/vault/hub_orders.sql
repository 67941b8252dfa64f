{{ config(post_hook="{{ headrace_utils.add_primary_key(this, ['order_hk']) }}") }}

{{ headrace_utils.hub(
  source('shop', 'orders'),
  hash_key='order_hk',
  key='order_id',
  loaded_at='_headrace_loaded_at',
  source='shop.orders',
) }}
