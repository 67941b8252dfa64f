import assert from "node:assert/strict"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { after, before } from "node:test"
import pg from "pg"
import { COMMAND_RESOURCES, selectForCommand } from "#lib/models/command/select-for-command.ts"
import { type ParseOptions, parseProject } from "#lib/models/project/parse-project.ts"
import { type Command, type NodeResult, type RunOptions, runProject } from "#lib/models/run/run-project.ts"
import { ThreadPool } from "#lib/models/run/thread-pool.ts"
import { createTestDatabase, type TestDatabase } from "./db.ts"
import { TARGET, writeProject } from "./dbt-project.ts"

/** A value of `undefined` removes the file. */
export type ProjectFiles = Readonly<Record<string, string | undefined>>

export interface DbtRunOptions
  extends Pick<RunOptions, "isFailFast" | "limit" | "signal" | "listener" | "eventTime" | "batches"> {
  select?: string[]
  exclude?: string[]
  fullRefresh?: boolean
  storeFailures?: boolean
  empty?: boolean
  vars?: ParseOptions["vars"]
  env?: ParseOptions["env"]
  threads?: number
  /** When the command says that it started. */
  now?: Date
}

/** A warehouse for the tests of one file; each project builds into a schema of its own. */
export class DbtWarehouse {
  private database: TestDatabase | null = null
  private sessions: pg.Pool | null = null
  private readonly threads = new ThreadPool(null)
  private count = 0

  /** Call it once, outside of any test. */
  static use(): DbtWarehouse {
    const warehouse = new DbtWarehouse()
    before(async () => {
      warehouse.database = await createTestDatabase()
      warehouse.sessions = new pg.Pool({ connectionString: warehouse.url })
      warehouse.sessions.on("error", () => undefined)
    })
    after(async () => {
      await warehouse.threads.close()
      await warehouse.sessions?.end()
      await warehouse.database?.drop()
    })
    return warehouse
  }

  get url(): string {
    return this.database!.warehouseUrl
  }

  get pool(): pg.Pool {
    return this.sessions!
  }

  /** Runs a project on threads that are started once. */
  async runProject(options: Omit<RunOptions, "session" | "pool">): Promise<NodeResult[]> {
    const session = { connection: { connectionString: this.url }, applicationName: "dbt test" }
    return runProject({ ...options, session, pool: this.threads })
  }

  /** A project with these files and a schema in which nothing is. */
  async project(files: ProjectFiles): Promise<DbtProject> {
    const schema = `s${++this.count}`
    await this.pool.query(`create schema ${schema}`)
    return new DbtProject(this, schema, files)
  }
}

/** A dbt project on disk whose commands run against a {@link DbtWarehouse}. */
export class DbtProject {
  readonly schema: string
  readonly folder: string
  private readonly warehouse: DbtWarehouse

  constructor(warehouse: DbtWarehouse, schema: string, files: ProjectFiles) {
    this.warehouse = warehouse
    this.schema = schema
    this.folder = writeProject({})
    this.write(files)
  }

  /** Changes files between runs. */
  write(files: ProjectFiles): void {
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(this.folder, name)
      if (text === undefined) {
        rmSync(file)
        continue
      }
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
  }

  /** Runs a command. What fails is in the results. */
  async attempt(command: Command, options: DbtRunOptions = {}): Promise<DbtRun> {
    const { select, exclude, fullRefresh, storeFailures, empty, vars, env, threads, now, ...rest } = options
    const project = parseProject({
      folder: this.folder,
      target: { ...TARGET, database: new URL(this.warehouse.url).pathname.slice(1), schema: this.schema },
      flags: {
        which: command,
        fullRefresh: fullRefresh === true,
        storeFailures: storeFailures === true,
        empty: empty === true,
        failFast: rest.isFailFast === true,
      },
      ...(now && { startedAt: now }),
      ...(vars && { vars }),
      ...(env && { env }),
    })
    const resourceTypes = COMMAND_RESOURCES[command]
    const selection = selectForCommand(project, {
      resourceTypes,
      ...(select && { select }),
      ...(exclude && { exclude }),
    })
    const logs: string[] = []
    const results = await this.warehouse.runProject({
      listener: { onLog: (_, message) => void logs.push(message) },
      ...rest,
      project,
      command,
      selected: new Set(selection.ids),
      threads: threads ?? 1,
    })
    return new DbtRun(results, logs)
  }

  /** Runs a command of which everything has to succeed. */
  async run(command: Command = "run", options: DbtRunOptions = {}): Promise<DbtRun> {
    const run = await this.attempt(command, options)
    const failed = run.results.filter(({ status }) => !["success", "pass", "warn", "no-op"].includes(status))
    assert.deepEqual(
      failed.map(({ node, status, message }) => `${node.name}: ${status}: ${message}`),
      [],
    )
    return run
  }

  /** Rows as text, `1|a|null`; the project's schema is searched first. */
  async rows(sql: string): Promise<string[]> {
    const client = await this.warehouse.pool.connect()
    try {
      await client.query(`set search_path to ${this.schema}, public`)
      const { rows } = await client.query<(string | null)[]>({ text: sql, rowMode: "array", types: TEXTS })
      return rows.map((row) => row.map((value) => value ?? "null").join("|"))
    } finally {
      client.release()
    }
  }

  /** The only value of the only row. */
  async value(sql: string): Promise<string> {
    const rows = await this.rows(sql)
    assert.equal(rows.length, 1, `${sql} gave ${rows.length} rows`)
    return rows[0]!
  }

  /** Runs statements in the project's schema. */
  async execute(sql: string): Promise<void> {
    const client = await this.warehouse.pool.connect()
    try {
      await client.query(`set search_path to ${this.schema}, public; ${sql}`)
    } finally {
      client.release()
    }
  }
}

const TEXTS = { getTypeParser: () => (value: string | Buffer) => String(value) } as unknown as pg.CustomTypesConfig

/** What a command came to. */
export class DbtRun {
  readonly results: readonly NodeResult[]
  /** What templates logged. */
  readonly logs: readonly string[]

  constructor(results: readonly NodeResult[], logs: readonly string[]) {
    this.results = results
    this.logs = logs
  }

  /** The result of the node of that name. */
  of(name: string): NodeResult {
    const found = this.results.find(({ node }) => node.name === name)
    assert.ok(found, `${name} has no result; there are ${this.results.map(({ node }) => node.name).join(", ")}`)
    return found
  }

  /** `name status`, in the order of their ends. */
  get statuses(): string[] {
    return this.results.map(({ node, status }) => `${node.name} ${status}`)
  }
}
