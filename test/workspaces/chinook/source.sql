-- The music shop's own database, typed as the Chinook project types it, with updated_at where the extraction is
-- incremental. Every row says it changed at one instant long ago; the test moves it on.
create table artist (artist_id integer primary key, name text not null);
create table genre (genre_id integer primary key, name text not null);
create table media_type (media_type_id integer primary key, name text not null);
create table playlist (playlist_id integer primary key, name text not null);

create table album (
  album_id integer primary key,
  title text not null,
  artist_id integer not null references artist
);

create table employee (
  employee_id integer primary key,
  last_name text not null,
  first_name text not null,
  title text,
  reports_to integer references employee,
  birth_date timestamp,
  hire_date timestamp,
  address text,
  city text,
  state text,
  country text,
  postal_code text,
  phone text,
  fax text,
  email text
);

create table customer (
  customer_id integer primary key,
  first_name text not null,
  last_name text not null,
  company text,
  address text,
  city text,
  state text,
  country text,
  postal_code text,
  phone text,
  fax text,
  email text not null,
  support_rep_id integer references employee,
  updated_at timestamptz not null default '2026-01-01T00:00:00Z'
);

create table track (
  track_id integer primary key,
  name text not null,
  album_id integer references album,
  media_type_id integer not null references media_type,
  genre_id integer references genre,
  composer text,
  milliseconds integer not null,
  bytes integer,
  unit_price numeric(10, 2) not null,
  updated_at timestamptz not null default '2026-01-01T00:00:00Z'
);

create table playlist_track (
  playlist_id integer not null references playlist,
  track_id integer not null references track,
  primary key (playlist_id, track_id)
);

create table invoice (
  invoice_id integer primary key,
  customer_id integer not null references customer,
  invoice_date timestamp not null,
  billing_address text,
  billing_city text,
  billing_state text,
  billing_country text,
  billing_postal_code text,
  total numeric(10, 2) not null,
  updated_at timestamptz not null default '2026-01-01T00:00:00Z'
);

create table invoice_line (
  invoice_line_id integer primary key,
  invoice_id integer not null references invoice,
  track_id integer not null references track,
  unit_price numeric(10, 2) not null,
  quantity integer not null,
  updated_at timestamptz not null default '2026-01-01T00:00:00Z'
);
