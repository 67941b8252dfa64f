import type { Manifest } from "./manifest.ts"
import type { ModelNode, ParsedNode, RefArgs, SourceNode } from "./node.ts"

/** What `ref` can mean. */
export type RefableNode = ParsedNode & { resource_type: "model" | "seed" | "snapshot" }

export type RefResult =
  | { kind: "found"; node: RefableNode }
  | { kind: "disabled"; node: RefableNode }
  | { kind: "version_missing"; versions: string[] }
  | { kind: "missing" }

export type SourceResult = { kind: "found"; node: SourceNode } | { kind: "disabled" } | { kind: "missing" }

/**
 * Finds what `ref` and `source` mean. Without a package, the caller's own comes first, then the root project, then all others.
 * Without a version, a versioned model means its latest. It looks at the manifest once, so make a new one after changes.
 */
export class RefLookup {
  private readonly enabled = new Map<string, RefableNode[]>()
  private readonly disabled = new Map<string, RefableNode[]>()
  private readonly sources = new Map<string, SourceNode[]>()
  private readonly disabledSources = new Set<string>()
  private readonly rootName: string

  constructor(manifest: Manifest) {
    this.rootName = manifest.projectName
    for (const node of manifest.nodes.values()) if (isRefable(node)) push(this.enabled, node.name, node)
    for (const source of manifest.sources.values())
      push(this.sources, sourceKey(source.source_name, source.name), source)
    for (const nodes of manifest.disabled.values()) {
      for (const node of nodes) {
        if (node.resource_type === "source") this.disabledSources.add(sourceKey(node.source_name, node.name))
        else if (isRefable(node as ParsedNode)) push(this.disabled, node.name, node as RefableNode)
      }
    }
  }

  ref({ name, package: packageName, version }: RefArgs, from: string): RefResult {
    const all = this.enabled.get(name) ?? []
    const candidates = this.inOrder(all, packageName, from)
    const node = candidates.find((each) => isVersion(each, version))
    if (node) return { kind: "found", node }
    const disabled = this.inOrder(this.disabled.get(name) ?? [], packageName, from).find((each) =>
      isVersion(each, version),
    )
    if (disabled) return { kind: "disabled", node: disabled }
    const versions = candidates.flatMap((each) => {
      const of = (each as ModelNode).version
      return of === null || of === undefined ? [] : [String(of)]
    })
    return versions.length > 0 ? { kind: "version_missing", versions } : { kind: "missing" }
  }

  source(sourceName: string, tableName: string, from: string): SourceResult {
    const key = sourceKey(sourceName, tableName)
    const [node] = this.inOrder(this.sources.get(key) ?? [], null, from)
    if (node) return { kind: "found", node }
    return { kind: this.disabledSources.has(key) ? "disabled" : "missing" }
  }

  names(): Iterable<string> {
    return this.enabled.keys()
  }

  sourceNames(): string[] {
    return [...this.sources.values()].flatMap(([source]) => (source ? [`${source.source_name}.${source.name}`] : []))
  }

  private inOrder<T extends { package_name: string }>(
    nodes: readonly T[],
    packageName: string | null,
    from: string,
  ): readonly T[] {
    if (packageName !== null) return nodes.filter((node) => node.package_name === packageName)
    if (nodes.length < 2) return nodes
    const rank = (node: T) => (node.package_name === from ? 0 : node.package_name === this.rootName ? 1 : 2)
    return nodes.toSorted((a, b) => rank(a) - rank(b))
  }
}

function isVersion(node: RefableNode, version: string | number | null): boolean {
  const { version: own = null, latest_version: latest = null } = node as Partial<ModelNode>
  if (version !== null) return String(own) === String(version)
  return own === null || String(own) === String(latest)
}

export function isRefable(node: ParsedNode): node is RefableNode {
  return node.resource_type === "model" || node.resource_type === "seed" || node.resource_type === "snapshot"
}

const sourceKey = (source: string, table: string): string => `${source}\0${table}`

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const known = map.get(key)
  if (known) known.push(value)
  else map.set(key, [value])
}
