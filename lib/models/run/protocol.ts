import type { MessagePort } from "node:worker_threads"
import type { StatementAnswer } from "../adapter/database.ts"
import type { Flags } from "../context/target-value.ts"
import type { MacroNode, ParsedNode, SourceNode, UnitTestNode } from "../project/node.ts"
import type { Target } from "../project/profile.ts"
import type { YamlMap } from "../project/read-yaml.ts"

/*
 * What passes between the process that runs a project and its threads. All of it is plain data.
 */

/** What a thread gets when it starts, and keeps. */
export interface ThreadSetup {
  bridge: { port: MessagePort; signal: SharedArrayBuffer }
}

/** How many projects a thread keeps, with what it has compiled of them; the one that was used first goes first. */
export const PROJECTS_KEPT = 3

/** What a thread is told: which project its tasks are of from now on (null: one that it keeps), or a task. */
export type ThreadMessage =
  | { kind: "project"; id: string; project: ProjectSetup | null; threadId: string }
  | { kind: "task"; task: NodeTask; graphAdditions: Record<string, unknown> | null }

/** What all nodes of an invocation have in common. */
export interface ProjectSetup {
  rootName: string
  macros: readonly MacroNode[]
  packages: readonly PackageSetup[]
  dispatch: readonly { macro_namespace: string; search_order: readonly string[] }[]
  target: Omit<Target, "credentials"> & { credentials: YamlMap }
  flags: Flags
  invocationId: string
  startedAt: string
  env: Readonly<Record<string, string | undefined>>
  selectedResources: readonly string[]
  invocationArgs: YamlMap
  /** `--vars` */
  commandLineVars: YamlMap
  /** `quoting:` of the root project. */
  quoting: Readonly<Record<string, unknown>>
  /** Absolute folder of the root project. */
  folder: string
}

export interface PackageSetup {
  name: string
  version: string
  /** Values by name as `var` finds them for nodes of the package, before their templates are rendered. */
  vars: YamlMap
}

/** A time range that an event-time model or its refs are narrowed to; ISO instants, the end excluded. */
export interface EventTimeRange {
  start: string
  end: string
}

/** One piece of work for a thread. */
export interface NodeTask {
  /**
   * `compile` renders and builds nothing, `show` gives the first rows of the query; `inspect` says of what kind the relation is,
   * and the newest event time before `eventTime`, in seconds.
   */
  kind: "execute" | "compile" | "show" | "inspect"
  node: ParsedNode | UnitTestNode
  /** What the node reads: those it names, and through ephemeral ones those that these name. */
  parents: readonly ParentEntry[]
  /** Unit tests: the model that is tested. */
  testedModel?: ParsedNode
  /** Narrows the node's event-time parents, and is the batch of a microbatch model. */
  eventTime?: EventTimeRange
  /** Of `show`: how many rows; null for all. */
  limit?: number | null
  /** Vars of this task alone, before those of the command line. */
  vars?: YamlMap
  /** The session is lent with a transaction that its owner ends. */
  isManaged?: boolean
  /** Further names for its templates. */
  names?: YamlMap
  /** Whether a batch is the first of a table that is built anew. */
  buildsAnew?: boolean
}

/** What `ref` and `source` need of a node. */
export interface ParentEntry {
  node: ParsedNode | SourceNode
  /** The names under which refs of the node find it, besides its own. */
  deferredTo?: { database: string | null; schema: string; identifier: string }
}

export type NodeStatus = "success" | "error" | "skipped" | "pass" | "fail" | "warn" | "partial success" | "no-op"

/** A thread's answer to a task. */
export interface TaskAnswer {
  outcome: NodeOutcome
  /** What templates of the thread have put into `graph`; null for nothing. */
  graphAdditions: Record<string, unknown> | null
}

/** What became of a piece of work. */
export interface NodeOutcome {
  status: NodeStatus
  message: string | null
  /** Failing rows of a test. */
  failures: number | null
  compiledCode: string | null
  /** The ephemeral models that were put before it, in that order, each with its query. */
  ephemerals: readonly { id: string; name: string; sql: string }[]
  /** What was sent to build it: the statements that materializations call the main ones. */
  executedCode: string | null
  adapterResponse: Record<string, unknown>
  relationName: string | null
  timing: readonly { name: "compile" | "execute"; startedAt: string; completedAt: string }[]
  /** Of an error: the statement's text with its failing line, where the server named one. */
  error: NodeError | null
  warnings: readonly string[]
  /** Of the thread that did it. */
  threadId: string
  /** Rows that `show` asked for. */
  preview: { columns: string[]; rows: unknown[][] } | null
  /** Of a microbatch model. */
  batches?: { successful: readonly EventTimeRange[]; failed: readonly EventTimeRange[] }
}

export interface NodeError {
  message: string
  file: string | null
  line: number | null
  sqlState: string | null
  /** Line of the compiled code, from 1, that the server refused. */
  compiledLine: number | null
  kind: "compilation" | "database" | "data" | "internal"
}

/** What a thread asks while it works. */
export type BridgeRequest =
  | { kind: "run"; sql: string }
  | { kind: "copy"; sql: string; rows: string }
  /** `graph`: everything of the project, for macros that look around. */
  | { kind: "graph" }
  | { kind: "log"; level: "info" | "debug" | "warn"; message: string }

export type BridgeAnswer = readonly StatementAnswer[] | GraphAnswer | null | Uint8Array

export interface GraphAnswer {
  nodes: Record<string, unknown>
  sources: Record<string, unknown>
  exposures: Record<string, unknown>
  metrics: Record<string, unknown>
  groups: Record<string, unknown>
}
