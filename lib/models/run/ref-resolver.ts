import { didYouMean } from "../../domain/closest.ts"
import { JinjaError, typeError } from "../jinja/errors.ts"
import { toText } from "../jinja/print.ts"
import type { Kwargs, Value } from "../jinja/values.ts"
import type { Manifest } from "../project/manifest.ts"
import type { ParsedNode, RefArgs, SourceNode } from "../project/node.ts"
import { RefLookup } from "../project/ref-lookup.ts"
import { type PartPolicy, Relation } from "../relation/relation.ts"
import type { EventTimeRange, NodeTask } from "./protocol.ts"

/** The name that stands for an ephemeral model in the queries that read it. */
export function cteName(name: string): string {
  return `__dbt__cte__${name}`
}

export interface ResolverOptions {
  task: Pick<NodeTask, "parents" | "eventTime">
  rootName: string
  packageName: string
  quoting: Readonly<Record<string, unknown>>
  /** `--empty`: what is read gives no rows. */
  isEmpty: boolean
  /** Of a unit test: what stands for what is read, all of it. */
  standIns?: { test: string; names: ReadonlyMap<string, string> } | null
}

/** What `ref` and `source` give to one node while it runs. It notes the ephemeral models that were read. */
export class RefResolver {
  readonly ephemerals = new Map<string, ParsedNode>()
  private readonly options: ResolverOptions
  private readonly lookup: RefLookup
  private readonly deferred: ReadonlyMap<string, { database: string | null; schema: string; identifier: string }>

  constructor(options: ResolverOptions) {
    this.options = options
    const { parents } = options.task
    const nodes = new Map<string, ParsedNode>()
    const sources = new Map<string, SourceNode>()
    for (const { node } of parents) {
      if (node.resource_type === "source") sources.set(node.unique_id, node)
      else nodes.set(node.unique_id, node)
    }
    const manifest = { projectName: options.rootName, nodes, sources, disabled: new Map() }
    this.lookup = new RefLookup(manifest as unknown as Manifest)
    this.deferred = new Map(
      parents.flatMap(({ node, deferredTo }) => (deferredTo ? [[node.unique_id, deferredTo]] : [])),
    )
  }

  /** `ref('a')`, `ref('package', 'a', v=2)`. */
  ref(args: readonly Value[], kwargs: Kwargs): Relation {
    return this.relationOf(this.nodeOfRef(args, kwargs))
  }

  nodeOfRef(args: readonly Value[], kwargs: Kwargs): ParsedNode {
    if (args.length < 1 || args.length > 2)
      throw typeError(`ref() takes one or two names, but was given ${args.length}`)
    const names = args.map((arg) => toText(arg))
    const version = kwargs.get("v") ?? kwargs.get("version") ?? null
    const wanted: RefArgs = {
      name: names.at(-1)!,
      package: names.length === 2 ? names[0]! : null,
      version: version === null ? null : toText(version),
    }
    const found = this.lookup.ref(wanted, this.options.packageName)
    if (found.kind === "found") return found.node
    const known = didYouMean(wanted.name, this.lookup.names())
    const message = `ref("${wanted.name}") was not seen when the project was parsed${known} Where a ref depends on what only a run knows, name it in a comment: -- depends_on: {{ ref('${wanted.name}') }}`
    throw new JinjaError("host", message)
  }

  /** `source('shop', 'orders')`. */
  source(args: readonly Value[]): Relation {
    return this.relationOf(this.nodeOfSource(args))
  }

  nodeOfSource(args: readonly Value[]): SourceNode {
    if (args.length !== 2)
      throw typeError(`source() takes the names of a source and a table, but was given ${args.length}`)
    const [source, table] = args.map((arg) => toText(arg))
    const found = this.lookup.source(source!, table!, this.options.packageName)
    if (found.kind === "found") return found.node
    throw new JinjaError("host", `source("${source}", "${table}") was not seen when the project was parsed.`)
  }

  relationOf(node: ParsedNode | SourceNode): Relation {
    const { isEmpty, task, standIns } = this.options
    const quoting = quotePolicy(this.options.quoting, quotingOf(node))
    if (standIns) {
      const standIn = standIns.names.get(node.unique_id)
      if (standIn !== undefined) return new Relation({ ...this.pathOf(node), standIn, quotePolicy: quoting })
      const what =
        node.resource_type === "source" ? `source('${node.source_name}', '${node.name}')` : `ref('${node.name}')`
      const message = `Unit test ${standIns.test} gives no rows for ${what}, which its model reads. Add an input ${what} with its rows, or with rows: [].`
      throw new JinjaError("host", message)
    }
    if (node.resource_type === "model" && node.config.materialized === "ephemeral") {
      this.ephemerals.set(node.unique_id, node)
      return new Relation({ identifier: cteName(node.name), type: "cte", quotePolicy: UNQUOTED })
    }
    const filter = isEmpty ? "false" : eventTimeFilter(node, task.eventTime)
    return new Relation({ ...this.pathOf(node), filter, quotePolicy: quoting })
  }

  private pathOf(node: ParsedNode | SourceNode) {
    return this.deferred.get(node.unique_id) ?? pathOf(node)
  }
}

const UNQUOTED: PartPolicy = { database: false, schema: false, identifier: false }

/** The relation that a node is built as. */
export function relationOfNode(node: ParsedNode, quoting: Readonly<Record<string, unknown>>): Relation {
  return new Relation({ ...pathOf(node), quotePolicy: quotePolicy(quoting, quotingOf(node)) })
}

function pathOf(node: ParsedNode | SourceNode) {
  const identifier = node.resource_type === "source" ? node.identifier : node.alias
  return { database: node.database, schema: node.schema, identifier }
}

function quotingOf(node: ParsedNode | SourceNode): Readonly<Record<string, unknown>> {
  return node.resource_type === "source" ? node.quoting : node.config.quoting
}

/** The last policy that says something of a part wins; else it is quoted. */
function quotePolicy(...policies: Readonly<Record<string, unknown>>[]): PartPolicy {
  const isQuoted = (part: string) =>
    policies.findLast((policy) => typeof policy?.[part] === "boolean")?.[part] !== false
  return { database: isQuoted("database"), schema: isQuoted("schema"), identifier: isQuoted("identifier") }
}

/** What narrows a parent with an event time to the range of a batch. */
function eventTimeFilter(node: ParsedNode | SourceNode, range: EventTimeRange | undefined): string | null {
  const column = node.config.event_time
  if (!range || typeof column !== "string") return null
  return `${column} >= '${range.start}' and ${column} < '${range.end}'`
}
