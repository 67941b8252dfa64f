import assert from "node:assert/strict"
import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import net from "node:net"
import os from "node:os"
import path from "node:path"
import { test } from "node:test"
import { promisify } from "node:util"
import { missingLines, readTutorial, type TutorialBlock } from "./tutorial-blocks.ts"

const ROOT = path.resolve(import.meta.dirname, "..")

/**
 * Runs docs/tutorial.md as it stands, on a home and a copy of the workspace of its own. `npm start` and `npx` stand for
 * the programs they lead to: installing is not the page's business, and npx looks for packages in the current folder.
 */
test("the tutorial does what it says", { timeout: 600_000 }, async (t) => {
  const blocks = readTutorial(await readFile(path.join(ROOT, "docs/tutorial.md"), "utf8"))
  const folder = await mkdtemp(path.join(os.tmpdir(), "headrace tutorial-"))
  const url = `http://127.0.0.1:${await freePort()}`
  const env = await makeEnvironment(folder, url)
  let product: ChildProcess | undefined
  try {
    for (const block of blocks) {
      await t.test(`line ${block.line}: ${block.script.split("\n")[0]}`, async () => {
        if (block.mode === "start") {
          product = await startProduct(env)
          await pauseSchedules(url)
        } else await runBlock(block, folder, env, url)
      })
    }
  } finally {
    if (product && product.exitCode === null) {
      const ended = once(product, "exit")
      product.kill("SIGTERM")
      await ended
    }
    await rm(folder, { recursive: true, force: true })
  }
})

async function makeEnvironment(folder: string, url: string): Promise<NodeJS.ProcessEnv> {
  await cp(path.join(ROOT, "workspace"), path.join(folder, "workspace"), { recursive: true })
  const bin = path.join(folder, "bin")
  await mkdir(bin)
  const quoted = [process.execPath, path.join(ROOT, "cli/headrace.mjs")].map((word) => `'${word}'`).join(" ")
  await writeFile(path.join(bin, "npx"), `#!/bin/sh\nshift\nexec ${quoted} "$@"\n`)
  await chmod(path.join(bin, "npx"), 0o755)
  return {
    ...process.env,
    PATH: `${bin}:${process.env.PATH}`,
    HEADRACE_HOME: path.join(folder, ".headrace"),
    HEADRACE_WORKSPACE: path.join(folder, "workspace"),
    HEADRACE_PORT: new URL(url).port,
  }
}

async function startProduct(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const product = spawn(process.execPath, ["scripts/start.ts"], { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  await new Promise<void>((resolve, reject) => {
    for (const stream of [product.stdout, product.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk
        if (output.includes("Headrace is up")) resolve()
      })
    }
    product.once("exit", (code) => reject(new Error(`npm start ended with ${code}:\n${output}`)))
  })
  return product
}

/** The page counts runs: one that its schedule starts at night must not come in between. */
async function pauseSchedules(url: string): Promise<void> {
  for (const pipeline of ["daily_etl", "shop_simulator"]) {
    const response = await fetch(`${url}/api/v1/pipelines/${pipeline}`, {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ isPaused: true }),
    })
    assert.equal(response.status, 200, await response.text())
  }
}

async function runBlock(block: TutorialBlock, folder: string, env: NodeJS.ProcessEnv, url: string): Promise<void> {
  const before = await editedAt(path.join(folder, "workspace"))
  const version = await versionOf(url)
  const { code, output } = await shell(block.script, folder, env)
  assert.equal(code === 0, block.mode === "run", output)
  assert.deepEqual(missingLines(block.shows, output), [], output)
  // A person needs a moment from saving a file to the next command; a script has none.
  if ((await editedAt(path.join(folder, "workspace"))) > before) {
    await until(async () => (await versionOf(url)) !== version)
  }
}

async function shell(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)("bash", ["-ec", script], { cwd, env })
    return { code: 0, output: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string }
    if (typeof code !== "number") throw error
    return { code, output: `${stdout}${stderr}` }
  }
}

async function versionOf(url: string): Promise<unknown> {
  const response = await fetch(`${url}/api/v1/pipelines/daily_etl`)
  return ((await response.json()) as { version?: unknown }).version
}

async function until(check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error("The edit of the workspace was not noticed within 20 s.")
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** When the newest file of a folder was written. */
async function editedAt(dir: string): Promise<number> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  return Math.max(...(await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs))))
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as net.AddressInfo
  server.close()
  return port
}
