{{ config(post_hook="{{ headrace_utils.add_primary_key(this, ['order_customer_hk']) }}") }}

{{ headrace_utils.link(
  source('shop', 'orders'),
  hash_key='order_customer_hk',
  hubs={'order_hk': 'order_id', 'customer_hk': 'customer_id'},
  loaded_at='_headrace_loaded_at',
  source='shop.orders',
) }}
