import { execFile } from "node:child_process"
import path from "node:path"
import { test as base, expect } from "@playwright/test"
import type { Client } from "pg"
import { connect, type DatabaseName, query } from "./databases.ts"
import { given } from "./given.ts"
import { HeadraceApi } from "./headrace-api.ts"
import { WorkspaceFiles } from "./workspace-files.ts"

interface Fixtures {
  /** What the browser's console may complain of. */
  allowedComplaints: RegExp[]
  api: HeadraceApi
  workspace: WorkspaceFiles
  shop: Database
  warehouse: Database
  /** `npx headrace …` beside the product under test. */
  cli: (...args: string[]) => Promise<CliResult>
}

interface CliResult {
  code: number
  stdout: string
  stderr: string
}

/**
 * Playwright's `test` for Headrace: hands a journey the API, the workspace's files, the shop's and the warehouse's database
 * and the command line of the product under test, undoes what it changed there, and fails it on any complaint in the
 * browser's console.
 */
export const test = base.extend<Fixtures & { noComplaints: undefined }>({
  allowedComplaints: [[], { option: true }],
  noComplaints: [
    async ({ page, allowedComplaints }, use) => {
      const complaints: string[] = []
      const add = (words: string) => {
        if (!allowedComplaints.some((pattern) => pattern.test(words))) complaints.push(words)
      }
      page.on("pageerror", (error) => add(error.stack ?? error.message))
      page.on("console", (message) => {
        if (message.type() === "error") add(`${message.text()} (${message.location().url})`)
      })
      await use(undefined)
      expect(complaints, "complaints in the browser's console").toEqual([])
    },
    { auto: true },
  ],
  api: async ({ baseURL }, use) => use(new HeadraceApi(baseURL ?? "")),
  workspace: async ({ api }, use) => {
    const files = new WorkspaceFiles(given("HEADRACE_E2E_WORKSPACE"))
    const before = await api.definitions()
    await use(files)
    if (!files.restore()) return
    // Or the next journey might take what is about to vanish for what it wrote itself.
    await expect.poll(() => api.definitions(), "the pipelines are again as they were").toEqual(before)
    await expect.poll(() => api.problems(), "the workspace loads again").toEqual([])
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from its first parameter
  shop: async ({}, use) => {
    const shop = new Database("HEADRACE_CONNECTION_SHOP")
    await use(shop)
    await shop.mend()
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above
  warehouse: async ({}, use) => {
    const warehouse = new Database("HEADRACE_WAREHOUSE_URL")
    await use(warehouse)
    await warehouse.mend()
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above
  cli: async ({}, use) => use(runCli),
})

/** A database that a journey looks into and breaks. */
class Database {
  readonly #name: DatabaseName
  #undos: string[] = []
  #held: Client[] = []

  constructor(name: DatabaseName) {
    this.#name = name
  }

  query(text: string): Promise<Record<string, unknown>[]> {
    return query(this.#name, text)
  }

  /** Does `text`, which `mend` undoes. */
  async breakBy(text: string, undo: string): Promise<void> {
    await this.query(text)
    this.#undos.push(undo)
  }

  /** Takes a lock: who needs it waits until `mend`. */
  async hold(lock: string): Promise<void> {
    const client = await connect(this.#name)
    this.#held.push(client)
    await client.query(`begin; ${lock}`)
  }

  /** Undoes what was broken and releases what was held; also done when the journey ends. */
  async mend(): Promise<void> {
    for (const client of this.#held.splice(0)) await client.end()
    for (const undo of this.#undos.splice(0).reverse()) await this.query(undo)
  }
}

function runCli(...args: string[]): Promise<CliResult> {
  const env = {
    ...process.env,
    HEADRACE_HOME: given("HEADRACE_E2E_HOME"),
    HEADRACE_WORKSPACE: given("HEADRACE_E2E_WORKSPACE"),
  }
  const program = path.resolve(import.meta.dirname, "../cli/headrace.mjs")
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}
