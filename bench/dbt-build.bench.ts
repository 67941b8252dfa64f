import { spawn } from "node:child_process"
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import pg from "pg"
import { createTestDatabase } from "#test/db.ts"
import { generateDbtProject } from "./generate-dbt-project.ts"
import type { Row } from "./harness.ts"
import { quantile } from "./quantile.ts"

const MODELS = 200
const THREADS = 4
const ROUNDS = 5
const PROGRAM = path.resolve(import.meta.dirname, "../cli/headrace.mjs")
const JAFFLE_SHOP = process.env.HEADRACE_BENCH_JAFFLE_SHOP

/**
 * Builds of dbt projects as a person starts them: a process, from its start to its end. With HEADRACE_BENCH_DBT, the path of
 * dbt's own program, the same project is built by that, too, with as many threads; with HEADRACE_BENCH_JAFFLE_SHOP, the folder
 * of that project is built besides.
 */
export default {
  name: "dbt build",
  async run(): Promise<Row[]> {
    const database = await createTestDatabase()
    const folder = mkdtempSync(path.join(os.tmpdir(), "headrace-bench-dbt-"))
    try {
      await fillSource(database.warehouseUrl)
      generateDbtProject(folder, MODELS)
      writeFileSync(path.join(folder, "profiles.yml"), profile(database.warehouseUrl, ["generated", "jaffle_shop"]))
      const rows = await measure(`run of ${MODELS} models, ${THREADS} threads`, folder, "run")
      if (JAFFLE_SHOP && existsSync(JAFFLE_SHOP)) {
        const copy = path.join(folder, "jaffle_shop")
        cpSync(JAFFLE_SHOP, copy, { recursive: true })
        writeFileSync(path.join(copy, "profiles.yml"), profile(database.warehouseUrl, ["jaffle_shop"]))
        rows.push(...(await measure("build of jaffle_shop", copy, "build")))
      }
      return rows
    } finally {
      rmSync(folder, { recursive: true, force: true })
      await database.drop()
    }
  },
}

async function measure(name: string, folder: string, command: string): Promise<Row[]> {
  const ours = { program: process.execPath, args: [PROGRAM, "dbt", command] }
  const peer = process.env.HEADRACE_BENCH_DBT
  const programs = peer ? [ours, { program: peer, args: [command] }] : [ours]
  const [own, theirs] = await seconds(programs, folder)
  if (theirs === undefined) return [{ name, value: own!, unit: "s" }]
  return [
    { name, value: own!, unit: "s", ratio: own! / theirs, of: "dbt-core" },
    { name: `${name}, by dbt-core`, value: theirs, unit: "s" },
  ]
}

/**
 * The median of some rounds for each program, after one that warms up. They take turns, as a machine that others use is not
 * as fast at all times.
 */
async function seconds(programs: readonly { program: string; args: readonly string[] }[], cwd: string) {
  const times = programs.map((): number[] => [])
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [place, { program, args }] of programs.entries()) {
      const begin = performance.now()
      await run(program, args, cwd)
      if (round > 0) times[place]!.push((performance.now() - begin) / 1_000)
    }
  }
  return times.map((each) => quantile(each, 0.5))
}

function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  const env = { ...process.env, DBT_PROFILES_DIR: cwd, DBT_SEND_ANONYMOUS_USAGE_STATS: "false" }
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] })
  let said = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text: Buffer) => {
      said = (said + text.toString()).slice(-5_000)
    })
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}: ${said}`))))
  })
}

async function fillSource(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(
    `create schema raw;
     create table raw.events as
     select g as id, g * 100 as amount, timestamptz '2026-01-01' + g * interval '1 minute' as created_at
     from generate_series(1, 1000) g`,
  )
  await client.end()
}

function profile(url: string, names: readonly string[]): string {
  const { hostname, port, username, password, pathname } = new URL(url)
  const output = [
    "      type: postgres",
    `      host: ${hostname}`,
    `      port: ${port}`,
    `      user: ${username}`,
    `      password: ${JSON.stringify(decodeURIComponent(password))}`,
    `      dbname: ${pathname.slice(1)}`,
    "      schema: bench",
    `      threads: ${THREADS}`,
  ]
  return names.map((name) => [`${name}:`, "  target: dev", "  outputs:", "    dev:", ...output].join("\n")).join("\n")
}
