import { acceptedValues, between, checks, extract, notNull, pipeline, rowCount, sql, unique } from "headrace"

export default pipeline(
  {
    id: "chinook",
    description: "A music shop's eleven tables into an invoice star schema",
    owner: "Tests",
    tags: ["test"],
    docs: "Data: Chinook 1.4.5 by Luis Rocha (MIT licence).",
    defaults: { retries: 0, timeout: "5m" },
  },
  ({ task, group }) => {
    const schemas = task("create_schemas", sql({ file: "sql/schemas.sql" }))

    const extraction = group("extraction", () => {
      /** Small tables that say nothing about when a row changed: compared as a whole, deletions included. */
      const copyAll = (table: string, keys: string[], columns: string[]) =>
        task(
          `extract_${table}`,
          extract({
            source: "chinook",
            table: `public.${table}`,
            columns: [...keys, ...columns],
            into: `raw.${table}`,
            keys,
            mode: "full",
            write: "upsert",
            deletes: "mark",
          }),
        )
      /** Tables with `updated_at`: what changed since the last run, and an hour before that. */
      const copyChanges = (table: string, key: string, columns: string[]) =>
        task(
          `extract_${table}`,
          extract({
            source: "chinook",
            table: `public.${table}`,
            columns: [key, ...columns, "updated_at"],
            into: `raw.${table}`,
            keys: [key],
            mode: { incremental: { column: "updated_at", lookback: "1h" } },
            write: "upsert",
          }),
        )
      copyAll("artist", ["artist_id"], ["name"])
      copyAll("genre", ["genre_id"], ["name"])
      copyAll("media_type", ["media_type_id"], ["name"])
      copyAll("album", ["album_id"], ["title", "artist_id"])
      copyAll("playlist", ["playlist_id"], ["name"])
      copyAll("playlist_track", ["playlist_id", "track_id"], [])
      copyAll(
        "employee",
        ["employee_id"],
        [
          ...["last_name", "first_name", "title", "reports_to", "birth_date", "hire_date", "address", "city", "state"],
          ...["country", "postal_code", "phone", "fax", "email"],
        ],
      )
      copyChanges("customer", "customer_id", [
        ...["first_name", "last_name", "company", "address", "city", "state", "country", "postal_code", "phone", "fax"],
        ...["email", "support_rep_id"],
      ])
      copyChanges("track", "track_id", [
        ...["name", "album_id", "media_type_id", "genre_id", "composer", "milliseconds", "bytes", "unit_price"],
      ])
      copyChanges("invoice", "invoice_id", [
        ...["customer_id", "invoice_date", "billing_address", "billing_city", "billing_state", "billing_country"],
        ...["billing_postal_code", "total"],
      ])
      copyChanges("invoice_line", "invoice_line_id", ["invoice_id", "track_id", "unit_price", "quantity"])
    })
    extraction.after(schemas)

    const star = group("star", () => {
      const model = (name: string, reads: string[]) =>
        task(name, sql({ file: `sql/${name}.sql`, reads, writes: `star.${name}` }))
      const dimensions = [
        model("dim_customer", ["raw.customer", "raw.employee"]),
        model("dim_track", [
          ...["raw.track", "raw.album", "raw.artist", "raw.genre", "raw.media_type"],
          ...["raw.playlist", "raw.playlist_track"],
        ]),
        model("dim_date", ["raw.invoice"]),
      ]
      model("fct_invoice_line", ["raw.invoice", "raw.invoice_line"]).after(dimensions)
    })
    star.after(extraction)

    const quality = group("quality_checks", () => {
      task(
        "check_invoice_lines",
        checks({
          table: "star.fct_invoice_line",
          expect: [
            rowCount({ min: 1 }),
            unique("invoice_line_id"),
            ...["invoice_id", "customer_id", "track_id", "date_key"].map((column) => notNull(column)),
            between("quantity", { min: 1 }),
            between("amount", { min: 0 }),
          ],
        }),
      )
      task(
        "check_customers",
        checks({ table: "star.dim_customer", expect: [unique("customer_id"), notNull("email"), notNull("country")] }),
      )
      task(
        "check_tracks",
        checks({
          table: "star.dim_track",
          expect: [unique("track_id"), notNull("artist"), acceptedValues("unit_price", [0.99, 1.99])],
        }),
      )
    })
    quality.after(star)
  },
)
