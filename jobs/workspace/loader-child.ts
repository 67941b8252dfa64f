import { isUtf8 } from "node:buffer"
import { existsSync, readFileSync, realpathSync, statSync, writeSync } from "node:fs"
import { createRequire } from "node:module"
import { relative, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { installModuleHooks, isInside } from "#jobs/author/module-hooks.ts"
import type { WorkspaceProblem } from "#lib/contracts/manifest.ts"
import { MAX_PINNED_DATA_BYTES } from "#lib/contracts/operators/load-csv.ts"
import { type PipelineDefinition, registeredPipelines } from "#lib/sdk/definition.ts"
import { provideDbtExpander } from "#lib/sdk/expand-dbt.ts"
import { toManifest } from "#lib/sdk/to-manifest.ts"
import { authorEnvironment } from "#lib/server/config.ts"
import { importProblem } from "./import-problem.ts"
import { type DeclaredPipeline, LOADER_FD, type LoaderMessage, type LoaderRequest } from "./loader-protocol.ts"
import { readFolders } from "./read-folders.ts"

/**
 * Runs in a process of its own, because importing a workspace runs its code: whatever that does, the parent learns which
 * file was being imported, and what the files before it declared.
 */
const { dir, connections, files } = JSON.parse(process.argv[2] ?? "") as LoaderRequest
const imports = new Map<string, Set<string>>()
const sources = new Map<string, string>()
let lastRead = dir

installModuleHooks({
  workspaceDir: dir,
  rootOf: (file) => (isInside(dir, file) ? dir : null),
  onResolve: (file, from) => void imports.set(from, (imports.get(from) ?? new Set()).add(file)),
  onRead: (file, source) => {
    sources.set(file, source)
    lastRead = file
  },
})
// Bound before any author code runs, which may replace what it finds.
const exit = process.exit.bind(process)
const write = writeSync
const { stringify } = JSON
process.exit = (code) => {
  throw new Error(`process.exit(${code ?? ""}) is called while the workspace is read; remove it from the top level`)
}
// What files start in the background is not what they declare.
process.on("uncaughtException", () => {})
process.on("unhandledRejection", () => {})

// Read when a pipeline first asks for it: most have no dbt project, and its parser takes a while to load.
provideDbtExpander((selection) => {
  const { expandProject } = createRequire(import.meta.url)(
    "../../lib/models/command/expand-project.ts",
  ) as typeof import("#lib/models/command/expand-project.ts")
  return expandProject({ workspaceDir: dir, env: authorEnvironment() }, selection)
})

for (const file of files) {
  send({ type: "importing", file })
  send({ type: "imported", file, ...(await importFile(file)) })
}
send({ type: "end" })
exit(0)

async function importFile(file: string): Promise<{ pipelines: DeclaredPipeline[]; problems: WorkspaceProblem[] }> {
  const path = resolve(dir, file)
  const registered = registeredPipelines()
  const before = registered.length
  const problems: WorkspaceProblem[] = []
  try {
    lastRead = path
    await import(pathToFileURL(path).href)
  } catch (error) {
    const problem = importProblem(error, path, dir, lastRead)
    problems.push(problem)
    if (problem.file !== file) {
      const place = problem.line === null ? problem.file : `${problem.file}:${problem.line}`
      const message = `It imports ${place}, which does not load: ${problem.message}`
      problems.push({ file, line: null, column: null, pipelineId: null, rule: "import", message })
    }
  }
  const pipelines = registered.slice(before).map((definition) => declare(definition, file, problems))
  return { pipelines, problems }
}

function declare(definition: PipelineDefinition, importedFile: string, problems: WorkspaceProblem[]): DeclaredPipeline {
  const file = ownFile(definition, importedFile)
  const line = lineIn(definition.site, file)
  if (definition.error !== null) {
    const problem = importProblem(definition.error, resolve(dir, file), dir, lastRead)
    problems.push({ ...problem, line: problem.line ?? line, pipelineId: definition.id })
    return { id: definition.id, line, version: null }
  }
  const { manifest, referencedFiles, dataFiles, folders, faults } = toManifest(definition, {
    file,
    connections,
    hasFile: (path) => isWorkspaceFile(path),
    relative: (path) => relative(dir, path),
  })
  for (const { rule, message, site } of faults) {
    const at = site && isInside(dir, site.file) ? site : null
    const place = at ? { file: relative(dir, at.file), line: at.line } : { file, line }
    problems.push({ ...place, column: null, pipelineId: definition.id, rule, message })
  }
  const pinned = () => ({
    ...readFiles(file, referencedFiles),
    ...readDataFiles(dataFiles),
    ...readFolders(dir, folders),
  })
  const version = faults.length > 0 ? null : { manifest, files: pinned(), documents: definition.documents }
  return { id: definition.id, line, version }
}

/** The file whose import declares the pipeline: helpers may make the call, and one entry may import another. */
function ownFile(definition: PipelineDefinition, importedFile: string): string {
  const root = definition.site && relative(dir, definition.site.rootFile)
  return root && files.includes(root) ? root : importedFile
}

function lineIn(site: PipelineDefinition["site"], file: string): number | null {
  return site && relative(dir, site.file) === file ? site.line : null
}

function readFiles(entry: string, referenced: string[]): Record<string, string> {
  const seen = new Set([resolve(dir, entry)])
  for (const file of seen) for (const next of imports.get(file) ?? []) seen.add(next)
  const paths = [...new Set([...[...seen].map((file) => relative(dir, file)), ...referenced])].sort()
  return Object.fromEntries(
    paths.map((path) => [path, sources.get(resolve(dir, path)) ?? readFileSync(resolve(dir, path), "utf8")]),
  )
}

/**
 * Data that is small, and text that a version can hold to the byte, belongs to the version; all other is read from the
 * workspace when the task runs.
 */
function readDataFiles(paths: string[]): Record<string, string> {
  const small = paths.filter((path) => statSync(resolve(dir, path)).size <= MAX_PINNED_DATA_BYTES)
  const read = small.map((path) => [path, readFileSync(resolve(dir, path))] as const)
  return Object.fromEntries(
    read.filter(([, bytes]) => isUtf8(bytes) && !bytes.includes(0)).map(([path, bytes]) => [path, bytes.toString()]),
  )
}

/** Follows links: a link out of the workspace is as much outside as `../`. */
function isWorkspaceFile(path: string): boolean {
  const file = resolve(dir, path)
  if (!isInside(dir, file) || !existsSync(file)) return false
  return isInside(dir, realpathSync(file)) && statSync(file).isFile()
}

function send(message: LoaderMessage): void {
  const bytes = Buffer.from(`${stringify(message)}\n`)
  // The parent reads a pipe, so a write may take only part of it.
  for (let offset = 0; offset < bytes.length; ) offset += write(LOADER_FD, bytes, offset)
}
