import path from "node:path"
import type { DbtOptions } from "#lib/contracts/operators/dbt.ts"
import { warehouseTarget } from "#lib/models/command/warehouse-target.ts"
import { ParserThread, type RemoteProject } from "#lib/models/parser/parser-thread.ts"
import type { YamlMap } from "#lib/models/project/read-yaml.ts"
import type { ManifestSlice } from "#lib/models/run/manifest-slice.ts"
import type { NodeOutcome, NodeTask } from "#lib/models/run/protocol.ts"
import { type TaskSession, ThreadPool } from "#lib/models/run/thread-pool.ts"
import { authorEnvironment } from "#lib/server/config.ts"

/** A project of a version of the workspace. */
export interface OpenProject {
  /** The nodes that were asked for, and those around them. */
  manifest: ManifestSlice
  /** Others of its nodes. */
  slice(ids: readonly string[]): Promise<ManifestSlice>
  /** Runs a task of it on a thread, and on the session that is lent. */
  run(task: NodeTask, signal: AbortSignal, session: TaskSession): Promise<NodeOutcome>
}

/** Projects that stay parsed: of versions before and after an edit, and for different vars. */
const MAX_OPEN = 4
/** Threads are started when they are first needed, so a worker has as many as it runs such tasks at a time. */
const MAX_THREADS = 16

/** All projects share them: another version, or other vars, start none. */
const threads = new ThreadPool({ size: MAX_THREADS, session: null, project: null, onLog: () => undefined })

/** Where they are parsed and kept, while this thread sends heartbeats and runs other tasks. */
const parser = new ParserThread()

interface Opened {
  project: Promise<RemoteProject>
  users: number
}

const opened = new Map<string, Opened>()

export interface ProjectPlace {
  codeDir: string
  options: Omit<DbtOptions, "nodes">
  /** Name of the warehouse's database. */
  database: string
}

/**
 * Lends the project of a version to `work`, with the nodes of these ids. It is parsed when it is first asked for, and kept, as
 * its files never change. @throws ProjectError
 */
export async function withProject<Result>(
  place: ProjectPlace,
  ids: readonly string[],
  work: (open: OpenProject) => Promise<Result>,
): Promise<Result> {
  const key = JSON.stringify([place.codeDir, place.database, place.options])
  const open = opened.get(key) ?? { project: openProject(key, place), users: 0 }
  // Newest last: the first without users goes first.
  opened.delete(key)
  opened.set(key, open)
  open.users++
  try {
    const { pool, slice } = await open.project
    const manifest = await slice(ids)
    const run: OpenProject["run"] = (task, signal, session) => threads.run(task, { signal, session, project: pool })
    return await work({ manifest, slice, run })
  } finally {
    open.users--
    forgetUnused()
  }
}

async function openProject(key: string, { codeDir, options, database }: ProjectPlace): Promise<RemoteProject> {
  try {
    const project = await parser.open({
      folder: path.resolve(codeDir, options.project),
      target: warehouseTarget(options.schema, { database, credentials: {} }),
      vars: options.vars as YamlMap,
      env: authorEnvironment(),
      flags: { which: "build", fullRefresh: options.fullRefresh },
    })
    void project.lost.then(() => forget(key))
    return project
  } catch (error) {
    // The next task may find what was missing.
    forget(key)
    throw error
  }
}

function forget(key: string): void {
  const open = opened.get(key)
  opened.delete(key)
  void open?.project.then(({ close }) => close()).catch(() => undefined)
}

function forgetUnused(): void {
  for (const [key, { users }] of opened) {
    if (opened.size <= MAX_OPEN) return
    if (users === 0) forget(key)
  }
}
