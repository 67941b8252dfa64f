import path from "node:path"
import type { PackageSpec } from "../project/package-files.ts"
import { ProjectError } from "../project/project-error.ts"
import type { RenderYaml } from "../project/project-file.ts"
import { isCompatible } from "./hub.ts"
import { type PackageRequest, readRequests } from "./package-request.ts"
import type { PackageStore } from "./package-store.ts"
import type { PinnedPackage } from "./pinned-package.ts"
import { highestVersion } from "./version-range.ts"

/** All that is asked of one package. */
interface Demand {
  requests: PackageRequest[]
  pinned: PinnedPackage | null
}

/**
 * Decides the version of each package that is asked for, by the project and by its packages: of a hub's the highest that meets
 * all who ask, of a repository the one revision that all ask for. @throws ProjectError naming who cannot be met
 */
export async function resolvePackages(
  root: string,
  requests: readonly PackageRequest[],
  store: PackageStore,
  render: RenderYaml,
): Promise<PinnedPackage[]> {
  const demands = new Map<string, Demand>()
  let open = [...requests]
  while (open.length > 0) {
    const touched = new Set(open.map((request) => add(demands, request)))
    open = []
    for (const demand of touched) {
      const before = JSON.stringify(demand.pinned)
      demand.pinned = await pin(demand, root, store)
      if (JSON.stringify(demand.pinned) !== before) open.push(...(await requestsOf(demand.pinned, store, render)))
    }
  }
  return [...demands.values()].flatMap(({ pinned }) => (pinned ? [pinned] : []))
}

function add(demands: Map<string, Demand>, request: PackageRequest): Demand {
  const key = keyOf(request.spec, request.from)
  let demand = demands.get(key)
  if (!demand) {
    demand = { requests: [], pinned: null }
    demands.set(key, demand)
  }
  demand.requests.push(request)
  return demand
}

/** One key for what is the same package, however it is asked for. */
function keyOf(spec: PackageSpec, from: string): string {
  switch (spec.kind) {
    case "local":
      return `local ${path.resolve(from, spec.path)}`
    case "git":
      return `git ${spec.url.replace(/\.git$/, "")} ${spec.subdirectory ?? ""}`
    case "hub":
      return `hub ${spec.name}`
    case "tarball":
      return `tarball ${spec.name}`
  }
}

async function pin({ requests }: Demand, root: string, store: PackageStore): Promise<PinnedPackage> {
  const { spec, from, written } = requests[0]!
  switch (spec.kind) {
    case "local":
      return pinLocal(spec.path, from, root, store)
    case "tarball":
      return { kind: "tarball", url: spec.url, writtenUrl: String(written.tarball), name: spec.name }
    case "git": {
      const revisions = new Set(
        requests.flatMap((each) => (each.spec.kind === "git" ? (each.spec.revision ?? []) : [])),
      )
      const writtenUrl = String(written.git ?? written.private)
      if (revisions.size > 1) {
        const message = `${writtenUrl} is asked for at several revisions: ${[...revisions].join(", ")}. Agree on one.`
        throw new ProjectError({ file: "packages.yml", message })
      }
      const wanted = { kind: "git", url: spec.url, writtenUrl, subdirectory: spec.subdirectory } as const
      const { commit } = await store.fetch({ ...wanted, revision: [...revisions][0] ?? "HEAD" })
      return { ...wanted, revision: commit! }
    }
    case "hub":
      return pinHub(spec.name, requests, store)
  }
}

/** Its path counts from the project, where the lock stands, whoever asks. */
function pinLocal(asked: string, from: string, root: string, store: PackageStore): PinnedPackage {
  const folder = path.resolve(from, asked)
  if (store.holds(folder)) {
    const message = `a package that is fetched asks for the local package "${asked}"; only projects and local packages can.`
    throw new ProjectError({ file: "packages.yml", message })
  }
  return { kind: "local", path: from === root ? asked : path.relative(root, folder), folder }
}

async function pinHub(name: string, requests: readonly PackageRequest[], store: PackageStore): Promise<PinnedPackage> {
  const specs = requests.flatMap(({ spec }) => (spec.kind === "hub" ? [spec] : []))
  const ranges = specs.flatMap(({ versions }) => versions)
  const allowsPrerelease = specs.some(({ allowPrerelease }) => allowPrerelease)
  const all = await store.hub.versions(name)
  const compatible = [...all].filter(([, version]) => isCompatible(version)).map(([version]) => version)
  const version = highestVersion(compatible, ranges, allowsPrerelease)
  if (version !== null) return { kind: "hub", name, version }
  const incompatible = highestVersion([...all.keys()], ranges, allowsPrerelease)
  const why =
    incompatible === null
      ? `no version meets ${ranges.join(", ") || "what is asked"}; there are ${[...all.keys()].slice(-10).join(", ")}`
      : `${incompatible} would do, but asks for dbt ${[all.get(incompatible)!.require_dbt_version].flat().join(", ")}`
  throw new ProjectError({ file: "packages.yml", message: `${name}: ${why}.` })
}

async function requestsOf(pinned: PinnedPackage, store: PackageStore, render: RenderYaml): Promise<PackageRequest[]> {
  const { folder } = await store.fetch(pinned)
  return readRequests(folder, render)
}
