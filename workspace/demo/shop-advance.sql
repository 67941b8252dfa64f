-- demo.advance(day): lets the shop live up to and including a day, and answers the days that this call moved.
-- Days run one after the other and once each, whichever order the calls come in, so the shop after a day depends on
-- its plan and the day alone; a call for a day that has passed does nothing. Everything happens in the caller's
-- transaction under one lock. The seed is the shop's own unless another is given.
create function demo.advance(p_day date, p_seed integer default null)
returns table (day date, changes jsonb)
language plpgsql
as $$
declare
  filled demo.fill;
  first_day date;
begin
  perform pg_advisory_xact_lock(1936224112);
  select * into strict filled from demo.fill;
  select coalesce(max(moved_day.day), filled.until) + 1 into first_day from demo.moved_day;
  if p_day - first_day >= 400 then
    raise exception 'The shop stands at %: % is more than 400 days ahead. Move it in smaller steps.', first_day - 1, p_day;
  end if;
  for day in select first_day + step from generate_series(0, p_day - first_day) as step loop
    changes := demo.move_day(filled, day, coalesce(p_seed, filled.seed));
    insert into demo.moved_day (day, changes) values (advance.day, advance.changes);
    return next;
  end loop;
end
$$;

-- One day in the shop; the order of the steps is part of the result. Answers rows by kind of change.
create function demo.move_day(p_filled demo.fill, p_day date, p_seed integer)
returns jsonb
language plpgsql
as $$
declare
  counts jsonb;
begin
  counts := jsonb_build_object(
    'orders_moved_on', demo.move_orders_on(p_day, p_seed),
    'items_removed', demo.remove_cancelled_items(p_day),
    'prices_changed', demo.change_prices(p_day, p_seed)
  );
  counts := counts || demo.place_orders(p_filled, p_day, p_seed);
  return counts || jsonb_build_object(
    'campaigns_started', demo.start_campaign(p_filled, p_day, p_seed),
    'touches', demo.touch_customers(p_filled, p_day, p_seed),
    'customers_joined', demo.join_customers(p_filled, p_day, p_seed),
    'segments_changed', demo.change_segments(p_day, p_seed),
    'customers_erased', demo.erase_customer(p_day, p_seed)
  );
end
$$;

-- Earlier orders go on: placed → paid → shipped → delivered; some are cancelled on the way, a few come back.
create function demo.move_orders_on(p_day date, p_seed integer)
returns bigint
language sql
as $$
  with under_way as (
    select order_id, status, demo.random(p_seed, p_day, 'status', order_id) as chance
    from public.orders
    where status in ('placed', 'paid', 'shipped')
    union all
    select order_id, status, demo.random(p_seed, p_day, 'return', order_id)
    from public.orders
    where status = 'delivered' and updated_at >= (p_day - 14)::timestamp at time zone 'UTC'
  ), decided as (
    select
      order_id,
      status,
      case
        when status = 'placed' and chance < 0.05 then 'cancelled'
        when status = 'placed' and chance < 0.97 then 'paid'
        when status = 'paid' and chance < 0.02 then 'cancelled'
        when status = 'paid' and chance < 0.80 then 'shipped'
        when status = 'shipped' and chance < 0.45 then 'delivered'
        when status = 'delivered' and chance < 0.004 then 'returned'
        else status
      end as next_status
    from under_way
  ), moved as (
    update public.orders
    set status = decided.next_status, updated_at = demo.moment(p_seed, p_day, 'status at', orders.order_id)
    from decided
    where orders.order_id = decided.order_id and decided.next_status <> decided.status
    returning 1
  )
  select count(*) from moved
$$;

-- The lines of an order that was cancelled today vanish without a trace: only a full comparison can see that.
create function demo.remove_cancelled_items(p_day date)
returns bigint
language sql
as $$
  with removed as (
    delete from public.order_items
    using public.orders
    where orders.order_id = order_items.order_id
      and orders.status = 'cancelled'
      and orders.updated_at >= p_day::timestamp at time zone 'UTC'
    returning 1
  )
  select count(*) from removed
$$;

-- One product in a hundred costs up to a tenth more or less.
create function demo.change_prices(p_day date, p_seed integer)
returns bigint
language sql
as $$
  with changed as (
    update public.products
    set
      price = round(price * (0.9 + 0.2 * demo.random(p_seed, p_day, 'price', product_id))::numeric(5, 4), 2),
      updated_at = demo.moment(p_seed, p_day, 'price at', product_id)
    where demo.random(p_seed, p_day, 'price changes', product_id) < 0.01
    returning 1
  )
  select count(*) from changed
$$;

-- Today's orders, and the late ones: placed and last updated in yesterday's last hours, but committed only now, as
-- when a shop's branch was offline. They lie below yesterday's watermark; a lookback of six hours finds them.
-- Two lines in a thousand carry a negative price.
create function demo.place_orders(p_filled demo.fill, p_day date, p_seed integer)
returns jsonb
language sql
as $$
  with volume as (
    select
      round(
        p_filled.orders_per_day
        * (array[1.25, 1.05, 0.9, 0.88, 0.92, 1, 1.15])[1 + extract(dow from p_day)::integer]
        * (0.9 + 0.2 * demo.random(p_seed, p_day, 'volume', 0))
      )::integer as orders,
      greatest(3, p_filled.orders_per_day / 50) as late_orders,
      (select coalesce(max(order_id), 0) from public.orders) as last_order,
      (select coalesce(max(order_item_id), 0) from public.order_items) as last_item,
      (select max(customer_id) from public.customers) as last_customer,
      (select max(product_id) from public.products where is_active) as last_product
  ), numbered as (
    select
      number,
      number > volume.orders as is_late,
      case
        when number > volume.orders
          then p_day::timestamp at time zone 'UTC'
            - interval '1 second' * (1 + floor(16200 * demo.random(p_seed, p_day, 'late', number)))
        else demo.moment(p_seed, p_day, 'order', number)
      end as placed_at,
      volume.last_order,
      1 + floor(volume.last_customer * demo.random(p_seed, p_day, 'customer', number))::bigint as customer_from,
      demo.random(p_seed, p_day, 'channel', number) as channel_chance
    from volume
    cross join generate_series(1, volume.orders + volume.late_orders) as number
  ), placed as materialized (
    select
      numbered.last_order + row_number() over (order by numbered.placed_at, numbered.number) as order_id,
      numbered.number,
      numbered.is_late,
      numbered.placed_at,
      customer.customer_id,
      customer.country,
      case when channel_chance < 0.6 then 'web' when channel_chance < 0.92 then 'app' else 'marketplace' end as channel
    from numbered
    cross join lateral (
      select customer_id, country
      from public.customers
      where customer_id >= numbered.customer_from
      order by customer_id
      limit 1
    ) as customer
  ), lines as materialized (
    select
      volume.last_item + row_number() over (order by placed.order_id, line) as order_item_id,
      placed.order_id,
      placed.placed_at,
      product.product_id,
      product.price,
      case when demo.random(p_seed, p_day, 'quantity', placed.number * 10 + line) < 0.8 then 1 else 2 end as quantity,
      case when demo.random(p_seed, p_day, 'discount', placed.number * 10 + line) < 0.85 then 0.00 else 0.10 end as discount,
      demo.random(p_seed, p_day, 'bad price', placed.number * 10 + line) < 0.002 as is_bad
    from volume
    cross join placed
    cross join lateral generate_series(1, 1 + floor(5 * demo.random(p_seed, p_day, 'lines', placed.number) ^ 2)::integer) as line
    cross join lateral (
      select product_id, price
      from public.products
      where is_active
        and product_id >= 1 + floor(
          volume.last_product * demo.random(p_seed, p_day, 'product', placed.number * 10 + line) ^ 2
        )::bigint
      order by product_id
      limit 1
    ) as product
  ), goods as (
    select order_id, sum(round(price * quantity * (1 - discount), 2)) as amount
    from lines
    group by order_id
  ), new_orders as (
    insert into public.orders (
      order_id, customer_id, status, channel, shipping_country, shipping_amount, total_amount,
      placed_at, created_at, updated_at
    )
    select
      placed.order_id, placed.customer_id, 'placed', placed.channel, placed.country, shipping.amount,
      goods.amount + shipping.amount, placed.placed_at, placed.placed_at, placed.placed_at
    from placed
    join goods using (order_id)
    cross join lateral (select case when goods.amount >= 50 then 0 else 4.90 end as amount) as shipping
    returning 1
  ), new_items as (
    insert into public.order_items (
      order_item_id, order_id, product_id, quantity, unit_price, discount, created_at, updated_at
    )
    select
      order_item_id, order_id, product_id, quantity, case when is_bad then -price else price end, discount,
      placed_at, placed_at
    from lines
    returning 1
  )
  select jsonb_build_object(
    'orders_placed', (select count(*) from placed where not is_late),
    'orders_late', (select count(*) from placed where is_late),
    'items_placed', (select count(*) from new_items),
    'items_bad', (select count(*) from lines where is_bad)
  )
$$;

-- A new campaign when none has started for a week.
create function demo.start_campaign(p_filled demo.fill, p_day date, p_seed integer)
returns bigint
language sql
as $$
  with started as (
    insert into public.campaigns (campaign_id, name, channel, starts_on, ends_on, budget, created_at, updated_at)
    select
      last.campaign_id + 1,
      format('%s %s %s #%s', initcap(to_char(p_day, 'FMmonth')), channel.name, to_char(p_day, 'YYYY-MM'), last.campaign_id + 1),
      channel.name,
      p_day,
      p_day + 13,
      ceil(p_filled.orders_per_day * 56 / 100.0) * 100,
      p_day::timestamp at time zone 'UTC',
      p_day::timestamp at time zone 'UTC'
    from (select coalesce(max(campaign_id), 0) as campaign_id, max(starts_on) as starts_on from public.campaigns) as last
    cross join lateral (
      select (array['email', 'search', 'social', 'display', 'affiliate'])
        [1 + floor(5 * demo.random(p_seed, p_day, 'campaign', 0))::integer] as name
    ) as channel
    where last.starts_on is null or last.starts_on <= p_day - 7
    returning 1
  )
  select count(*) from started
$$;

-- Two touches for each usual order of the day, spread over the campaigns that run.
create function demo.touch_customers(p_filled demo.fill, p_day date, p_seed integer)
returns bigint
language sql
as $$
  with active as (
    select campaign_id, row_number() over (order by campaign_id) - 1 as position, count(*) over () as campaigns
    from public.campaigns
    where p_day between starts_on and ends_on
  ), touched as (
    select
      number,
      demo.moment(p_seed, p_day, 'touch', number) as touched_at,
      demo.random(p_seed, p_day, 'click', number) as chance
    from generate_series(1, p_filled.orders_per_day * 2) as number
  ), inserted as (
    insert into public.campaign_touches (
      touch_id, campaign_id, customer_id, kind, cost, touched_at, created_at, updated_at
    )
    select
      (select coalesce(max(touch_id), 0) from public.campaign_touches)
        + row_number() over (order by touched.touched_at, touched.number),
      active.campaign_id,
      customer.customer_id,
      case when touched.chance < 0.3 then 'click' else 'impression' end,
      case when touched.chance < 0.3 then round((2 + touched.chance * 20)::numeric, 4) else 0.0200 end,
      touched.touched_at, touched.touched_at, touched.touched_at
    from touched
    join active
      on active.position = floor(active.campaigns * demo.random(p_seed, p_day, 'touched by', touched.number))::bigint
    cross join lateral (
      select customer_id
      from public.customers
      where customer_id >= 1 + floor(
        (select max(customer_id) from public.customers) * demo.random(p_seed, p_day, 'touched', touched.number)
      )::bigint
      order by customer_id
      limit 1
    ) as customer
    returning 1
  )
  select count(*) from inserted
$$;

-- New customers are named and housed after three earlier ones. One in twenty has a broken e-mail, one no country.
create function demo.join_customers(p_filled demo.fill, p_day date, p_seed integer)
returns bigint
language sql
as $$
  with joining as (
    select
      number,
      last.customer_id + number as customer_id,
      demo.moment(p_seed, p_day, 'joined', number) as joined_at,
      last.customer_id as last_customer
    from (select max(customer_id) as customer_id from public.customers) as last
    cross join generate_series(1, greatest(1, p_filled.customers / 400)) as number
  ), joined as (
    insert into public.customers (
      customer_id, email, first_name, last_name, country, city, segment, is_subscribed, created_at, updated_at
    )
    select
      joining.customer_id,
      format(
        'customer.%s%sexample.com',
        joining.customer_id,
        case when demo.random(p_seed, p_day, 'bad e-mail', joining.number) < 0.05 then ' at ' else '@' end
      ),
      first.first_name,
      last.last_name,
      case when demo.random(p_seed, p_day, 'no country', joining.number) < 0.05 then null else place.country end,
      place.city,
      'new',
      demo.random(p_seed, p_day, 'subscribed', joining.number) < 0.6,
      joining.joined_at,
      joining.joined_at
    from joining
    cross join lateral (
      select first_name from public.customers
      where customer_id >= 1 + floor(joining.last_customer * demo.random(p_seed, p_day, 'first', joining.number))::bigint
      order by customer_id limit 1
    ) as first
    cross join lateral (
      select last_name from public.customers
      where customer_id >= 1 + floor(joining.last_customer * demo.random(p_seed, p_day, 'last', joining.number))::bigint
      order by customer_id limit 1
    ) as last
    cross join lateral (
      select country, city from public.customers
      where customer_id >= 1 + floor(joining.last_customer * demo.random(p_seed, p_day, 'place', joining.number))::bigint
      order by customer_id limit 1
    ) as place
    returning 1
  )
  select count(*) from joined
$$;

-- Four customers in a thousand change their segment.
create function demo.change_segments(p_day date, p_seed integer)
returns bigint
language sql
as $$
  with changed as (
    update public.customers
    set
      segment = case
        when segment <> 'regular' then 'regular'
        when demo.random(p_seed, p_day, 'segment', customer_id) < 0.4 then 'vip'
        else 'dormant'
      end,
      updated_at = demo.moment(p_seed, p_day, 'segment at', customer_id)
    where demo.random(p_seed, p_day, 'segment changes', customer_id) < 0.004
      and updated_at < p_day::timestamp at time zone 'UTC'
    returning 1
  )
  select count(*) from changed
$$;

-- Every third day one customer asks to be forgotten: the row and its touches go, the orders stay without a name.
create function demo.erase_customer(p_day date, p_seed integer)
returns bigint
language sql
as $$
  with erased as (
    select customer_id
    from public.customers
    where (p_day - date '2000-01-01') % 3 = 0
      and customer_id >= 1 + floor(
        (select max(customer_id) from public.customers) * demo.random(p_seed, p_day, 'erased', 0)
      )::bigint
    order by customer_id
    limit 1
  ), renamed as (
    update public.orders
    set customer_id = null, updated_at = greatest(updated_at, demo.moment(p_seed, p_day, 'erased at', orders.order_id))
    where customer_id = (select customer_id from erased)
    returning 1
  ), gone as (
    delete from public.customers
    where customer_id = (select customer_id from erased)
    returning 1
  )
  select count(*) from gone
$$;
