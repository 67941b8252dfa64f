import path from "node:path"
import type { DbtOptions } from "#lib/contracts/operators/dbt.ts"
import { warehouseTarget } from "#lib/models/command/expand-project.ts"
import { type ParsedProject, parseProject } from "#lib/models/project/parse-project.ts"
import type { YamlMap } from "#lib/models/project/read-yaml.ts"
import { poolProject } from "#lib/models/run/project-setup.ts"
import type { NodeOutcome, NodeTask } from "#lib/models/run/protocol.ts"
import { type TaskSession, ThreadPool } from "#lib/models/run/thread-pool.ts"
import { authorEnvironment } from "#lib/server/config.ts"

/** A project of a version of the workspace. */
export interface OpenProject {
  project: ParsedProject
  /** Runs a task of it on a thread, and on the session that is lent. */
  run(task: NodeTask, signal: AbortSignal, session: TaskSession): Promise<NodeOutcome>
}

/** Projects that stay parsed: of versions before and after an edit, and for different vars. */
const MAX_OPEN = 4
/** Threads are started when they are first needed, so a worker has as many as it runs such tasks at a time. */
const MAX_THREADS = 16

/** All projects share them: another version, or other vars, start none. */
const threads = new ThreadPool({ size: MAX_THREADS, session: null, project: null, onLog: () => undefined })

const opened = new Map<string, OpenProject & { users: number }>()

export interface ProjectPlace {
  codeDir: string
  options: Omit<DbtOptions, "nodes">
  /** Name of the warehouse's database. */
  database: string
}

/**
 * Lends the project of a version to `work`. It is parsed when it is first asked for, and kept, as its files never change.
 * @throws ProjectError
 */
export async function withProject<Result>(
  place: ProjectPlace,
  work: (open: OpenProject) => Promise<Result>,
): Promise<Result> {
  const key = JSON.stringify([place.codeDir, place.database, place.options])
  const open = opened.get(key) ?? { ...openProject(place), users: 0 }
  // Newest last: the first without users goes first.
  opened.delete(key)
  opened.set(key, open)
  open.users++
  try {
    return await work(open)
  } finally {
    open.users--
    forgetUnused()
  }
}

function openProject({ codeDir, options, database }: ProjectPlace): OpenProject {
  const project = parseProject({
    folder: path.resolve(codeDir, options.project),
    target: warehouseTarget(options.schema, { database, credentials: {} }),
    vars: options.vars as YamlMap,
    env: authorEnvironment(),
    flags: { which: "build", fullRefresh: options.fullRefresh },
  })
  const ofPool = poolProject(project, { selected: project.manifest.nodes.keys(), invocationArgs: {} })
  return { project, run: (task, signal, session) => threads.run(task, { signal, session, project: ofPool }) }
}

function forgetUnused(): void {
  for (const [key, { users }] of opened) {
    if (opened.size <= MAX_OPEN) return
    if (users === 0) opened.delete(key)
  }
}
