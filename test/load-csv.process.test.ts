import assert from "node:assert/strict"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { after, before, test } from "node:test"
import pg from "pg"
import { createTestDatabase, type TestDatabase } from "./db.ts"
import { openWorkspace, type WorkspaceRuns } from "./workspace-runs.ts"

/** Enough rows for a file that is not kept with the version. */
const LARGE_ROWS = 40_000

let database: TestDatabase
let warehouse: pg.Pool
let workspace: WorkspaceRuns
let dir: string

before(async () => {
  database = await createTestDatabase()
  warehouse = new pg.Pool({ connectionString: database.warehouseUrl })
  warehouse.on("error", () => {})
  dir = await mkdtemp(path.join(os.tmpdir(), "headrace-csv-run-"))
  await Promise.all([mkdir(path.join(dir, "pipelines")), mkdir(path.join(dir, "data"))])
  await writeFile(path.join(dir, "data/small.csv"), "id,name\n1,one\n2,two\n")
  await writeLarge("first")
  await writeFile(
    path.join(dir, "pipelines/files.ts"),
    `import { loadCsv, pipeline } from "headrace"
export default pipeline({ id: "files" }, ({ task }) => {
  for (const size of ["small", "large"]) {
    const columns = { id: "int", name: "text" }
    task(size, loadCsv({ file: \`data/\${size}.csv\`, into: \`raw.\${size}\`, columns, keys: ["id"] }))
  }
})
`,
  )
  workspace = await openWorkspace(database, dir, {})
})
after(async () => {
  await workspace?.stop()
  await warehouse.end()
  await database.drop()
  await rm(dir, { recursive: true, force: true })
})

function writeLarge(name: string, more = ""): Promise<void> {
  const rows = Array.from({ length: LARGE_ROWS }, (_, id) => `${id},${name}\n`)
  return writeFile(path.join(dir, "data/large.csv"), `id,name\n${rows.join("")}${more}`)
}

async function large(): Promise<unknown> {
  const { rows } = await warehouse.query("select count(*)::int as rows, max(name) as name from raw.large")
  return rows[0]
}

test("a pipeline loads the CSV files of its workspace, large ones as they are when the task runs", async () => {
  const first = await workspace.run("files")
  assert.deepEqual([first.state, first.failures], ["success", {}])
  assert.deepEqual(first.rows["warehouse.raw.small"], { inserted: 2, updated: 0, deleted: 0, rejected: 0 })
  assert.deepEqual(await large(), { rows: LARGE_ROWS, name: "first" })

  await writeLarge("second")
  assert.equal((await workspace.run("files")).state, "success")
  assert.deepEqual(await large(), { rows: LARGE_ROWS, name: "second" })
  const { rows: versions } = await database.pool.query("select version from pipeline_version")
  assert.equal(versions.length, 1)

  await writeLarge("third", "x,broken\n")
  const broken = await workspace.run("files")
  assert.deepEqual([broken.state, broken.tasks], ["failed", { small: "success", large: "failed" }])
  assert.match(broken.failures.large ?? "", new RegExp(`line ${LARGE_ROWS + 2}, column "id"`))
  assert.deepEqual(await large(), { rows: LARGE_ROWS, name: "second" })
})
