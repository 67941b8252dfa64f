-- One row an invoice line, with the keys of its dimensions.
create table if not exists star.fct_invoice_line (
  invoice_line_id integer primary key,
  invoice_id integer not null,
  customer_id integer not null references star.dim_customer,
  track_id integer not null references star.dim_track,
  date_key integer not null references star.dim_date,
  billing_country text,
  quantity integer not null,
  unit_price numeric(10, 2) not null,
  amount numeric(12, 2) not null
);

merge into star.fct_invoice_line as target
using (
  select
    line.invoice_line_id,
    line.invoice_id,
    invoice.customer_id,
    line.track_id,
    to_char(invoice.invoice_date, 'YYYYMMDD')::integer as date_key,
    invoice.billing_country,
    line.quantity,
    line.unit_price,
    (line.quantity * line.unit_price)::numeric(12, 2) as amount
  from raw.invoice_line as line
  join raw.invoice using (invoice_id)
) as source
on target.invoice_line_id = source.invoice_line_id
when matched and target is distinct from source then
  update set
    invoice_id = source.invoice_id,
    customer_id = source.customer_id,
    track_id = source.track_id,
    date_key = source.date_key,
    billing_country = source.billing_country,
    quantity = source.quantity,
    unit_price = source.unit_price,
    amount = source.amount
when not matched then
  insert (
    invoice_line_id, invoice_id, customer_id, track_id, date_key, billing_country, quantity, unit_price, amount
  )
  values (
    source.invoice_line_id, source.invoice_id, source.customer_id, source.track_id, source.date_key,
    source.billing_country, source.quantity, source.unit_price, source.amount
  )
when not matched by source then
  delete;
