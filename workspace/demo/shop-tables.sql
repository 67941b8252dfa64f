-- The shop's operational database, as its own developers would have made it: no warehouse in sight.
-- Amounts are euros. Nothing here forbids a negative price, a broken e-mail or a missing country: real shops let
-- such rows in, and the checks of daily_etl are to find them. Ids are given by the program that fills and moves the
-- shop, not by sequences, whose numbers would depend on how often a transaction was rolled back.
create table public.customers (
  customer_id bigint not null,
  email text not null,
  first_name text not null,
  last_name text not null,
  country text,
  city text,
  segment text not null check (segment in ('new', 'regular', 'vip', 'dormant')),
  is_subscribed boolean not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table public.products (
  product_id bigint not null,
  sku text not null,
  name text not null,
  category text not null,
  price numeric(10, 2) not null,
  cost numeric(10, 2) not null,
  is_active boolean not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table public.campaigns (
  campaign_id bigint not null,
  name text not null,
  channel text not null check (channel in ('email', 'search', 'social', 'display', 'affiliate')),
  starts_on date not null,
  ends_on date not null,
  budget numeric(12, 2) not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table public.campaign_touches (
  touch_id bigint not null,
  campaign_id bigint not null,
  customer_id bigint not null,
  kind text not null check (kind in ('impression', 'click')),
  cost numeric(10, 4) not null,
  touched_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table public.orders (
  order_id bigint not null,
  customer_id bigint,
  status text not null check (status in ('placed', 'paid', 'shipped', 'delivered', 'cancelled', 'returned')),
  channel text not null check (channel in ('web', 'app', 'marketplace')),
  shipping_country text,
  shipping_amount numeric(10, 2) not null,
  total_amount numeric(12, 2) not null,
  placed_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table public.order_items (
  order_item_id bigint not null,
  order_id bigint not null,
  product_id bigint not null,
  quantity integer not null,
  unit_price numeric(10, 2) not null,
  discount numeric(4, 2) not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

-- What the demo remembers of its own doing, apart from the shop's tables.
create schema demo;

create table demo.fill (
  is_only boolean primary key default true check (is_only),
  seed integer not null,
  customers integer not null,
  products integer not null,
  days integer not null,
  orders_per_day integer not null,
  until date not null,
  filled_at timestamptz not null default now()
);

create table demo.moved_day (
  day date primary key,
  changes jsonb not null,
  moved_at timestamptz not null default now()
);
