import assert from "node:assert/strict"
import { before, describe, it } from "node:test"
import { DbtWarehouse } from "#test/dbt-warehouse.ts"

const warehouse = DbtWarehouse.use()
const ROLE = `reader_${process.pid}`
const OTHER = `Other-${process.pid}`

describe("grants", () => {
  before(async () => {
    await warehouse.pool.query(`create role ${ROLE}; create role "${OTHER}"`)
  })

  const RIGHTS =
    "select string_agg(grantee || ' ' || lower(privilege_type), ', ' order by grantee collate \"C\" desc, privilege_type) from information_schema.role_table_grants where table_schema = current_schema() and grantee <> current_user"
  const model = (materialized: string, grants: string) => ({
    "models/m.sql": `{{ config(materialized='${materialized}', grants=${grants}) }} select 1 as id`,
  })

  for (const materialized of ["view", "table", "incremental"]) {
    it(`are those of the config, on a ${materialized} that is new and one that is there`, async () => {
      const project = await warehouse.project(
        model(materialized, `{'select': ['${ROLE}', '${OTHER}'], 'insert': '${ROLE}'}`),
      )
      for (let run = 0; run < 2; run++) {
        await project.run()
        assert.equal(await project.value(RIGHTS), `${ROLE} insert, ${ROLE} select, ${OTHER} select`)
      }
      project.write(model(materialized, `{'select': '${ROLE}'}`))
      await project.run()
      assert.equal(await project.value(RIGHTS), `${ROLE} select`)
      project.write(model(materialized, "{'select': []}"))
      await project.run()
      assert.equal(await project.value(RIGHTS), "null")
    })
  }

  it("work on materialized views, seeds and snapshots, and for public", async () => {
    const project = await warehouse.project({
      "dbt_project.yml": `name: shop\nversion: '1.0'\nprofile: shop\nseeds:\n  +grants: {select: [public]}\nsnapshots:\n  +grants: {select: ${ROLE}}\n`,
      "models/mv.sql": `{{ config(materialized='materialized_view', grants={'select': 'public'}) }} select 1 as id`,
      "seeds/s.csv": "id\n1\n",
      "snapshots/h.sql":
        "{% snapshot h %}{{ config(strategy='check', check_cols='all', unique_key='id') }} select 1 as id{% endsnapshot %}",
    })
    for (let run = 0; run < 2; run++) await project.run("build")
    assert.equal(await project.value("select has_table_privilege('public', 'mv', 'select')"), "t")
    assert.equal(await project.value("select has_table_privilege('public', 's', 'select')"), "t")
    assert.equal(await project.value(`select has_table_privilege('${ROLE}', 'h', 'select')`), "t")
    project.write({
      "models/mv.sql": "{{ config(materialized='materialized_view', grants={'select': []}) }} select 1 as id",
    })
    await project.run("build")
    assert.equal(await project.value("select has_table_privilege('public', 'mv', 'select')"), "f")
  })

  it("to a role that is not there leave the relation as it was", async () => {
    const project = await warehouse.project({ "models/m.sql": "{{ config(materialized='table') }} select 1 as id" })
    await project.run()
    project.write({
      "models/m.sql": "{{ config(materialized='table', grants={'select': 'nobody_here'}) }} select 2 as id",
    })
    const { message } = (await project.attempt("run")).of("m")
    assert.match(message!, /role "nobody_here" does not exist/)
    assert.deepEqual(await project.rows("select * from m"), ["1"])
  })
})

describe("persist_docs", () => {
  const COMMENTS =
    "select coalesce(obj_description('m'::regclass), '-'), coalesce(col_description('m'::regclass, 1), '-'), coalesce(col_description('m'::regclass, 2), '-')"
  const project = (materialized: string, persist: string) =>
    warehouse.project({
      "models/m.sql": `{{ config(materialized='${materialized}', persist_docs=${persist}) }} select 1 as id, 2 as "Other", 3 as bare`,
      "models/m.yml": `
models:
  - name: m
    description: "It's a \\\\ table; -- $$ {{ doc('more') }}"
    columns:
      - {name: ID, description: the key}
      - {name: Other, description: "another 'one'", quote: true}
      - {name: gone, description: not there}
`,
      "models/docs.md": "{% docs more %}and more{% enddocs %}",
    })

  for (const materialized of ["view", "table", "incremental", "materialized_view"]) {
    it(`writes comments on a ${materialized} and its columns`, async () => {
      const built = await project(materialized, "{'relation': true, 'columns': true}")
      for (let run = 0; run < 2; run++) {
        await built.run()
        assert.deepEqual(await built.rows(COMMENTS), ["It's a \\ table; -- $$ and more|the key|another 'one'"])
      }
    })
  }

  for (const [what, said] of [
    ["relation", "It's a \\ table; -- $$ and more|-|-"],
    ["columns", "-|the key|another 'one'"],
  ]) {
    it(`writes only those of the ${what} where that is asked for`, async () => {
      const built = await project("table", `{'${what}': true}`)
      await built.run()
      assert.deepEqual(await built.rows(COMMENTS), [said])
    })
  }
})
