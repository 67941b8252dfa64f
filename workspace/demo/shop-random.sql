-- demo.random(seed, day, what, number): a number in [0, 1), the same for the same arguments on every server.
-- Taken from MD5, which is defined by its standard; hashtext and friends may change with the server's version, and
-- random() with setseed() depends on the order in which a plan happens to visit the rows. 52 bits fill a double.
create function demo.random(seed integer, day date, what text, number bigint)
returns double precision
language sql immutable parallel safe
return ('x' || substr(md5(seed || ':' || (day - date '2000-01-01') || ':' || what || ':' || number), 1, 13))::bit(52)::bigint
  / 4503599627370496.0::double precision;

-- An instant of the day, towards its evening.
create function demo.moment(seed integer, day date, what text, number bigint)
returns timestamptz
language sql immutable parallel safe
return day::timestamp at time zone 'UTC'
  + interval '1 second' * floor(86399 * sqrt(demo.random(seed, day, what, number)));
