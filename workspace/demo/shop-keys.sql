-- Keys and indexes, made after the rows are in: one sort each instead of a look-up for every row.
alter table public.customers add primary key (customer_id);
alter table public.products add primary key (product_id), add unique (sku);
alter table public.campaigns add primary key (campaign_id);
alter table public.campaign_touches
  add primary key (touch_id),
  add foreign key (campaign_id) references public.campaigns,
  add foreign key (customer_id) references public.customers on delete cascade;
alter table public.orders
  add primary key (order_id),
  -- An erased customer's orders stay in the books without a name.
  add foreign key (customer_id) references public.customers on delete set null;
alter table public.order_items
  add primary key (order_item_id),
  add foreign key (order_id) references public.orders on delete cascade,
  add foreign key (product_id) references public.products;

-- Extraction reads "changed since": each table by updated_at.
create index on public.customers (updated_at);
create index on public.products (updated_at);
create index on public.campaigns (updated_at);
create index on public.campaign_touches (updated_at);
create index on public.orders (updated_at);
create index on public.order_items (updated_at);

create index on public.campaign_touches (customer_id, touched_at);
create index on public.orders (customer_id);
-- data_backfill reads by the day on which an order was placed.
create index on public.orders (placed_at);
-- The mover looks for orders that are still under way: few among many.
create index on public.orders (status) where status in ('placed', 'paid', 'shipped');
create index on public.order_items (order_id);
