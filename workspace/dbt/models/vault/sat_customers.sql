{{ config(post_hook="{{ headrace_utils.add_primary_key(this, ['customer_hk', 'load_version']) }}") }}

{{ headrace_utils.satellite(
  source('shop', 'customers'),
  hash_key='customer_hk',
  key='customer_id',
  attributes=['email', 'first_name', 'last_name', 'country', 'city', 'segment', 'is_subscribed', '_headrace_deleted'],
  version='_headrace_version',
  loaded_at='_headrace_loaded_at',
  source='shop.customers',
) }}
